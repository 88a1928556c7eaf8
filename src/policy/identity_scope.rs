//! Identity scopes: what an app may ask about the person rather than about a resource.

use super::person::Claim;

/// The scope that makes a request one of OpenID Connect.
pub const OPENID: &str = "openid";
/// The scope that lets tokens outlive the session (OpenID Connect Core section 11).
pub const OFFLINE_ACCESS: &str = "offline_access";

/// All of them.
pub const ALL: [&str; 6] = [OPENID, "profile", "email", "groups", "roles", OFFLINE_ACCESS];

/// Whether `scope` is one.
#[must_use]
pub fn is_one(scope: &str) -> bool {
    ALL.contains(&scope)
}

/// The claims that `scope` asks for.
pub fn claims(scope: &str) -> impl Iterator<Item = Claim> {
    Claim::ALL.into_iter().filter(move |claim| claim.scope() == scope)
}
