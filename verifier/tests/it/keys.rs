//! Which keys count.

use hallpass_verifier::{KeyFault, KeySet};
use rsa::BigUint;
use serde_json::{Value, json};

use crate::support::{Signer, b64};

/// Why a key does not count, or nothing when it does.
pub(crate) fn fault(jwk: &Value) -> Option<KeyFault> {
    KeySet::from_jwks_json(json!({ "keys": [jwk] }).to_string()).unwrap().refused().first().copied()
}

pub(crate) fn with(signer: &Signer, name: &str, value: impl Into<Value>) -> Value {
    let mut jwk = signer.jwk();
    jwk[name] = value.into();
    jwk
}

fn without(signer: &Signer, name: &str) -> Value {
    let mut jwk = signer.jwk();
    jwk.as_object_mut().unwrap().remove(name);
    jwk
}

fn signers() -> [Signer; 3] {
    [Signer::es256("e1"), Signer::rs256("r1"), Signer::eddsa("o1")]
}

#[test]
fn a_whole_key_of_each_kind_counts() {
    for signer in signers() {
        assert_eq!(fault(&signer.jwk()), None);
        assert_eq!(fault(&without(&signer, "alg")), None);
        assert_eq!(fault(&without(&signer, "use")), None);
        assert_eq!(fault(&with(&signer, "key_ops", json!(["verify"]))), None);
        assert_eq!(fault(&with(&signer, "x5u", "http://attacker.example")), None);
        assert_eq!(fault(&with(&signer, "x5c", json!(["nonsense"]))), None);
        assert_eq!(fault(&with(&signer, "unknown", json!({ "deep": [] }))), None);
    }
}

#[test]
fn types_curves_and_algorithms_that_are_not_ours_do_not_count() {
    for signer in signers() {
        for kty in [json!("XYZ"), json!("ec"), json!(""), json!(null), json!(1), json!(["EC"])] {
            assert_eq!(fault(&with(&signer, "kty", kty)), Some(KeyFault::Unsupported));
        }
        assert_eq!(fault(&without(&signer, "kty")), Some(KeyFault::Unsupported));
        for alg in
            [json!("none"), json!("ES384"), json!("PS256"), json!("ECDH-ES"), json!("RSA-OAEP"), json!(null), json!(1)]
        {
            assert_eq!(fault(&with(&signer, "alg", alg)), Some(KeyFault::Unsupported));
        }
    }
    let [es256, rs256, eddsa] = signers();
    for crv in ["P-384", "P-521", "secp256k1", "p-256", "Ed25519", "X25519"] {
        assert_eq!(fault(&with(&es256, "crv", crv)), Some(KeyFault::Unsupported), "{crv}");
    }
    for crv in ["X25519", "X448", "Ed448", "P-256", "ed25519"] {
        assert_eq!(fault(&with(&eddsa, "crv", crv)), Some(KeyFault::Unsupported), "{crv}");
    }
    assert_eq!(fault(&without(&es256, "crv")), Some(KeyFault::Unsupported));
    assert_eq!(fault(&with(&rs256, "alg", "ES256")), Some(KeyFault::Unsupported));
}

#[test]
fn a_key_with_a_private_or_symmetric_part_does_not_count() {
    for signer in signers() {
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            for value in [json!("AQAB"), json!(null), json!([])] {
                assert_eq!(fault(&with(&signer, name, value)), Some(KeyFault::NotPublic), "{name}");
            }
        }
    }
    for oct in
        [json!({ "kty": "oct", "kid": "s1" }), json!({ "kty": "oct", "kid": "s1", "k": "c2VjcmV0", "alg": "HS256" })]
    {
        assert_eq!(fault(&oct), Some(KeyFault::NotPublic));
    }
}

#[test]
fn use_and_key_ops_have_to_allow_verifying() {
    for signer in signers() {
        for purpose in [json!("enc"), json!("SIG"), json!(""), json!(null), json!(["sig"])] {
            assert_eq!(fault(&with(&signer, "use", purpose)), Some(KeyFault::NotForVerifying));
        }
        for operations in
            [json!([]), json!(["sign"]), json!(["encrypt"]), json!("verify"), json!(null), json!(["verify", 1])]
        {
            assert_eq!(fault(&with(&signer, "key_ops", operations)), Some(KeyFault::NotForVerifying));
        }
        let contradiction = {
            let mut jwk = with(&signer, "key_ops", json!(["verify"]));
            jwk["use"] = "enc".into();
            jwk
        };
        assert_eq!(fault(&contradiction), Some(KeyFault::NotForVerifying));
    }
}

#[test]
fn a_kid_is_text_and_in_a_set_it_is_there() {
    for signer in signers() {
        for kid in [json!(1), json!(null), json!(""), json!("x".repeat(257)), json!(["e1"])] {
            assert_eq!(fault(&with(&signer, "kid", kid)), Some(KeyFault::KeyId));
        }
        assert_eq!(fault(&without(&signer, "kid")), Some(KeyFault::KeyId));
        assert_eq!(fault(&with(&signer, "kid", "é".repeat(256))), None);
    }
}

#[test]
fn coordinates_have_their_exact_length_and_one_encoding() {
    let (es256, eddsa) = (Signer::es256("e1"), Signer::eddsa("o1"));

    for (signer, names) in [(&es256, &["x", "y"][..]), (&eddsa, &["x"])] {
        for name in names {
            let good = signer.jwk()[*name].as_str().unwrap().to_owned();
            let wrong = [
                json!(""),
                json!(good[..42]),
                json!(format!("{good}A")),
                json!(format!("AA{good}")),
                json!(format!("{good}=")),
                json!(format!(" {good}")),
                json!(b64([1; 31])),
                json!(b64([1; 33])),
                json!(b64([0; 64])),
                json!(null),
                json!(7),
            ];
            for value in wrong {
                assert_eq!(fault(&with(signer, name, value)), Some(KeyFault::Encoding));
            }
            assert_eq!(fault(&without(signer, name)), Some(KeyFault::Encoding));
        }
    }
}

#[test]
fn a_point_is_on_its_curve() {
    let (es256, eddsa) = (Signer::es256("e1"), Signer::eddsa("o1"));
    let prime = BigUint::parse_bytes(b"FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF", 16).unwrap();

    for (x, y) in [([0; 32], [0; 32]), ([1; 32], [2; 32]), ([0xff; 32], [0xff; 32])] {
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": "e1", "x": b64(x), "y": b64(y) });
        assert_eq!(fault(&jwk), Some(KeyFault::Point));
    }
    assert_eq!(fault(&with(&es256, "x", b64(prime.to_bytes_be()))), Some(KeyFault::Point), "not below the prime");
    assert_eq!(fault(&with(&es256, "y", es256.jwk()["x"].clone())), Some(KeyFault::Point));

    // About half of all y have no x.
    let refused = (2_u8..100).filter(|first| {
        let mut y = [0; 32];
        y[0] = *first;
        fault(&with(&eddsa, "x", b64(y))) == Some(KeyFault::Point)
    });
    assert!((30..70).contains(&refused.count()));
    let mut not_below_the_prime = [0xff; 32];
    not_below_the_prime[31] = 0x7f;
    for first in 0xed..=0xff {
        not_below_the_prime[0] = first;
        assert_eq!(fault(&with(&eddsa, "x", b64(not_below_the_prime))), Some(KeyFault::Point));
    }
}
