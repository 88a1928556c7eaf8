//! Hallpass trades long-lived API keys for short-lived signed tokens that every service verifies by itself.
//!
//! This crate is the server and its command line; what a service needs is in `hallpass-verifier`, and
//! what an app needs that holds a key in `hallpass-client`.
//!
//! # The floors
//!
//! Imports go down only, and neighbours on one floor do not know each other; a test (`tests/floors.rs`) holds that.
//! (On the top floor, where all is wired, they do; and everyone reads the numbers in `limit`.)
//!
//! ```text
//! 6  cli · app · telemetry        start, wire, listen; subcommands
//! 5  http · demo                  handlers of the server · a provider to try signing in with
//! 4  flow · jobs                  what the product does · what runs by itself
//! 3  store · upstream             the only room with queries · the only room with openidconnect
//! 2  credential · token           opaque secrets callers hold · JWTs we sign; pure
//! 1  policy                       decisions as pure functions
//! 0  clock · limit · config       now · every number · what the operator said
//! ```
//!
//! # A walk: from key to token
//!
//! `http::oauth::token` reads the form and what was shown → `flow::Flows::exchange` goes through the phases: who
//! (`authenticate`: `store` finds the key, warm in memory, and `credential` compares it) → which grant (`flow::grant`) →
//! for what (`policy::audience`, `policy::scope`) → signed (`token::Keyring`) → counted. Nothing on the way touches the
//! database once the key is warm.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod credential;
pub mod demo;
pub mod flow;
pub mod http;
pub mod jobs;
pub mod limit;
pub mod policy;
pub mod store;
pub mod telemetry;
pub mod token;
pub mod upstream;
