//! The token parser against bytes of a stranger, with and without a good signature over them.
//!
//! The first byte says what the rest is: a token, a payload, a header, a JWKS, or a JWK. Whatever it is, nothing
//! panics; and what is accepted obeys the rules when somebody else reads it.
//!
//! ```sh
//! cargo +nightly fuzz run token -- -dict=fuzz/dictionaries/token.dict
//! ```
#![no_main]

use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_verifier::{Algorithm, Claims, Clock, Error, HeldClock, KeySet, Verifier, verify_jws};
use libfuzzer_sys::fuzz_target;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://api.example";
const NOW: i64 = 1_700_000_000;
const HEADER: &str = r#"{"alg":"EdDSA","kid":"o1","typ":"at+jwt"}"#;

struct House {
    key: Ed25519KeyPair,
    jwk: String,
    payload: String,
    verifier: Verifier,
}

static HOUSE: LazyLock<House> = LazyLock::new(|| {
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("any seed makes a key");
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "o1", "x": URL_SAFE_NO_PAD.encode(key.public_key()) });
    let payload = json!({
        "iss": ISSUER, "sub": "s", "aud": AUDIENCE, "exp": NOW + 300, "iat": NOW, "jti": "j", "client_id": "c",
    });
    let keys = KeySet::from_jwks_json(json!({ "keys": [jwk] }).to_string()).expect("a good set");
    let verifier = Verifier::builder(ISSUER)
        .audience(AUDIENCE)
        .keys(keys)
        .clock(Clock::Held(HeldClock::at(NOW)))
        .build()
        .expect("a good description");
    House { key, jwk: jwk.to_string(), payload: payload.to_string(), verifier }
});

impl House {
    fn verify(&self, token: &str) -> Result<Claims, Error> {
        match std::pin::pin!(self.verifier.verify(token)).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(verdict) => verdict,
            Poll::Pending => panic!("the keys are at hand"),
        }
    }

    fn sign(&self, header: &[u8], payload: &[u8]) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What another reader of the same JSON must see in a header and a payload that were accepted.
fn must_obey(header: &[u8], payload: &[u8], claims: &Claims) {
    let header: Value = serde_json::from_slice(header).expect("an accepted header is JSON");
    assert_eq!((&header["alg"], &header["kid"]), (&json!("EdDSA"), &json!("o1")));
    assert!(header["typ"].as_str().is_some_and(|typ| typ.to_ascii_lowercase().ends_with("at+jwt")));
    assert!(header.get("crit").is_none() && header.get("b64").is_none());

    let payload: Value = serde_json::from_slice(payload).expect("an accepted payload is JSON");
    assert_eq!(payload["iss"], ISSUER);
    assert!(payload["aud"] == AUDIENCE || payload["aud"].as_array().is_some_and(|aud| aud.contains(&json!(AUDIENCE))));
    assert!(payload["exp"].as_f64().is_some_and(|exp| exp + 30.0 > 1_700_000_000.0));
    assert!(payload["iat"].as_f64().is_some_and(|iat| iat <= 1_700_000_030.0));
    assert!(payload.get("cnf").is_none());
    for name in ["sub", "jti", "client_id"] {
        assert!(payload[name].as_str().is_some_and(|text| (1..=256).contains(&text.chars().count())));
    }
    let again: Claims = serde_json::from_value(serde_json::to_value(claims).expect("claims are JSON")).expect("and back");
    assert_eq!(&again, claims);
}

fuzz_target!(|input: (u8, &[u8])| {
    let house = &*HOUSE;
    let (kind, bytes) = input;
    match kind % 5 {
        0 => {
            let Ok(token) = std::str::from_utf8(bytes) else { return };
            assert!(house.verify(token).is_err(), "nobody can forge it");
            for algorithm in Algorithm::ALL {
                assert!(verify_jws(token, &house.jwk, algorithm).is_err());
            }
        }
        1 => {
            let token = house.sign(HEADER.as_bytes(), bytes);
            if token.len() <= 8192 {
                assert_eq!(verify_jws(&token, &house.jwk, Algorithm::EdDsa).as_deref(), Ok(bytes));
            }
            if let Ok(claims) = house.verify(&token) {
                must_obey(HEADER.as_bytes(), bytes, &claims);
            }
        }
        2 => {
            let token = house.sign(bytes, house.payload.as_bytes());
            if let Ok(claims) = house.verify(&token) {
                must_obey(bytes, house.payload.as_bytes(), &claims);
            }
        }
        3 => {
            if let Ok(keys) = KeySet::from_jwks_json(bytes) {
                assert!(keys.len() + keys.refused().len() <= 64);
            }
        }
        _ => {
            let Ok(jwk) = std::str::from_utf8(bytes) else { return };
            let token = house.sign(HEADER.as_bytes(), b"x");
            if verify_jws(&token, jwk, Algorithm::EdDsa).is_ok() {
                let jwk: Value = serde_json::from_str(jwk).expect("an accepted key is JSON");
                assert!(jwk.get("d").is_none() && jwk["kty"] == "OKP");
            }
        }
    }
});
