//! Tokens: JWTs we sign, and the keys that sign them.
//!
//! In:    claims and a profile; the signing keys as they stand.
//! Out:   a compact JWS; the JWKS; what the key ring needs done.
//! Never: reads a disk or a database, asks the time.

mod document;
mod id_token;
mod key_pair;
mod keyring;
pub mod schedule;

pub use document::Document;
pub use id_token::{IdClaims, at_hash};
pub use key_pair::{BadKeyPair, KeyPair, PublicKey};
pub use keyring::{Keyring, SigningKey};
