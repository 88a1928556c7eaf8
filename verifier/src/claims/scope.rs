use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// What a token allows: tokens with one space between them (RFC 6749 3.3), or nothing at all.
///
/// ```
/// let scope: hallpass_verifier::Scope = "orders:read orders:write".parse().unwrap();
///
/// assert!(scope.has("orders:read"));
/// assert!(!scope.has("orders"), "a token is compared whole");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Scope(String);

/// The text is not a scope: a space too many, or a character that RFC 6749 3.3 does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a scope is printable ASCII without quote and backslash, its tokens one space apart")]
pub struct NotAScope;

impl Scope {
    /// Whether `token` is one of its tokens, compared whole and byte for byte. No text with a space is.
    #[must_use]
    pub fn has(&self, token: &str) -> bool {
        self.iter().any(|granted| granted == token)
    }

    /// Its tokens, in the order they were written.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|token| !token.is_empty())
    }

    /// The text as it is signed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it allows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn new(text: String) -> Result<Self, NotAScope> {
        let is_well_formed =
            text.is_empty() || text.split(' ').all(|token| !token.is_empty() && token.bytes().all(is_scope_character));
        if is_well_formed { Ok(Self(text)) } else { Err(NotAScope) }
    }
}

/// `NQCHAR` of RFC 6749 appendix A.
fn is_scope_character(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

impl FromStr for Scope {
    type Err = NotAScope;

    fn from_str(text: &str) -> Result<Self, NotAScope> {
        Self::new(text.to_owned())
    }
}

impl TryFrom<String> for Scope {
    type Error = NotAScope;

    fn try_from(text: String) -> Result<Self, NotAScope> {
        Self::new(text)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Scope {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
