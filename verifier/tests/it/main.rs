//! The verifier seen from outside: real signatures, a real issuer that can misbehave, a clock that is held.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that can't go on should stop")]

mod support;

#[cfg(feature = "fetch")]
mod addresses;
#[cfg(feature = "fetch")]
mod away;
mod blocking;
#[cfg(feature = "fetch")]
mod building;
mod cache;
mod claims;
mod contract;
mod crates;
#[cfg(feature = "fetch")]
mod crowd;
#[cfg(feature = "actix")]
mod door;
#[cfg(feature = "fetch")]
mod fetching;
mod form;
#[cfg(feature = "fetch")]
mod freshness;
mod header;
mod health;
mod http_get;
mod jws;
mod keys;
#[cfg(feature = "fetch")]
mod log;
#[cfg(all(feature = "metrics", feature = "fetch"))]
mod metrics;
#[cfg(feature = "jsonwebtoken")]
mod provider;
#[cfg(feature = "fetch")]
mod remote;
mod rsa_keys;
mod scopes;
mod sets;
mod several;
mod signatures;
#[cfg(feature = "actix")]
mod street;
mod times;
#[cfg(feature = "fetch")]
mod tls;
#[cfg(feature = "tower")]
mod tower;
