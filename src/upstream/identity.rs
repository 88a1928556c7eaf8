//! An identity: what any provider tells us of a person, in one shape.

use std::fmt;

use hallpass_verifier::NumericDate;
use serde::Deserialize;
use serde_json::Value;

use super::ClaimMapping;
use super::id_token::{Claims, is_subject};
use crate::limit;

/// The longest e-mail address (RFC 5321 4.5.3.1.3).
const EMAIL_MAX: usize = 254;

/// A person at a provider. `issuer` and `subject` together name them, byte for byte, and nothing else does.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// Whose word it is.
    pub issuer: String,
    /// The person's name there, that never changes and never passes to another.
    pub subject: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Whether the provider vouches for the address. Only `true` may join accounts.
    pub is_email_verified: bool,
    /// A name for showing.
    pub name: Option<String>,
    /// The name they go by; may change and may be taken by another later.
    pub preferred_username: Option<String>,
    /// Their groups, each once.
    pub groups: Vec<String>,
    /// When they last proved who they are, in seconds since 1970. Absent, the provider does not say, and nothing is
    /// known of how fresh the sign-in is, even if `max_age` was asked.
    pub auth_time: Option<i64>,
    /// The session there, if the provider names it: it may end it later (OpenID Connect Back-Channel Logout 2.1).
    pub sid: Option<String>,
    /// How surely, in the provider's terms.
    pub acr: Option<String>,
    /// By what means (RFC 8176).
    pub amr: Vec<String>,
}

impl Identity {
    /// Reads what `mapping` looks for out of `documents`: the ID token's claims, then perhaps those of userinfo. The
    /// first that has a claim is believed.
    pub(super) fn read(issuer: &str, subject: &str, mapping: &ClaimMapping, documents: &[&Claims]) -> Self {
        let first = |name: &Option<String>| find(documents, name.as_deref()).and_then(text);
        let (email, is_email_verified) = email(mapping, documents);
        let token = documents.first();
        let of_token = |name: &str| token.and_then(|claims| claims.get(name));
        Self {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            email,
            is_email_verified,
            name: first(&mapping.name),
            preferred_username: first(&mapping.preferred_username),
            groups: find(documents, mapping.groups.as_deref()).map(texts).unwrap_or_default(),
            auth_time: of_token("auth_time")
                .and_then(|value| NumericDate::deserialize(value).ok())
                .map(NumericDate::as_seconds),
            sid: of_token("sid").and_then(text).filter(|sid| is_subject(sid)),
            acr: of_token("acr").and_then(text),
            amr: of_token("amr").map(texts).unwrap_or_default(),
        }
    }
}

/// Whether `claims` lack something that the mapping looks for.
pub(super) fn is_incomplete(mapping: &ClaimMapping, claims: &Claims) -> bool {
    let ClaimMapping { email, email_verified, name, preferred_username, groups } = mapping;
    [email, email_verified, name, preferred_username, groups]
        .into_iter()
        .flatten()
        .any(|name| at(claims, name).is_none())
}

/// An address and the word that it is theirs come from one document: a word about another address says nothing.
fn email(mapping: &ClaimMapping, documents: &[&Claims]) -> (Option<String>, bool) {
    let Some(name) = &mapping.email else { return (None, false) };
    let pairs = documents.iter().filter_map(|claims| {
        let address = at(claims, name).and_then(text).filter(|text| is_address(text))?;
        Some((address, mapping.email_verified.as_ref().and_then(|name| at(claims, name))))
    });
    let pairs: Vec<(String, Option<&Value>)> = pairs.collect();
    let with_word = pairs.iter().find(|(_, word)| word.is_some()).or(pairs.first());
    with_word.map_or((None, false), |(address, word)| (Some(address.clone()), word.is_some_and(is_yes)))
}

/// Some providers write their booleans as text or numbers.
fn is_yes(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::String(word) => word == "true" || word == "1",
        Value::Number(number) => number.as_u64() == Some(1),
        _ => false,
    }
}

fn find<'c>(documents: &[&'c Claims], name: Option<&str>) -> Option<&'c Value> {
    let name = name?;
    documents.iter().find_map(|claims| at(claims, name))
}

/// A member of that name, or what a path of names leads to. `null` is as good as absent.
fn at<'c>(claims: &'c Claims, name: &str) -> Option<&'c Value> {
    let whole = claims.get(name);
    let found = whole.or_else(|| {
        let mut names = name.split('.');
        let first = claims.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    });
    found.filter(|value| !value.is_null())
}

/// Text that can be kept and shown: 1 to 256 characters without control characters.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let is_fine = (1..=limit::TEXT_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    is_fine.then(|| text.to_owned())
}

/// One text or several, each once, 256 at most.
fn texts(value: &Value) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter().filter_map(text) {
        if found.len() == limit::LIST_MAX {
            tracing::warn!(kept = found.len(), "a provider lists more than can be kept; the rest is left out");
            break;
        }
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

fn is_address(text: &str) -> bool {
    let has_both = text.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    has_both && text.len() <= EMAIL_MAX && !text.contains(char::is_whitespace)
}

/// Who it is, without what is theirs.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({} at {})", self.subject, self.issuer)
    }
}

#[cfg(test)]
mod tests;
