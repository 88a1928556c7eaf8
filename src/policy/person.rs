//! People: what is known of one, and who may see what of it.

use serde::{Deserialize, Serialize};

/// What a sign-in told of a person, in the words of OpenID Connect Core section 5.1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// The full name, for showing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name the person goes by; may change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the provider vouches for it; says nothing without an address.
    pub email_verified: bool,
    /// Groups at the provider.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Roles that the operator gave for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
}

/// One thing that is known of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// `name`
    Name,
    /// `preferred_username`
    PreferredUsername,
    /// `email`
    Email,
    /// `email_verified`
    EmailVerified,
    /// `groups`
    Groups,
    /// `roles`
    Roles,
}

impl Claim {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Name, Self::PreferredUsername, Self::Email, Self::EmailVerified, Self::Groups, Self::Roles];

    /// As it stands in tokens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::PreferredUsername => "preferred_username",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::Groups => "groups",
            Self::Roles => "roles",
        }
    }

    /// The claim of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|claim| claim.as_str() == name)
    }

    /// The scope that asks for it (OpenID Connect Core section 5.4; `groups` and `roles` are ours).
    #[must_use]
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Name | Self::PreferredUsername => "profile",
            Self::Email | Self::EmailVerified => "email",
            Self::Groups => "groups",
            Self::Roles => "roles",
        }
    }
}

impl Person {
    /// What is left when only claims for which `may_see` holds are seen.
    #[must_use]
    pub fn seen(&self, may_see: impl Fn(Claim) -> bool) -> Self {
        Self {
            name: self.name.clone().filter(|_| may_see(Claim::Name)),
            preferred_username: self.preferred_username.clone().filter(|_| may_see(Claim::PreferredUsername)),
            email: self.email.clone().filter(|_| may_see(Claim::Email)),
            email_verified: self.email_verified && may_see(Claim::EmailVerified),
            groups: if may_see(Claim::Groups) { self.groups.clone() } else { vec![] },
            roles: if may_see(Claim::Roles) { self.roles.clone() } else { vec![] },
        }
    }

    /// `email_verified` as it is said: only beside an address or where nothing else is asked.
    #[must_use]
    pub fn said_email_verified(&self, may_see: bool) -> Option<bool> {
        (may_see && self.email.is_some()).then_some(self.email_verified)
    }

    /// Whether the person has one of `roles`; an empty list is everyone.
    #[must_use]
    pub fn has_any_role<'a>(&self, roles: impl IntoIterator<Item = &'a str>) -> bool {
        let mut roles = roles.into_iter().peekable();
        roles.peek().is_none() || roles.any(|role| self.roles.iter().any(|own| own == role))
    }

    /// What to call the person on a page.
    #[must_use]
    pub fn title(&self) -> &str {
        [&self.name, &self.preferred_username, &self.email].into_iter().find_map(Option::as_deref).unwrap_or_default()
    }
}
