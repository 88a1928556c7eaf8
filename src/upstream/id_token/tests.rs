use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000;
const TOKEN: &str = "an access token";

fn claims() -> Value {
    json!({
        "iss": "https://id.example", "sub": "u1", "aud": "hallpass", "nonce": "n1",
        "exp": NOW + 300, "iat": NOW - 1, "auth_time": NOW - 100, "unknown": [{}],
    })
}

fn judge_text(payload: &str, max_age: Option<i64>) -> Result<Claims, IdTokenFault> {
    let jws = Jws { algorithm: Algorithm::Rs256, typ: None, payload: payload.as_bytes().to_vec() };
    let expected = Expected {
        issuer: "https://id.example",
        client_id: "hallpass",
        nonce: "n1",
        max_age,
        access_token: TOKEN,
        now: NOW,
    };
    check(&jws, &expected)
}

fn with(name: &str, value: impl Into<Value>) -> Result<Claims, IdTokenFault> {
    let mut claims = claims();
    claims[name] = value.into();
    judge_text(&claims.to_string(), None)
}

fn without(name: &str) -> Result<Claims, IdTokenFault> {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    judge_text(&claims.to_string(), None)
}

#[test]
fn a_good_one_is_believed() {
    assert_eq!(judge_text(&claims().to_string(), None).unwrap()["sub"], "u1");
}

#[test]
fn what_has_to_be_there_is_there_and_of_its_kind() {
    for name in ["iss", "sub", "aud", "nonce", "exp", "iat"] {
        assert_eq!(without(name), Err(IdTokenFault::Claim(name)));
        assert_eq!(with(name, Value::Null), Err(IdTokenFault::Claim(name)));
        assert_eq!(with(name, true), Err(IdTokenFault::Claim(name)));
    }
    for name in ["azp", "at_hash", "nbf", "auth_time"] {
        assert_eq!(with(name, Value::Null), Err(IdTokenFault::Claim(name)));
    }
    assert_eq!(with("exp", (NOW + 300).to_string()), Err(IdTokenFault::Claim("exp")));
    assert_eq!(with("exp", 1e300), Err(IdTokenFault::Claim("exp")));
    assert_eq!(with("iat", -1), Err(IdTokenFault::Claim("iat")));
}

#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for other in ["https://id.example/", "https://ID.example", "http://id.example", ""] {
        assert_eq!(with("iss", other), Err(IdTokenFault::Issuer), "{other}");
    }
}

#[test]
fn we_are_meant_and_nobody_else_asked() {
    for aud in [json!("other"), json!("hallpass "), json!("HALLPASS"), json!([]), json!(["other"])] {
        assert_eq!(with("aud", aud.clone()), Err(IdTokenFault::Audience), "{aud}");
    }
    assert_eq!(with("aud", json!(["hallpass", 1])), Err(IdTokenFault::Claim("aud")));
    assert!(with("aud", json!(["hallpass"])).is_ok());
    assert!(with("azp", "hallpass").is_ok());
    assert_eq!(with("azp", "other"), Err(IdTokenFault::AuthorizedParty));
    assert_eq!(with("aud", json!(["hallpass", "other"])), Err(IdTokenFault::AuthorizedParty));

    let mut shared = claims();
    shared["aud"] = json!(["other", "hallpass"]);
    shared["azp"] = "hallpass".into();
    assert!(judge_text(&shared.to_string(), None).is_ok());
}

#[test]
fn it_belongs_to_this_login() {
    assert_eq!(with("nonce", "n2"), Err(IdTokenFault::Nonce));
    assert_eq!(with("nonce", ""), Err(IdTokenFault::Nonce));
}

#[test]
fn time_has_edges() {
    assert!(with("exp", NOW - 29).is_ok());
    assert_eq!(with("exp", NOW - 30), Err(IdTokenFault::Expired));
    assert!(with("iat", NOW + 30).is_ok());
    assert_eq!(with("iat", NOW + 31), Err(IdTokenFault::FromTheFuture));
    assert!(with("iat", NOW - 600).is_ok());
    assert_eq!(with("iat", NOW - 601), Err(IdTokenFault::TooOld));
    assert_eq!(with("nbf", NOW + 31), Err(IdTokenFault::FromTheFuture));
    assert!(with("iat", 1_799_999_999.5).is_ok(), "a fraction is a number too");
}

#[test]
fn who_was_to_sign_in_again_did() {
    let judge = |auth_time: i64, max_age| {
        let mut claims = claims();
        claims["auth_time"] = auth_time.into();
        judge_text(&claims.to_string(), Some(max_age)).map(drop)
    };

    assert_eq!(judge(NOW - 100, 100), Ok(()));
    assert_eq!(judge(NOW - 30, 0), Ok(()));
    assert_eq!(judge(NOW - 31, 0), Err(IdTokenFault::AuthTime));
    assert_eq!(judge(NOW + 31, 100), Err(IdTokenFault::AuthTime));
    assert_eq!(judge(0, i64::MAX), Ok(()));
    assert_eq!(judge(NOW - 31, i64::MIN), Err(IdTokenFault::AuthTime));
}

#[test]
fn an_access_token_that_is_named_is_this_one() {
    // OpenID Connect Core A.3
    assert_eq!(half_hash(Algorithm::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(half_hash(Algorithm::EdDsa, TOKEN).len(), 43);

    assert!(with("at_hash", half_hash(Algorithm::Rs256, TOKEN)).is_ok());
    for other in [half_hash(Algorithm::Rs256, "another"), half_hash(Algorithm::EdDsa, TOKEN), String::new()] {
        assert_eq!(with("at_hash", other), Err(IdTokenFault::AccessTokenHash));
    }
}

#[test]
fn a_subject_is_text_that_can_be_kept() {
    assert!(with("sub", "ä".repeat(255)).is_ok());
    for bad in [String::new(), "x".repeat(256), "a\0b".to_owned(), "a\nb".to_owned()] {
        assert_eq!(with("sub", bad), Err(IdTokenFault::Claim("sub")));
    }
    assert_eq!(with("sub", 7), Err(IdTokenFault::Claim("sub")));
}

#[test]
fn a_payload_that_says_something_twice_says_nothing() {
    for payload in ["", "[]", "1", "{", &claims().to_string().replace("\"sub\"", "\"iss\":\"x\",\"sub\"")] {
        assert!(judge_text(payload, None).is_err(), "{payload}");
    }
}
