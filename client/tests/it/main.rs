//! The client seen from outside: a real issuer that can misbehave, real requests, a clock that is held.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that can't go on should stop")]

mod support;

mod addresses;
mod building;
mod crowd;
mod ends;
mod keys;
mod lifetimes;
#[cfg(feature = "middleware")]
mod middleware;
mod refusals;
mod targets;
mod tls;
mod trade;
mod trouble;
