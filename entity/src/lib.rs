//! The tables as they are.
//!
//! One file per table, one struct per file. Moments (`…_at`) are whole seconds since 1970-01-01 UTC; lists (`scopes`,
//! `resources`, `networks`) are single-spaced text, as OAuth writes a scope. How the tables came to be is the
//! business of the `migration` package, which imports nothing from here.

pub mod api_key;
pub mod app;
pub mod change;
pub mod key_usage;
pub mod pepper;
pub mod resource;
pub mod signing_key;
