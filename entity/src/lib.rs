//! The tables as they are.
//!
//! One file per table, one struct per file. Moments (`…_at`) are whole seconds since 1970-01-01 UTC; lists (`scopes`,
//! `resources`, `networks`) are single-spaced text, as OAuth writes a scope. How the tables came to be is the
//! business of the `migration` package, which imports nothing from here.

pub mod api_key;
pub mod app;
pub mod authorization_code;
pub mod authorization_request;
pub mod change;
pub mod identity;
pub mod job_lease;
pub mod key_usage;
pub mod login_attempt;
pub mod pepper;
pub mod provider;
pub mod provider_logout;
pub mod refresh_token;
pub mod resource;
pub mod revoked_token;
pub mod session;
pub mod signing_key;
pub mod token_family;
pub mod user;
pub mod user_grant;
