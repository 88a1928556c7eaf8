//! Sets of keys.

use hallpass_verifier::{KeyFault, KeySet, NotAKeySet};
use serde_json::{Value, json};

use crate::keys::with;
use crate::support::Signer;

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
