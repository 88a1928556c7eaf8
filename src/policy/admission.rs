//! Admission: who of those that a provider vouches for may come in, and what they become here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::person::Person;
use super::scope::Scopes;
use crate::limit;

/// What the operator says of a provider's people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Admission {
    /// Domains of e-mail addresses that may come in; none means any. Asking for a domain asks for a verified address.
    pub allowed_domains: Vec<String>,
    /// Whether an address must be there and verified.
    pub requires_verified_email: bool,
    /// Whether an identity is linked to the user who has the same address, when both providers verified it.
    pub links_by_email: bool,
    /// Roles for groups at the provider.
    pub roles: BTreeMap<String, Vec<String>>,
}

/// Why somebody may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAdmitted {
    /// There is no verified address.
    EmailNotVerified,
    /// The address is of another domain.
    DomainNotAllowed,
}

impl Admission {
    /// Whether the rules can be meant: one that never holds keeps everybody out, one that can't be read nobody.
    pub fn check(&self) -> Result<(), String> {
        if self.allowed_domains.len() > limit::LIST_MAX || self.roles.len() > limit::LIST_MAX {
            return Err(format!("more than {} domains or groups", limit::LIST_MAX));
        }
        if let Some(domain) = self.allowed_domains.iter().find(|domain| !is_domain(domain)) {
            return Err(format!("`{domain}` is no domain: write it as example.com"));
        }
        let is_role = |role: &str| !role.contains(' ') && role.parse::<Scopes>().is_ok_and(|role| !role.is_empty());
        for (group, roles) in &self.roles {
            if group.is_empty() || group.chars().count() > limit::TEXT_MAX {
                return Err(format!("a group has a name of 1 to {} characters", limit::TEXT_MAX));
            }
            if let Some(role) = roles.iter().find(|role| !is_role(role)) {
                return Err(format!("`{role}` is no role: visible ASCII characters without quotes or backslash"));
            }
        }
        Ok(())
    }

    /// Whether a person with this address may come in.
    pub fn admit(&self, email: Option<&str>, is_verified: bool) -> Result<(), NotAdmitted> {
        let verified = email.filter(|_| is_verified);
        if (self.requires_verified_email || !self.allowed_domains.is_empty()) && verified.is_none() {
            return Err(NotAdmitted::EmailNotVerified);
        }
        let domain = verified.and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain.to_ascii_lowercase());
        let is_allowed = |domain: &str| self.allowed_domains.iter().any(|own| own.eq_ignore_ascii_case(domain));
        if self.allowed_domains.is_empty() || domain.is_some_and(|domain| is_allowed(&domain)) {
            Ok(())
        } else {
            Err(NotAdmitted::DomainNotAllowed)
        }
    }

    /// The roles of who is in `groups`, each once, in order.
    #[must_use]
    pub fn roles(&self, groups: &[String]) -> Vec<String> {
        let mut roles: Vec<String> =
            groups.iter().filter_map(|group| self.roles.get(group)).flatten().cloned().collect();
        roles.sort_unstable();
        roles.dedup();
        roles
    }
}

/// What may stand behind the `@` of an address; who writes `@` or `*` along means something that never holds.
fn is_domain(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
    text.len() <= limit::TEXT_MAX && text.split('.').all(is_part)
}

impl Person {
    /// The same person with the roles that `admission` gives.
    #[must_use]
    pub fn admitted_by(mut self, admission: &Admission) -> Self {
        self.roles = admission.roles(&self.groups);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(domains: &[&str]) -> Admission {
        Admission { allowed_domains: domains.iter().map(ToString::to_string).collect(), ..Admission::default() }
    }

    #[test]
    fn without_a_rule_everyone_comes_in() {
        assert_eq!(Admission::default().admit(None, false), Ok(()));
    }

    #[test]
    fn a_domain_is_believed_of_a_verified_address_alone() {
        let ours = admission(&["example.com"]);

        assert_eq!(ours.admit(Some("ada@example.com"), true), Ok(()));
        assert_eq!(ours.admit(Some("ada@EXAMPLE.com"), true), Ok(()));
        assert_eq!(ours.admit(Some("ada@example.com"), false), Err(NotAdmitted::EmailNotVerified));
        assert_eq!(ours.admit(None, true), Err(NotAdmitted::EmailNotVerified));
        for other in
            ["ada@example.com.evil.test", "ada@sub.example.com", "ada@example.com@evil.test", "example.com", "ada@"]
        {
            assert_eq!(ours.admit(Some(other), true), Err(NotAdmitted::DomainNotAllowed), "{other}");
        }
    }

    #[test]
    fn rules_that_never_hold_are_refused() {
        let with_role = |group: &str, role: &str| Admission {
            roles: [(group.to_owned(), vec![role.to_owned()])].into(),
            ..Admission::default()
        };

        for good in ["example.com", "EXAMPLE.com", "bücher.example", "localhost"] {
            assert_eq!(admission(&[good]).check(), Ok(()), "{good}");
        }
        for bad in ["", "@example.com", "*.example.com", "example.com.", "ada@example.com", "a b"] {
            assert!(admission(&["example.com", bad]).check().is_err(), "{bad}");
        }
        assert_eq!(with_role("/staff of all", "owner").check(), Ok(()));
        for (group, role) in [("", "owner"), ("staff", ""), ("staff", "two words"), ("staff", "\"")] {
            assert!(with_role(group, role).check().is_err(), "{group} {role}");
        }
    }

    #[test]
    fn groups_become_roles() {
        let roles = BTreeMap::from([
            ("admins".to_owned(), vec!["owner".to_owned(), "staff".to_owned()]),
            ("engineering".to_owned(), vec!["staff".to_owned()]),
        ]);
        let admission = Admission { roles, ..Admission::default() };

        assert_eq!(admission.roles(&["engineering".to_owned(), "admins".to_owned()]), ["owner", "staff"]);
        assert!(admission.roles(&["other".to_owned()]).is_empty());
    }
}
