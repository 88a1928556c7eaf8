//! An identity: what any provider tells us of a person, in one shape.

use std::fmt;

use hallpass_verifier::NumericDate;
use serde::Deserialize;
use serde_json::Value;

use super::id_token::Claims;
use super::provider::ClaimMapping;
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
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Claims {
        serde_json::from_value(value).unwrap()
    }

    fn read(mapping: &ClaimMapping, documents: &[Value]) -> Identity {
        let documents: Vec<Claims> = documents.iter().cloned().map(object).collect();
        Identity::read("https://id.example", "u1", mapping, &documents.iter().collect::<Vec<_>>())
    }

    fn standard(documents: &[Value]) -> Identity {
        read(&ClaimMapping::default(), documents)
    }

    #[test]
    fn the_id_token_comes_first_and_userinfo_fills_in() {
        let identity = standard(&[
            json!({ "name": "Ada", "acr": "2", "amr": ["pwd", "otp"], "auth_time": 5 }),
            json!({ "name": "Eve", "preferred_username": "ada", "groups": ["a", "b", "a"], "acr": "9" }),
        ]);

        assert_eq!(identity.name.as_deref(), Some("Ada"));
        assert_eq!(identity.preferred_username.as_deref(), Some("ada"));
        assert_eq!(identity.groups, ["a", "b"]);
        assert_eq!((identity.acr.as_deref(), identity.auth_time), (Some("2"), Some(5)));
        assert_eq!(identity.amr, ["pwd", "otp"]);
    }

    #[test]
    fn an_address_is_verified_only_by_a_word_about_it() {
        let (token, other) =
            (json!({ "email": "a@x.example" }), json!({ "email": "b@x.example", "email_verified": true }));
        let word_alone = json!({ "email_verified": true });

        let both = standard(&[token.clone(), other.clone()]);
        assert_eq!((both.email.as_deref(), both.is_email_verified), (Some("b@x.example"), true));
        let apart = standard(&[token.clone(), word_alone.clone()]);
        assert_eq!((apart.email.as_deref(), apart.is_email_verified), (Some("a@x.example"), false));
        let reverse = standard(&[word_alone, token]);
        assert_eq!((reverse.email.as_deref(), reverse.is_email_verified), (Some("a@x.example"), false));
    }

    #[test]
    fn only_a_plain_yes_verifies() {
        let verified =
            |word: Value| standard(&[json!({ "email": "a@x.example", "email_verified": word })]).is_email_verified;

        assert!([json!(true), json!("true"), json!("1"), json!(1)].into_iter().all(verified));
        for no in [json!(false), json!("false"), json!("yes"), json!(2), json!([true]), json!({}), Value::Null] {
            assert!(!verified(no.clone()), "{no}");
        }
    }

    #[test]
    fn an_entra_address_is_unverified_until_the_tenant_says_whose_it_is() {
        let mapping = super::super::Preset::Microsoft.claims();
        let claims = |edov: Value| json!({ "email": "a@x.example", "email_verified": true, "xms_edov": edov });

        assert!(!read(&mapping, &[json!({ "email": "a@x.example", "email_verified": true })]).is_email_verified);
        assert!(!read(&mapping, &[claims(json!(false))]).is_email_verified);
        assert!(read(&mapping, &[claims(json!(true))]).is_email_verified);
    }

    #[test]
    fn a_path_leads_through_objects_and_a_whole_name_wins() {
        let mapping = ClaimMapping { groups: Some("realm_access.roles".to_owned()), ..ClaimMapping::default() };
        let of = |document: Value| read(&mapping, &[document]).groups;

        assert_eq!(of(json!({ "realm_access": { "roles": ["admin"] } })), ["admin"]);
        assert_eq!(of(json!({ "realm_access.roles": "one", "realm_access": { "roles": ["admin"] } })), ["one"]);
        assert_eq!(of(json!({ "realm_access": "roles" })), [""; 0]);
        let name = "https://acme.example/groups";
        let mapping = ClaimMapping { groups: Some(name.to_owned()), ..ClaimMapping::default() };
        assert_eq!(read(&mapping, &[json!({ name: ["x"] })]).groups, ["x"]);
    }

    #[test]
    fn what_can_not_be_kept_is_left_out() {
        let identity = standard(&[json!({
            "email": "no address", "name": "x".repeat(257), "preferred_username": "a\0b",
            "groups": [1, null, "", "ok", ["in"], "a\nb"], "amr": "pwd", "auth_time": "now",
        })]);

        assert_eq!((identity.email, identity.name, identity.preferred_username), (None, None, None));
        assert_eq!(identity.groups, ["ok"]);
        assert_eq!((identity.amr, identity.auth_time), (vec!["pwd".to_owned()], None));
        let many: Vec<String> = (0..1000).map(|group| group.to_string()).collect();
        assert_eq!(standard(&[json!({ "groups": many })]).groups.len(), limit::LIST_MAX);
    }

    #[test]
    fn what_the_mapping_does_not_look_for_is_not_missed() {
        let none =
            ClaimMapping { email: None, email_verified: None, name: None, preferred_username: None, groups: None };
        let claims = object(json!({ "email": "a@x.example", "email_verified": true, "name": "Ada", "groups": [] }));

        assert!(!is_incomplete(&none, &Claims::new()));
        assert!(is_incomplete(&ClaimMapping::default(), &claims));
        assert!(!is_incomplete(&ClaimMapping { preferred_username: None, ..ClaimMapping::default() }, &claims));
    }
}
