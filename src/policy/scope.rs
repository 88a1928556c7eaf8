//! Scopes: sets of names, written as OAuth writes them (RFC 6749 section 3.3).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::limit;

/// A set of scopes, kept as single-spaced text without repeats. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Scopes(Arc<str>);

/// The text is no list of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a scope is 1 to 256 visible ASCII characters without quotes or backslash; a list of them is single-spaced, 256 at most"
)]
pub struct NotScopes;

impl FromStr for Scopes {
    type Err = NotScopes;

    /// Reads `scope-token *( SP scope-token )`, or nothing at all. Repeats count once.
    fn from_str(text: &str) -> Result<Self, NotScopes> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut names: Vec<&str> = Vec::new();
        for name in text.split(' ') {
            if !is_scope(name) || names.len() == limit::LIST_MAX {
                return Err(NotScopes);
            }
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(Self::from_names(&names))
    }
}

impl Scopes {
    /// The same text, for what the database holds: it was checked on its way in.
    #[must_use]
    pub fn trusted(text: &str) -> Self {
        Self(text.into())
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Each name once.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|name| !name.is_empty())
    }

    /// Whether `name` is among them, compared whole.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|own| own == name)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first name that is not in `of`.
    #[must_use]
    pub fn first_outside<'a>(&'a self, of: &Self) -> Option<&'a str> {
        self.iter().find(|name| !of.has(name))
    }

    /// Those for which `keep` holds; the text is shared when that is all of them.
    #[must_use]
    pub fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        if self.iter().all(&keep) {
            return self.clone();
        }
        Self::from_names(&self.iter().filter(|name| keep(name)).collect::<Vec<_>>())
    }

    /// Those, and those of `other` behind them.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        let more = other.iter().filter(|name| !self.has(name));
        Self::from_names(&self.iter().chain(more).collect::<Vec<_>>())
    }

    fn from_names(names: &[&str]) -> Self {
        Self(names.join(" ").into())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `%x21 / %x23-5B / %x5D-7E`, once or more.
fn is_scope(name: &str) -> bool {
    (1..=limit::TEXT_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_grammar_of_the_rfc_is_read() {
        for text in
            [" ", "a  b", " a", "a ", "a\tb", "a\"b", "a\\b", "ä", "a\u{a0}b", &"a ".repeat(300), &"a".repeat(257)]
        {
            assert_eq!(text.parse::<Scopes>(), Err(NotScopes), "{text}");
        }
        assert!("a".repeat(256).parse::<Scopes>().is_ok());
    }

    #[test]
    fn scopes_are_compared_whole() {
        let scopes: Scopes = "orders:read billing".parse().unwrap();

        assert!(scopes.has("orders:read"));
        assert!(!scopes.has("orders") && !scopes.has("bill") && !scopes.has(""));
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(names in proptest::collection::vec("[!#-Z^-~]{1,8}", 0..20)) {
            let scopes: Scopes = names.join(" ").parse().unwrap();

            prop_assert_eq!(scopes.to_string().parse::<Scopes>().unwrap(), scopes.clone());
            prop_assert!(names.iter().all(|name| scopes.has(name)));
        }
    }
}
