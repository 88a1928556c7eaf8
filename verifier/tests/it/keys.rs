//! Which keys count.

use hallpass_verifier::{Algorithm, Error, KeyFault, KeySet, NotAKeySet, verify_jws};
use rsa::BigUint;
use serde_json::{Value, json};

use crate::support::{Signer, b64, rsa_jwk};

/// Why a key does not count, or nothing when it does.
fn fault(jwk: &Value) -> Option<KeyFault> {
    let set = KeySet::from_jwks_json(json!({ "keys": [jwk] }).to_string()).unwrap();
    let alone = verify_jws("e30.e30.e30", &jwk.to_string(), Algorithm::Es256);
    assert_eq!(alone, Err(Error::Algorithm), "the header is judged first");
    set.refused().first().copied()
}

fn with(signer: &Signer, name: &str, value: impl Into<Value>) -> Value {
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

/// An odd number of so many bits that is a product of nothing in particular.
fn modulus(bits: usize) -> BigUint {
    let mut bytes = vec![0x5b; bits.div_ceil(8)];
    *bytes.last_mut().unwrap() = 0x5b;
    bytes[0] = u8::try_from(0xff_u32 >> ((8 - bits % 8) % 8)).unwrap();
    BigUint::from_bytes_be(&bytes)
}

fn rsa_fault(n: &BigUint, e: &[u8]) -> Option<KeyFault> {
    let mut jwk = rsa_jwk(&n.to_bytes_be(), e);
    jwk["kid"] = "r1".into();
    fault(&jwk)
}

#[test]
fn an_rsa_modulus_has_2048_to_8192_bits_and_is_odd() {
    let e = &[1, 0, 1];

    for bits in [2048, 2056, 3072, 4096, 8192] {
        assert_eq!(rsa_fault(&modulus(bits), e), None, "{bits}");
    }
    for bits in [8, 512, 1024, 2040, 2047, 8193, 16384, 65536] {
        assert_eq!(rsa_fault(&modulus(bits), e), Some(KeyFault::Modulus), "{bits}");
    }
    assert_eq!(rsa_fault(&(modulus(2048) - 1_u32), e), Some(KeyFault::Modulus), "even");
}

#[test]
fn an_rsa_exponent_is_odd_and_at_least_3() {
    let n = modulus(2048);

    for e in [&[3][..], &[17], &[1, 0, 1], &[1, 0, 0, 0, 1]] {
        assert_eq!(rsa_fault(&n, e), None, "{e:?}");
    }
    for e in [&[1][..], &[2], &[4], &[1, 0, 0], &[1, 0, 0, 0, 0, 1]] {
        assert_eq!(rsa_fault(&n, e), Some(KeyFault::Exponent), "{e:?}");
    }
    for e in [&[][..], &[0], &[0, 1, 0, 1]] {
        assert_eq!(rsa_fault(&n, e), Some(KeyFault::Encoding), "{e:?}");
    }
    let padded = [&[0][..], &n.to_bytes_be()].concat();
    let mut jwk = rsa_jwk(&padded, &[1, 0, 1]);
    jwk["kid"] = "r1".into();
    assert_eq!(fault(&jwk), Some(KeyFault::Encoding));
}

#[test]
fn a_modulus_of_the_make_that_gives_its_factors_away_does_not_count() {
    // Its factors are k·M + 65537^a mod M, so modulo each small prime it is a power of 65537.
    let small: BigUint = (3..=167_u32).filter(|n| (2..*n).all(|d| n % d != 0)).map(BigUint::from).product();
    let power = |a: u32| BigUint::from(65537_u32).modpow(&BigUint::from(a), &small);
    let factor = |a: u32, k: &BigUint| {
        k * 2_u32 * &small
            + power(a)
            + if power(a).to_bytes_le()[0] % 2 == 0 { small.clone() } else { BigUint::from(0_u32) }
    };
    let k = BigUint::from(3_u32) << 805;

    let n = factor(1234, &k) * factor(4321, &k);

    assert!((2048..=2100).contains(&n.bits()), "{}", n.bits());
    assert_eq!(rsa_fault(&n, &[1, 0, 1]), Some(KeyFault::Modulus));
    assert_eq!(rsa_fault(&(n + 2_u32), &[1, 0, 1]), None);
}

#[test]
fn a_bad_key_costs_itself_only() {
    let good = Signer::es256("good");
    let bad = [
        json!(null),
        json!(7),
        json!("key"),
        json!([]),
        json!({}),
        json!({ "kty": "oct", "k": "AA", "kid": "s" }),
        json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AA" }),
        json!({ "kty": "EC", "crv": "P-384", "kid": "p3" }),
        with(&Signer::rs256("private"), "d", "AA"),
        with(&Signer::es256("twice"), "x", "AA"),
    ];
    let twice = format!(
        r#"{{"keys":[{{"kty":"EC","kty":"EC","kid":"a"}},{{"deep":{}1{}}},{}]}}"#,
        "[".repeat(20),
        "]".repeat(20),
        good.jwk()
    );

    let mut keys = bad.to_vec();
    keys.push(good.jwk());
    let set = KeySet::from_jwks_json(json!({ "keys": keys }).to_string()).unwrap();
    let set_with_doubles = KeySet::from_jwks_json(twice).unwrap();

    assert_eq!((set.kids().collect::<Vec<_>>(), set.refused().len()), (vec!["good"], bad.len()));
    assert_eq!(set_with_doubles.kids().collect::<Vec<_>>(), ["good"]);
    assert_eq!(set_with_doubles.refused(), [KeyFault::NotJson, KeyFault::NotJson]);
}

#[test]
fn two_good_keys_of_one_kid_cost_each_other() {
    let (one, two, three, other) = (Signer::es256("k"), Signer::eddsa("k"), Signer::rs256("k"), Signer::es256("o"));
    let bad = json!({ "kty": "oct", "kid": "o", "k": "AA" });

    let pair = KeySet::from_jwks_json(json!({ "keys": [one.jwk(), other.jwk(), two.jwk()] }).to_string()).unwrap();
    let triple = KeySet::from_jwks_json(json!({ "keys": [one.jwk(), two.jwk(), three.jwk()] }).to_string()).unwrap();
    let beside_bad = KeySet::from_jwks_json(json!({ "keys": [bad, other.jwk()] }).to_string()).unwrap();

    assert_eq!(pair.kids().collect::<Vec<_>>(), ["o"]);
    assert_eq!(pair.refused(), [KeyFault::SharedKeyId; 2]);
    assert_eq!((triple.len(), triple.refused().len()), (0, 3));
    assert_eq!(beside_bad.kids().collect::<Vec<_>>(), ["o"], "a key that does not count takes no name");
}

#[test]
fn a_document_that_is_no_set_has_no_keys() {
    let key = Signer::es256("e1").jwk();
    let texts = [
        String::new(),
        "null".into(),
        "[]".into(),
        "{}".into(),
        r#"{"keys":null}"#.into(),
        r#"{"keys":{}}"#.into(),
        format!("[[{key}]]"),
        format!(r#"{{"keys":[{key}],"keys":[]}}"#),
        format!(r#"{{"keys":[{key}]"#),
        format!(r#"{{"keys":[{key}]}} x"#),
        "<html>".into(),
        key.to_string(),
    ];

    for text in texts {
        assert_eq!(KeySet::from_jwks_json(&text).unwrap_err(), NotAKeySet::NotJson, "{text}");
    }
    assert!(KeySet::from_jwks_json(b"{\"keys\":[{\"kid\":\"\xff\"}]}").is_err());
    assert!(KeySet::from_jwks_json(r#"{"keys":[]}"#).unwrap().is_empty());
}

#[test]
fn a_set_has_at_most_64_keys() {
    let keys = |count: usize| {
        let key = Signer::es256("e1").jwk();
        let keys: Vec<Value> = (0..count)
            .map(|n| {
                let mut key = key.clone();
                key["kid"] = n.to_string().into();
                key
            })
            .collect();
        KeySet::from_jwks_json(json!({ "keys": keys }).to_string())
    };

    assert_eq!(keys(64).unwrap().len(), 64);
    assert_eq!(keys(65).unwrap_err(), NotAKeySet::TooMany);
}
