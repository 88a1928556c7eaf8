//! Cryptography for the `jsonwebtoken` crate, done by ring.
//!
//! In:    a key in that crate's types.
//! Out:   signers and verifiers for ES256, RS256 and `EdDSA`; key parts and digests for its JWK functions.
//! Never: overrules a provider that the host chose; the verifier's own checks do not go through here.
//!
//! `jsonwebtoken` without a back-end panics at first use, and its features unify across everything in a host's
//! graph, so somebody has to choose. [`install`] does, unless somebody has. Needs the feature `jsonwebtoken`.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{EllipticCurve, ThumbprintHash};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::rand::SystemRandom;
use ring::signature::{
    self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair, RsaPublicKeyComponents, UnparsedPublicKey,
};

/// The ring provider. [`install`] makes it the process's choice.
pub static RING: CryptoProvider = CryptoProvider {
    signer_factory: new_signer,
    verifier_factory: new_verifier,
    key_utils: KeyUtils {
        rsa_pub_components_from_private_key: rsa_parts_of_private_key,
        rsa_pub_components_from_public_key: rsa_parts_of_public_key,
        ec_pub_components_from_private_key: ec_parts_of_private_key,
        ed_pub_components_from_private_key: ed_part_of_private_key,
        compute_digest,
    },
};

/// Makes ring the process's choice for `jsonwebtoken` and, with the feature `fetch`, for rustls, wherever the host has
/// made none yet.
pub fn install() {
    // An error says that the host chose before us, which is as it should be.
    let _ = RING.install_default();
    #[cfg(feature = "fetch")]
    crate::client::install_ring();
}

/// A private key, ready to sign.
enum RingSigner {
    Es256(EcdsaKeyPair),
    Rs256(Box<RsaKeyPair>),
    EdDsa(Ed25519KeyPair),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the provider's signature")]
fn new_signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    let signer = match (algorithm, key.family()) {
        (Algorithm::ES256, AlgorithmFamily::Ec) => RingSigner::Es256(ecdsa_pair(key.as_bytes())?),
        (Algorithm::RS256, AlgorithmFamily::Rsa) => RingSigner::Rs256(Box::new(rsa_pair(key.as_bytes())?)),
        (Algorithm::EdDSA, AlgorithmFamily::Ed) => RingSigner::EdDsa(ed25519_pair(key.as_bytes())?),
        (Algorithm::ES256 | Algorithm::RS256 | Algorithm::EdDSA, _) => return Err(ErrorKind::InvalidKeyFormat.into()),
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(Box::new(signer))
}

impl Signer<Vec<u8>> for RingSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let random = SystemRandom::new();
        match self {
            Self::Es256(pair) => pair
                .sign(&random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(SignatureError::from_source),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(SignatureError::from_source)?;
                Ok(signature)
            }
            Self::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

impl JwtSigner for RingSigner {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::ES256,
            Self::Rs256(_) => Algorithm::RS256,
            Self::EdDsa(_) => Algorithm::EdDSA,
        }
    }
}

/// A public key and the one algorithm it is used with.
struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the provider's signature")]
fn new_verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    match (algorithm, key.family()) {
        (Algorithm::ES256, AlgorithmFamily::Ec)
        | (Algorithm::RS256, AlgorithmFamily::Rsa)
        | (Algorithm::EdDSA, AlgorithmFamily::Ed) => {
            Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.clone() }))
        }
        (Algorithm::ES256 | Algorithm::RS256 | Algorithm::EdDSA, _) => Err(ErrorKind::InvalidKeyFormat.into()),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let checked = match (self.algorithm, self.key.kind()) {
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::SecretOrDer(der)) => {
                UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, der).verify(message, signature)
            }
            (Algorithm::RS256, DecodingKeyKind::RsaModulusExponent { n, e }) => {
                RsaPublicKeyComponents { n, e }.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(point)) => {
                UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature)
            }
            _ => Err(ring::error::Unspecified),
        };
        checked.map_err(SignatureError::from_source)
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

fn ecdsa_pair(pkcs8: &[u8]) -> Result<EcdsaKeyPair, Error> {
    EcdsaKeyPair::from_pkcs8(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new())
        .map_err(|_| ErrorKind::InvalidEcdsaKey.into())
}

/// `jsonwebtoken` hands over PKCS#1 from PEM; whoever has DER may have PKCS#8.
fn rsa_pair(der: &[u8]) -> Result<RsaKeyPair, Error> {
    RsaKeyPair::from_der(der)
        .or_else(|_| RsaKeyPair::from_pkcs8(der))
        .map_err(|rejected| ErrorKind::InvalidRsaKey(rejected.to_string()).into())
}

/// PKCS#8 of version 1, without the public key, is what most tools write; ring itself writes version 2.
fn ed25519_pair(pkcs8: &[u8]) -> Result<Ed25519KeyPair, Error> {
    Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).map_err(|_| ErrorKind::InvalidEddsaKey.into())
}

fn rsa_parts_of_private_key(der: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let parts = RsaPublicKeyComponents::<Vec<u8>>::from(rsa_pair(der)?.public());
    Ok((parts.n, parts.e))
}

fn rsa_parts_of_public_key(der: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let malformed = || Error::from(ErrorKind::InvalidKeyFormat);
    let (sequence, rest) = tlv(der, 0x30).ok_or_else(malformed)?;
    let (n, after_n) = tlv(sequence, 0x02).ok_or_else(malformed)?;
    let (e, after_e) = tlv(after_n, 0x02).ok_or_else(malformed)?;
    if !rest.is_empty() || !after_e.is_empty() {
        return Err(malformed());
    }
    Ok((unsigned(n).to_vec(), unsigned(e).to_vec()))
}

/// One DER value with this tag: its content, and what follows it.
fn tlv(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, der) = der.split_first()?;
    let (&first, mut der) = der.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let (digits, after) = der.split_at_checked(usize::from(first & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
        der = after;
    }
    (found == tag).then(|| der.split_at_checked(length)).flatten()
}

/// The zero that keeps a DER integer positive is not part of the number.
fn unsigned(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}

fn ec_parts_of_private_key(der: &[u8], algorithm: Algorithm) -> Result<(EllipticCurve, Vec<u8>, Vec<u8>), Error> {
    if algorithm != Algorithm::ES256 {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let pair = ecdsa_pair(der)?;
    let Some((x, y)) = pair.public_key().as_ref().get(1..).and_then(|point| point.split_at_checked(32)) else {
        return Err(ErrorKind::InvalidEcdsaKey.into());
    };
    Ok((EllipticCurve::P256, x.to_vec(), y.to_vec()))
}

fn ed_part_of_private_key(der: &[u8], curve: &EllipticCurve) -> Result<Vec<u8>, Error> {
    match curve {
        EllipticCurve::Ed25519 => Ok(ed25519_pair(der)?.public_key().as_ref().to_vec()),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the provider's signature")]
fn compute_digest(data: &[u8], hash: ThumbprintHash) -> Result<Vec<u8>, Error> {
    let algorithm = match hash {
        ThumbprintHash::SHA256 => &ring::digest::SHA256,
        ThumbprintHash::SHA384 => &ring::digest::SHA384,
        ThumbprintHash::SHA512 => &ring::digest::SHA512,
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    };
    Ok(ring::digest::digest(algorithm, data).as_ref().to_vec())
}
