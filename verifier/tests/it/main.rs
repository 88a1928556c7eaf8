//! The verifier seen from outside: real signatures, a real issuer that can misbehave, a clock that is held.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that can't go on should stop")]

mod support;

mod addresses;
mod away;
mod building;
mod claims;
mod contract;
mod crowd;
#[cfg(feature = "actix")]
mod door;
mod fetching;
mod form;
mod freshness;
mod header;
mod jws;
mod keys;
mod provider;
mod remote;
mod rsa_keys;
mod sets;
mod signatures;
#[cfg(feature = "actix")]
mod street;
mod times;
mod tls;
