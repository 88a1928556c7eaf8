#![doc = include_str!("../README.md")]

#[cfg(feature = "actix")]
pub mod actix;
pub mod address;
mod advice;
mod algorithm;
pub mod blocking;
mod builder;
mod cache;
mod claims;
#[cfg(feature = "fetch")]
mod client;
mod clock;
mod crypto;
mod desk;
mod door;
mod edwards;
mod encoding;
mod error;
mod fetch;
mod freshness;
mod health;
mod http_get;
mod issuer;
mod jwk;
mod jws;
mod keyset;
mod limits;
#[cfg(feature = "metrics")]
mod metrics;
mod profile;
#[cfg(feature = "jsonwebtoken")]
pub mod provider;
mod remote;
mod rsa;
mod rules;
mod source;
pub mod strict_json;
#[cfg(feature = "tower")]
pub mod tower;
mod unverified;
mod verifier;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use builder::VerifierBuilder;
pub use claims::{Actor, Audience, Claims, Confirmation, NotAScope, NumericDate, Scope, Status, StatusListRef};
pub use clock::{Clock, HeldClock};
pub use door::{Challenge, ScopeRule, bearer_token};
pub use error::{BuildError, Error, KeyFault, Part};
pub use fetch::NoAnswer;
pub use health::{CacheHealth, Health, Standing};
pub use http_get::{GetFuture, GetRequest, GetResponse, HttpGet};
pub use jws::verify_jws;
pub use keyset::{KeySet, NotAKeySet};
pub use profile::{Profile, UnknownProfile};
pub use remote::{Jws, RemoteKeySet};
pub use verifier::Verifier;
