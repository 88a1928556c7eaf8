//! Public keys, checked once and ready to verify.
//!
//! In:    the parts of a key, decoded.
//! Out:   `PublicKey`, which verifies one kind of signature and no other.
//! Never: parses a key for a second token; meets a private key.

use ring::agreement::{self, ECDH_P256, EphemeralPrivateKey};
use ring::error::Unspecified;
use ring::rand::SystemRandom;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};

use crate::error::KeyFault;
use crate::{Algorithm, edwards, rsa};

/// The byte before an uncompressed point (SEC 1, 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A key that has passed every check there is for its kind.
pub(crate) enum PublicKey {
    P256(UnparsedPublicKey<[u8; 65]>),
    Rsa(RsaPublicKeyComponents<Box<[u8]>>),
    Ed25519(UnparsedPublicKey<[u8; 32]>),
}

impl PublicKey {
    /// A point of P-256: coordinates of 32 bytes, each below the prime, on the curve. The point at infinity has none.
    pub(crate) fn p256(x: &[u8; 32], y: &[u8; 32]) -> Result<Self, KeyFault> {
        let mut point = [UNCOMPRESSED; 65];
        point[1..33].copy_from_slice(x);
        point[33..].copy_from_slice(y);
        if is_on_p256(&point) {
            Ok(Self::P256(UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)))
        } else {
            Err(KeyFault::Point)
        }
    }

    /// An RSA modulus and exponent, big-endian.
    pub(crate) fn rsa(n: Vec<u8>, e: Vec<u8>) -> Result<Self, KeyFault> {
        rsa::check(&n, &e)?;
        Ok(Self::Rsa(RsaPublicKeyComponents { n: n.into_boxed_slice(), e: e.into_boxed_slice() }))
    }

    /// A point of edwards25519.
    pub(crate) fn ed25519(point: [u8; 32]) -> Result<Self, KeyFault> {
        if edwards::is_good_key(&point) {
            Ok(Self::Ed25519(UnparsedPublicKey::new(&signature::ED25519, point)))
        } else {
            Err(KeyFault::Point)
        }
    }

    /// The one algorithm it verifies.
    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::Es256,
            Self::Rsa(_) => Algorithm::Rs256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// Whether `signature` is this key's over `message`.
    ///
    /// ring refuses `r` and `s` that are zero or not below the order, DER, every wrong length, and an `S` that is not
    /// below L; it recomputes `R` and compares bytes, so an `R` written another way fails too.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Unspecified> {
        match self {
            Self::P256(key) => key.verify(message, signature),
            Self::Rsa(key) => key.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature),
            Self::Ed25519(key) => {
                // Only the holder of the key can make one, and only to make a signature that fits several messages.
                if signature.first_chunk().is_none_or(edwards::is_small_order) {
                    return Err(Unspecified);
                }
                key.verify(message, signature)
            }
        }
    }
}

/// ring has no such question for a signing key, but agreeing on a secret with one answers it.
fn is_on_p256(point: &[u8; 65]) -> bool {
    EphemeralPrivateKey::generate(&ECDH_P256, &SystemRandom::new())
        .and_then(|ours| {
            agreement::agree_ephemeral(ours, &agreement::UnparsedPublicKey::new(&ECDH_P256, point), |_| ())
        })
        .is_ok()
}
