//! Key pairs: made, read from PKCS#8, used to sign, shown as a JWK.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hallpass_verifier::{Algorithm, provider};
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, EllipticCurveKeyParameters, EllipticCurveKeyType, Jwk,
    KeyAlgorithm, OctetKeyPairParameters, OctetKeyPairType, PublicKeyUse, RSAKeyParameters, RSAKeyType, ThumbprintHash,
};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
    RsaPublicKeyComponents,
};
use rsa::pkcs8::EncodePrivateKey;
use zeroize::Zeroizing;

const RSA_BITS: usize = 2048;

/// A private key, parsed once and ready to sign.
pub enum KeyPair {
    /// ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4).
    Es256(EcdsaKeyPair),
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3).
    Rs256(Box<RsaKeyPair>),
    /// Ed25519 (RFC 8037).
    EdDsa(Ed25519KeyPair),
}

/// The public half of a key pair, as the JWKS shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// RFC 7638 thumbprint (SHA-256, base64url).
    pub kid: String,
    /// The JWK with `kid`, `use` and `alg`, as JSON text.
    pub jwk: String,
}

/// Bytes that are no private key of the algorithm they should be for, or a key that could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a usable private key")]
pub struct BadKeyPair;

impl KeyPair {
    /// Makes a key pair and gives its private key as PKCS#8. RSA takes up to a second: not for a request's thread.
    pub fn generate(algorithm: Algorithm) -> Result<Zeroizing<Vec<u8>>, BadKeyPair> {
        let random = SystemRandom::new();
        let bytes = match algorithm {
            Algorithm::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
                .map_err(|_| BadKeyPair)?
                .as_ref()
                .to_vec(),
            Algorithm::EdDsa => Ed25519KeyPair::generate_pkcs8(&random).map_err(|_| BadKeyPair)?.as_ref().to_vec(),
            Algorithm::Rs256 => {
                let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, RSA_BITS).map_err(|_| BadKeyPair)?;
                key.to_pkcs8_der().map_err(|_| BadKeyPair)?.as_bytes().to_vec()
            }
        };
        Ok(Zeroizing::new(bytes))
    }

    /// Reads a private key as [`KeyPair::generate`] gives it.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, BadKeyPair> {
        let random = SystemRandom::new();
        match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der, &random).map(Self::Es256)
            }
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(der).map(Self::EdDsa),
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(der).map(|pair| Self::Rs256(Box::new(pair))),
        }
        .map_err(|_| BadKeyPair)
    }

    /// Signs `message` as JWS wants it (ES256: `r || s`).
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, BadKeyPair> {
        let random = SystemRandom::new();
        match self {
            Self::Es256(pair) => {
                pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()).map_err(|_| BadKeyPair)
            }
            Self::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(|_| BadKeyPair)?;
                Ok(signature)
            }
        }
    }

    /// Its public half.
    pub fn public(&self) -> Result<PublicKey, BadKeyPair> {
        provider::install();
        let (algorithm, parameters) = self.parameters();
        let mut jwk = Jwk {
            common: CommonParameters {
                public_key_use: Some(PublicKeyUse::Signature),
                key_algorithm: Some(algorithm),
                ..CommonParameters::default()
            },
            algorithm: parameters,
        };
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| BadKeyPair)?;
        jwk.common.key_id = Some(kid.clone());
        Ok(PublicKey { kid, jwk: serde_json::to_string(&jwk).map_err(|_| BadKeyPair)? })
    }

    fn parameters(&self) -> (KeyAlgorithm, AlgorithmParameters) {
        match self {
            Self::Es256(pair) => {
                // The uncompressed point: 0x04, then x and y, 32 bytes each.
                let point = pair.public_key().as_ref();
                let parameters = EllipticCurveKeyParameters {
                    key_type: EllipticCurveKeyType::EC,
                    curve: EllipticCurve::P256,
                    x: BASE64URL.encode(&point[1..33]),
                    y: BASE64URL.encode(&point[33..65]),
                };
                (KeyAlgorithm::ES256, AlgorithmParameters::EllipticCurve(parameters))
            }
            Self::Rs256(pair) => {
                let public: RsaPublicKeyComponents<Vec<u8>> = pair.public().into();
                let parameters = RSAKeyParameters {
                    key_type: RSAKeyType::RSA,
                    n: BASE64URL.encode(&public.n),
                    e: BASE64URL.encode(&public.e),
                };
                (KeyAlgorithm::RS256, AlgorithmParameters::RSA(parameters))
            }
            Self::EdDsa(pair) => {
                let parameters = OctetKeyPairParameters {
                    key_type: OctetKeyPairType::OctetKeyPair,
                    curve: EllipticCurve::Ed25519,
                    x: BASE64URL.encode(pair.public_key()),
                };
                (KeyAlgorithm::EdDSA, AlgorithmParameters::OctetKeyPair(parameters))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_signs_what_its_own_jwk_verifies() {
        for algorithm in Algorithm::ALL {
            let pair = KeyPair::from_pkcs8(algorithm, &KeyPair::generate(algorithm).unwrap()).unwrap();
            let public = pair.public().unwrap();
            let header = BASE64URL.encode(format!(r#"{{"alg":"{algorithm}","kid":"{}"}}"#, public.kid));
            let signed = format!("{header}.{}", BASE64URL.encode("hello"));

            let token = format!("{signed}.{}", BASE64URL.encode(pair.sign(signed.as_bytes()).unwrap()));

            assert_eq!(hallpass_verifier::verify_jws(&token, &public.jwk, algorithm).unwrap(), b"hello");
        }
    }

    #[test]
    fn a_jwk_says_what_it_is_for_and_holds_nothing_private() {
        for algorithm in Algorithm::ALL {
            let pair = KeyPair::from_pkcs8(algorithm, &KeyPair::generate(algorithm).unwrap()).unwrap();

            let jwk: serde_json::Value = serde_json::from_str(&pair.public().unwrap().jwk).unwrap();

            assert_eq!((&jwk["use"], &jwk["alg"]), (&"sig".into(), &algorithm.as_str().into()));
            assert!(["d", "p", "q", "k"].iter().all(|private| jwk.get(private).is_none()));
        }
    }
}
