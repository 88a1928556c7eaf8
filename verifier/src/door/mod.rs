//! At the door of a service, whatever it is built with: what was shown, and how to say no (RFC 6750).
//!
//! In:    the `Authorization` lines and the query of a request; verified claims.
//! Out:   the text of one token; whether the claims allow the route; the answer to whoever stays outside.
//! Never: verifies, reads a body, or knows a framework. Those are in `actix` and `tower`, which share this.

mod challenge;
mod credentials;
mod scope_rule;

pub use challenge::Challenge;
pub use credentials::bearer_token;
pub use scope_rule::ScopeRule;
