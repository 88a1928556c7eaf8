//! Opaque secrets: the keys that callers hold, and the keys that keep ours.
//!
//! In:    text that might be an API key or a PKCE verifier; bytes to seal.
//! Out:   an `ApiKey` or `NotAnApiKey`; whether a verifier is the one; a hash to keep; sealed bytes.
//! Never: touches a disk, a database or the network; prints a secret.

mod api_key;
mod base62;
mod pepper;
mod pkce;
mod root_key;
mod seal;

pub use api_key::{ApiKey, Environment, KeyId, NotAnApiKey, Prefix};
pub use pepper::{Pepper, SecretHash};
pub use pkce::{Challenge, NotAChallenge, NotAVerifier, Verifier};
pub use root_key::{NotARootKey, RootKey, RootKeys};
pub use seal::{CannotUnseal, Purpose, Sealed};
