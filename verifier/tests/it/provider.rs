//! ring behind the `jsonwebtoken` crate.

use hallpass_verifier::{Algorithm, provider, verify_jws};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use rsa::pkcs8::EncodePrivateKey as _;
use serde_json::{Value, json};

fn keys() -> Vec<(Algorithm, EncodingKey)> {
    let random = SystemRandom::new();
    let rsa = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    vec![
        (Algorithm::Es256, EncodingKey::from_ec_der(p256.as_ref())),
        (Algorithm::Rs256, EncodingKey::from_rsa_der(rsa.to_pkcs1_der().unwrap().as_bytes())),
        (Algorithm::Rs256, EncodingKey::from_rsa_der(rsa.to_pkcs8_der().unwrap().as_bytes())),
        (Algorithm::EdDsa, EncodingKey::from_ed_der(ed25519.as_ref())),
    ]
}

#[test]
fn what_it_signs_verifies_here_and_there() {
    provider::install();
    provider::install();

    for (algorithm, key) in keys() {
        let token =
            jsonwebtoken::encode(&Header::new(algorithm.into()), &json!({ "exp": 9_999_999_999_u64 }), &key).unwrap();
        // `Jwk::from_encoding_key` reads Ed25519 keys of version 1 only; ring writes version 2.
        if algorithm == Algorithm::EdDsa {
            continue;
        }
        let jwk = Jwk::from_encoding_key(&key, algorithm.into()).unwrap();
        let mut rules = Validation::new(algorithm.into());
        rules.validate_aud = false;

        let there = jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &rules);
        let here = verify_jws(&token, &serde_json::to_string(&jwk).unwrap(), algorithm);

        assert!(there.is_ok(), "{there:?}");
        assert!(here.is_ok(), "{here:?}");
        let mut other = token.into_bytes();
        other[30] ^= 1;
        assert!(jsonwebtoken::decode::<Value>(&other, &DecodingKey::from_jwk(&jwk).unwrap(), &rules).is_err());
    }
}

#[test]
fn it_signs_with_ed25519_of_both_versions() {
    provider::install();
    let two = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    // Version 1 is the same without the public key.
    let mut one = two.as_ref()[..48].to_vec();
    (one[1], one[4]) = (46, 0);

    for der in [two.as_ref(), &one] {
        let key = EncodingKey::from_ed_der(der);
        let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDsa.into()), &json!({}), &key).unwrap();
        let jwk = Jwk::from_encoding_key(&EncodingKey::from_ed_der(&one), Algorithm::EdDsa.into()).unwrap();
        assert!(verify_jws(&token, &serde_json::to_string(&jwk).unwrap(), Algorithm::EdDsa).is_ok());
    }
}

#[test]
fn rfc_7638_has_its_thumbprint() {
    provider::install();
    let jwk: Jwk = serde_json::from_value(json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    }))
    .unwrap();

    let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).unwrap();

    assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn what_is_not_ours_is_an_error_and_no_panic() {
    provider::install();
    let [(_, p256), (_, rsa), ..] = &keys()[..] else { unreachable!() };

    for (algorithm, key) in [
        (jsonwebtoken::Algorithm::HS256, &EncodingKey::from_secret(b"secret")),
        (jsonwebtoken::Algorithm::PS256, rsa),
        (jsonwebtoken::Algorithm::ES384, p256),
        (jsonwebtoken::Algorithm::ES256, &EncodingKey::from_ec_der(b"no key")),
    ] {
        assert!(jsonwebtoken::encode(&Header::new(algorithm), &json!({}), key).is_err(), "{algorithm:?}");
    }
    assert!(Jwk::from_encoding_key(&EncodingKey::from_rsa_der(b"no key"), jsonwebtoken::Algorithm::RS256).is_err());
    let der = DecodingKey::from_rsa_der(b"\x30\x84\xff\xff\xff\xff");
    assert!(Jwk::from_decoding_key(&der, None).is_err());
}
