//! ID tokens that a provider signed and that are not believed all the same.

use hallpass::upstream::{Ask, IdTokenFault, UpstreamError};
use hallpass_verifier::Error;
use serde_json::{Value, json};

use super::{ASK, Room};
use crate::support::{CLIENT_ID, NOW, Signer};

#[tokio::test]
async fn one_wrong_claim_is_enough() {
    let room = Room::open().await;
    let wrong: [(&str, Value, IdTokenFault); 18] = [
        ("iss", json!("https://evil.example"), IdTokenFault::Issuer),
        ("iss", json!(format!("{}/", room.provider.url)), IdTokenFault::Issuer),
        ("aud", json!("somebody-else"), IdTokenFault::Audience),
        ("aud", json!([CLIENT_ID, "somebody-else"]), IdTokenFault::AuthorizedParty),
        ("aud", json!({ "0": CLIENT_ID }), IdTokenFault::Claim("aud")),
        ("azp", json!("somebody-else"), IdTokenFault::AuthorizedParty),
        ("nonce", json!("nonce-2"), IdTokenFault::Nonce),
        ("nonce", Value::Null, IdTokenFault::Claim("nonce")),
        ("exp", json!(NOW - 30), IdTokenFault::Expired),
        ("exp", json!((NOW + 300).to_string()), IdTokenFault::Claim("exp")),
        ("iat", json!(NOW - 601), IdTokenFault::TooOld),
        ("iat", json!(NOW + 31), IdTokenFault::FromTheFuture),
        ("nbf", json!(NOW + 31), IdTokenFault::FromTheFuture),
        ("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ"), IdTokenFault::AccessTokenHash),
        ("at_hash", json!(7), IdTokenFault::Claim("at_hash")),
        ("sub", json!(""), IdTokenFault::Claim("sub")),
        ("sub", json!("x".repeat(256)), IdTokenFault::Claim("sub")),
        ("sub", json!(1), IdTokenFault::Claim("sub")),
    ];

    for (name, value, fault) in wrong {
        room.provider.says("claims", name, value.clone());
        assert_eq!(room.refusal().await, UpstreamError::IdToken(fault), "{name}: {value}");
    }
    for name in ["iss", "aud", "nonce", "exp", "iat", "sub"] {
        room.provider.omits("claims", name);
        assert_eq!(room.refusal().await, UpstreamError::IdToken(IdTokenFault::Claim(name)));
    }
    assert!(room.provider.asked("/userinfo").is_empty(), "nothing is asked about somebody who was not believed");
}

#[tokio::test]
async fn what_is_right_and_unusual_is_believed() {
    let room = Room::open().await;

    room.provider.omits("claims", "at_hash");
    assert!(room.login().await.is_ok());
    room.provider.edit("claims", |claims| {
        claims["aud"] = json!(["somebody-else", CLIENT_ID]);
        claims["azp"] = CLIENT_ID.into();
    });
    assert!(room.login().await.is_ok());
    room.provider.says("claims", "exp", json!(1e15));
    assert!(room.login().await.is_ok());
    room.provider.edit("claims", |claims| drop(claims["auth_time"].take()));
    assert_eq!(room.refusal().await, UpstreamError::IdToken(IdTokenFault::Claim("auth_time")));
    room.provider.omits("claims", "auth_time");
    assert_eq!(room.login().await.unwrap().auth_time, None);
}

#[tokio::test]
async fn subjects_differ_by_any_byte() {
    let room = Room::open().await;
    let mut seen = Vec::new();

    for subject in ["Ada", "ada", "ada ", " ada", "äda"] {
        room.provider.state().person["sub"] = subject.into();
        seen.push(room.login().await.unwrap().subject);
    }

    assert_eq!(seen, ["Ada", "ada", "ada ", " ada", "äda"]);
}

#[tokio::test]
async fn the_header_is_the_keys_and_nothing_else() {
    let room = Room::open().await;
    let wrong = [
        ("alg", json!("none"), Error::Algorithm),
        ("alg", json!("NONE"), Error::Algorithm),
        ("alg", json!("HS256"), Error::Algorithm),
        ("alg", json!("RS256"), Error::WrongAlgorithm),
        ("alg", json!("PS256"), Error::Algorithm),
        ("alg", Value::Null, Error::Algorithm),
        ("kid", json!("k2"), Error::UnknownKey),
        ("kid", json!(""), Error::KeyId),
        ("kid", Value::Null, Error::KeyId),
        ("crit", json!(["exp"]), Error::Critical),
        ("b64", json!(false), Error::UnencodedPayload),
    ];

    for (name, value, fault) in wrong {
        room.provider.says("header", name, value.clone());
        assert_eq!(room.refusal().await, UpstreamError::IdToken(IdTokenFault::Jws(fault)), "{name}: {value}");
    }
    room.provider.edit("header", |header| {
        let evil = Signer::es256("k1");
        header["jwk"] = evil.jwk;
        header["jku"] = "https://evil.example/jwks".into();
    });
    assert!(room.login().await.is_ok(), "what a header says of keys is not looked at");
}

#[tokio::test]
async fn a_token_that_names_no_key_is_of_the_only_one_there_is() {
    let room = Room::open().await;
    room.provider.omits("header", "kid");

    assert!(room.login().await.is_ok());
    room.advance(900);
    room.provider.state().keys.push(Signer::es256("k2"));
    assert_eq!(room.refusal().await, UpstreamError::IdToken(IdTokenFault::Jws(Error::KeyId)));
}

#[tokio::test]
async fn a_signature_of_somebody_else_is_none() {
    let room = Room::open().await;
    let evil = Signer::es256("k1");
    room.provider.edit("tokens", move |tokens| {
        let header = json!({ "alg": "ES256", "kid": "k1" });
        let claims =
            json!({ "iss": "x", "sub": "ada-1", "aud": CLIENT_ID, "nonce": ASK.nonce, "iat": NOW, "exp": NOW + 60 });
        tokens["id_token"] = evil.sign(&header, &claims).into();
    });

    assert_eq!(room.refusal().await, UpstreamError::IdToken(IdTokenFault::Jws(Error::Signature)));
    for text in ["", "x", "a.b.c", "e30.e30.", &"x".repeat(70_000)] {
        room.provider.says("tokens", "id_token", text);
        assert!(matches!(room.refusal().await, UpstreamError::IdToken(_) | UpstreamError::Malformed(..)));
    }
}

#[tokio::test]
async fn each_kind_of_key_signs_with_its_own_algorithm() {
    let room = Room::open().await;

    for (wait, signer) in [(0, Signer::rs256("r1")), (30, Signer::eddsa("o1"))] {
        room.advance(wait);
        room.provider.state().keys.push(signer);
        assert!(room.login().await.is_ok());
    }
}

#[tokio::test]
async fn who_was_to_sign_in_again_did() {
    let room = Room::open().await;

    room.provider.edit("claims", |claims| claims["auth_time"] = (NOW - 60).into());

    assert!(room.login_as(&Ask { max_age: Some(60), ..ASK }).await.is_ok());
    let stale = room.login_as(&Ask { max_age: Some(0), ..ASK }).await;
    assert_eq!(stale, Err(UpstreamError::IdToken(IdTokenFault::AuthTime)));
}

#[tokio::test]
async fn a_long_list_of_groups_fits() {
    let room = Room::open().await;
    room.provider.state().is_id_token_full = true;
    let groups: Vec<String> = (0..200).map(|group| format!("9188040d-6c67-4c5b-b112-36a304b6{group:04}")).collect();
    room.provider.says("claims", "groups", groups.clone());

    assert_eq!(room.login().await.unwrap().groups, groups);
}
