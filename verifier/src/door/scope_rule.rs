//! What a route asks of a token's scope.
//!
//! In:    the scopes of a route, as its author wrote them; verified claims.
//! Out:   whether they allow it, and which scope would.
//! Never: lets anybody in because a rule was written wrongly.

use super::Challenge;
use crate::Claims;

/// The scopes of a route: some that are all needed, and some of which one is.
///
/// Each text is scope tokens one space apart (RFC 6749 3.3), compared whole. An empty one asks for nothing; a malformed
/// one, such as with two spaces, lets nobody in.
///
/// ```
/// use hallpass_verifier::{Challenge, Claims, ScopeRule};
///
/// const RULE: ScopeRule = ScopeRule::all_of("orders:read").and_any_of("shop:eu shop:us");
/// let claims = |scope: &str| Claims { scope: scope.parse().ok(), ..Claims::default() };
///
/// assert!(RULE.check(&claims("shop:us orders:read")).is_ok());
/// // Who is refused learns the least that would do.
/// let refused = RULE.check(&claims("orders:read"));
/// assert_eq!(refused, Err(Challenge::InsufficientScope { scope: "orders:read shop:eu".into() }));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeRule {
    all: &'static str,
    any: &'static str,
}

impl ScopeRule {
    /// Asks for nothing: every good token will do.
    #[must_use]
    pub const fn nothing() -> Self {
        Self { all: "", any: "" }
    }

    /// Asks for every one of `scopes`.
    #[must_use]
    pub const fn all_of(scopes: &'static str) -> Self {
        Self { all: scopes, any: "" }
    }

    /// Asks for one of `scopes`, whichever it is. Write the weakest first: it is what a refusal names.
    #[must_use]
    pub const fn any_of(scopes: &'static str) -> Self {
        Self { all: "", any: scopes }
    }

    /// Asks for one of `scopes` besides.
    #[must_use]
    pub const fn and_any_of(self, scopes: &'static str) -> Self {
        Self { any: scopes, ..self }
    }

    /// Goes on if the token allows it; else 403 `insufficient_scope`, which names every scope that is needed and, of
    /// those of which one will do, the one the token has or else the first.
    pub fn check(&self, claims: &Claims) -> Result<(), Challenge> {
        let (all, any) = (self.all, self.any);
        // A text with a space too many has an empty token, which no token's scope has.
        let has_all = all.is_empty() || all.split(' ').all(|scope| claims.has_scope(scope));
        let is_written = any.is_empty() || any.split(' ').all(|scope| !scope.is_empty());
        let chosen = any.split(' ').find(|scope| is_written && claims.has_scope(scope));
        if has_all && (any.is_empty() || chosen.is_some()) {
            return Ok(());
        }
        let one = chosen.or_else(|| any.split(' ').next());
        let needed = [Some(all), one].into_iter().flatten().filter(|scope| !scope.is_empty());
        Err(Challenge::InsufficientScope { scope: needed.collect::<Vec<_>>().join(" ") })
    }
}
