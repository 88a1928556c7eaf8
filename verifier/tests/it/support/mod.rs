mod house;
#[cfg(feature = "fetch")]
mod issuer;
mod signer;

pub(crate) use house::{AUDIENCE, House, ISSUER, NOW, claims, is_unavailable, with, without};
#[cfg(feature = "fetch")]
pub(crate) use issuer::{Issuer, Reply};
pub(crate) use signer::{Signer, b64, compact, rsa_jwk};
