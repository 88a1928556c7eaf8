//! Which of a provider's claims hold what we want to know.

use serde::{Deserialize, Serialize};

/// The names of the claims that hold what we want to know. The subject is always `sub`.
///
/// A name is that of a member, or leads through objects with dots: `realm_access.roles`. Without one, nothing is looked
/// for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimMapping {
    /// An e-mail address.
    pub email: Option<String>,
    /// Whether the provider vouches for it; otherwise nobody does.
    pub email_verified: Option<String>,
    /// A name for showing.
    pub name: Option<String>,
    /// The name the person goes by.
    pub preferred_username: Option<String>,
    /// Groups: an array of text, or one text.
    pub groups: Option<String>,
}

impl Default for ClaimMapping {
    /// What `OpenID` Connect Core 5.1 calls them; `groups` is custom, not standard.
    fn default() -> Self {
        let claim = |name: &str| Some(name.to_owned());
        Self {
            email: claim("email"),
            email_verified: claim("email_verified"),
            name: claim("name"),
            preferred_username: claim("preferred_username"),
            groups: claim("groups"),
        }
    }
}

/// There is no claim of ours of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of the claims we look for: email, email_verified, name, preferred_username, groups")]
pub struct UnknownClaim(String);

impl ClaimMapping {
    /// Our claims, each with the name of theirs that holds it.
    #[must_use]
    pub fn pairs(&self) -> [(&'static str, Option<&str>); 5] {
        [
            ("email", self.email.as_deref()),
            ("email_verified", self.email_verified.as_deref()),
            ("name", self.name.as_deref()),
            ("preferred_username", self.preferred_username.as_deref()),
            ("groups", self.groups.as_deref()),
        ]
    }

    /// Says that `theirs` holds what we call `ours`; nothing does when it is empty.
    pub fn set(&mut self, ours: &str, theirs: &str) -> Result<(), UnknownClaim> {
        let slot = match ours {
            "email" => &mut self.email,
            "email_verified" => &mut self.email_verified,
            "name" => &mut self.name,
            "preferred_username" => &mut self.preferred_username,
            "groups" => &mut self.groups,
            _ => return Err(UnknownClaim(ours.to_owned())),
        };
        *slot = Some(theirs.to_owned()).filter(|theirs| !theirs.is_empty());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_claim_can_be_renamed_or_left_out() {
        let mut claims = ClaimMapping::default();

        for (name, _) in ClaimMapping::default().pairs() {
            claims.set(name, &format!("their_{name}")).unwrap();
        }
        claims.set("groups", "").unwrap();

        assert_eq!(claims.pairs()[0], ("email", Some("their_email")));
        assert_eq!(claims.pairs()[4], ("groups", None));
        assert!(claims.set("sub", "id").is_err(), "who it is can't be chosen");
    }
}
