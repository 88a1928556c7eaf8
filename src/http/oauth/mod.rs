//! The OAuth endpoints, one file each.

mod asked;
pub(super) mod authorize;
pub(super) mod introspect;
pub(super) mod logout;
pub(super) mod provider_logout;
pub(super) mod revoke;
pub(super) mod token;
pub(super) mod userinfo;
