//! A provider's keys: found anew when they change, kept when they can't be had.

use hallpass::upstream::{Answer, IdTokenFault, UpstreamError};
use hallpass_verifier::{Error, NoAnswer};
use serde_json::json;

use super::{ASK, Room};
use crate::support::{Served, Signer};

impl Room {
    fn rotate(&self, kid: &str) {
        self.provider.state().keys = vec![Signer::es256(kid)];
    }

    fn fetches(&self) -> usize {
        self.provider.asked("/jwks").len()
    }
}

#[tokio::test]
async fn keys_that_change_in_the_middle_of_a_login_are_found() {
    let room = Room::open().await;
    room.login().await.unwrap();
    room.advance(30);
    let back = room.provider.sign_in(&room.begin().await.unwrap()).await;

    room.rotate("k2");

    assert!(room.redeem(&ASK, &Answer { code: &back.code, iss: back.iss.as_deref() }).await.is_ok());
    assert_eq!(room.fetches(), 2);
}

#[tokio::test]
async fn unknown_keys_cause_one_fetch_in_thirty_seconds() {
    let room = Room::open().await;
    room.login().await.unwrap();
    room.provider.says("header", "kid", "made-up");
    let unknown = UpstreamError::IdToken(IdTokenFault::Jws(Error::UnknownKey));

    for _ in 0..20 {
        assert_eq!(room.refusal().await, unknown);
    }
    assert_eq!(room.fetches(), 1);
    room.advance(30);
    for _ in 0..20 {
        assert_eq!(room.refusal().await, unknown);
    }
    assert_eq!(room.fetches(), 2);
}

#[tokio::test]
async fn a_withdrawn_key_is_forgotten_within_a_quarter_of_an_hour() {
    let room = Room::open().await;
    let old = Signer::es256("old");
    room.provider.answers(
        "/jwks",
        Served::Full(
            200,
            vec!["Cache-Control: max-age=86400".to_owned()],
            json!({ "keys": [old.jwk] }).to_string().into_bytes(),
        ),
    );
    room.provider.state().keys = vec![old];
    room.login().await.unwrap();
    room.provider.answers("/jwks", Served::json(&json!({ "keys": [] })));

    room.advance(15 * 60);

    assert_eq!(room.refusal().await, UpstreamError::IdToken(IdTokenFault::Jws(Error::UnknownKey)));
}

#[tokio::test]
async fn the_last_good_keys_serve_on_while_there_are_none() {
    let room = Room::open().await;
    room.login().await.unwrap();

    for served in [
        Served::status(500),
        Served::status(503),
        Served::redirect("http://169.254.169.254/"),
        Served::redirect("/elsewhere"),
        Served::typed("application/json", "{"),
        Served::BreaksOff,
        Served::Floods,
    ] {
        room.provider.answers("/jwks", served);
        room.advance(5 * 60);
        assert!(room.login().await.is_ok());
    }
    assert!(room.fetches() > 1 && room.provider.asked("/elsewhere").is_empty());
    room.advance(66 * 60);
    assert!(matches!(room.refusal().await, UpstreamError::Keys(_)));
}

#[tokio::test]
async fn without_any_keys_nobody_is_believed() {
    let room = Room::open().await;
    room.provider.answers("/jwks", Served::status(500));

    let refusal = room.refusal().await;

    assert!(matches!(refusal, UpstreamError::Keys(NoAnswer::Status(_))), "{refusal}");
    assert!(!refusal.is_slow());
}

#[tokio::test]
async fn a_bad_key_costs_itself_only() {
    let room = Room::open().await;
    room.provider.edit("jwks", |jwks| {
        let keys = jwks["keys"].as_array_mut().unwrap();
        let mut private = Signer::es256("private").jwk;
        private["d"] = "AA".into();
        keys.extend([
            private,
            json!({ "kty": "RSA", "kid": "small", "n": "wQ", "e": "AQAB" }),
            json!({ "kty": "EC", "crv": "P-256", "kid": "off", "x": "AA", "y": "AA" }),
            json!({ "kty": "oct", "kid": "secret", "k": "AA" }),
            json!({ "kty": "future", "crv": "?", "kid": "new" }),
            json!("no key"),
        ]);
    });

    assert!(room.login().await.is_ok());
}

#[tokio::test]
async fn a_crowd_fetches_keys_once() {
    let room = Room::open().await;

    let crowd = futures_util::future::join_all((0..50).map(|_| room.login())).await;

    assert!(crowd.iter().all(Result::is_ok));
    assert_eq!(room.fetches(), 1);
}
