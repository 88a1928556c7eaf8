//! The token endpoint: how we prove who we are, and which answers buy nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hallpass::upstream::{Answer, Document, UpstreamError};
use serde_json::{Value, json};

use super::{ASK, REDIRECT_URI, Room};
use crate::support::{CLIENT_ID, CLIENT_SECRET, Served};

#[tokio::test]
async fn a_code_is_shown_once_with_everything_that_belongs_to_it() {
    let room = Room::open().await;
    room.login().await.unwrap();

    let asked = room.provider.asked("/token");

    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].field("grant_type").as_deref(), Some("authorization_code"));
    assert_eq!(asked[0].field("redirect_uri").as_deref(), Some(REDIRECT_URI));
    assert_eq!(asked[0].field("code_verifier").as_deref(), Some(ASK.code_verifier));
    assert_eq!(asked[0].header("accept"), Some("application/json"));
    assert_eq!(asked[0].header("accept-encoding"), Some("identity"));
    assert_eq!((asked[0].field("client_id"), asked[0].field("client_secret")), (None, None));
    let basic = STANDARD.encode("hall%3Apass:s3cret%2B%2F%25%3A+%C3%BC");
    assert_eq!(asked[0].header("authorization"), Some(&*format!("Basic {basic}")));
}

#[tokio::test]
async fn the_secret_is_in_the_body_only_where_the_provider_takes_it_nowhere_else() {
    let room = Room::open().await;
    room.provider.says("metadata", "token_endpoint_auth_methods_supported", json!(["client_secret_post"]));
    room.login().await.unwrap();

    let asked = room.provider.asked("/token");

    assert_eq!(asked[0].header("authorization"), None);
    assert_eq!(asked[0].field("client_id").as_deref(), Some(CLIENT_ID));
    assert_eq!(asked[0].field("client_secret").as_deref(), Some(CLIENT_SECRET));
}

#[tokio::test]
async fn a_public_client_shows_its_id_alone() {
    let mut room = Room::open().await;
    room.description.client_secret = None;

    assert_eq!(room.refusal().await, UpstreamError::Refused("invalid_client".to_owned()));
    let asked = room.provider.asked("/token");
    assert_eq!((asked[0].header("authorization"), asked[0].field("client_secret")), (None, None));
    assert_eq!(asked[0].field("client_id").as_deref(), Some(CLIENT_ID));
}

#[tokio::test]
async fn an_answer_lacks_nothing_and_says_nothing_odd() {
    let room = Room::open().await;
    let odd: [(&str, Value); 12] = [
        ("token_type", json!("mac")),
        ("token_type", json!("DPoP")),
        ("token_type", json!(1)),
        ("access_token", json!("")),
        ("access_token", json!(1)),
        ("access_token", json!("line\nbreak")),
        ("access_token", Value::Null),
        ("id_token", json!("")),
        ("id_token", json!(["x"])),
        ("id_token", Value::Null),
        ("error", Value::Null),
        ("error", json!({})),
    ];

    for (name, value) in odd {
        room.provider.says("tokens", name, value.clone());
        let refusal = room.refusal().await;
        assert!(matches!(refusal, UpstreamError::Malformed(Document::Tokens, _)), "{name}: {value}: {refusal}");
    }
    for name in ["token_type", "access_token", "id_token"] {
        room.provider.omits("tokens", name);
        assert!(matches!(room.refusal().await, UpstreamError::Malformed(Document::Tokens, _)), "{name}");
    }
}

#[tokio::test]
async fn what_is_of_no_use_may_be_nonsense() {
    let room = Room::open().await;
    let nonsense: [(&str, Value); 8] = [
        ("expires_in", json!("soon")),
        ("expires_in", json!(-1)),
        ("expires_in", json!(1e18)),
        ("expires_in", Value::Null),
        ("scope", json!(7)),
        ("refresh_token", json!([])),
        ("extra", json!({ "deep": [[[]]] })),
        ("token_type", json!("BEARER")),
    ];

    for (name, value) in nonsense {
        room.provider.says("tokens", name, value.clone());
        assert!(room.login().await.is_ok(), "{name}: {value}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_answer_is_refused_and_never_asked_for_again() {
    let room = Room::open().await;
    let twice = br#"{"access_token":"a","access_token":"b","token_type":"bearer","id_token":"c"}"#;
    let none = [
        Served::typed("application/json", ""),
        Served::typed("application/json", "[]"),
        Served::typed("application/json", "{"),
        Served::typed("text/html", "<html>"),
        Served::typed("application/json", *b"\xff\xfe{}"),
        Served::typed("application/json", *twice),
        Served::typed("application/json", "access_token=a&token_type=bearer"),
        Served::typed("application/json", "[".repeat(10_000)),
        Served::status(500),
        Served::status(503),
        Served::status(204),
        Served::status(404),
        Served::redirect("http://169.254.169.254/latest/meta-data/"),
        Served::redirect("/elsewhere"),
        Served::BreaksOff,
        Served::Floods,
        Served::Full(200, vec!["Content-Encoding: gzip".to_owned()], vec![0x1f, 0x8b, 8, 0]),
    ];

    for (number, served) in none.into_iter().enumerate() {
        room.provider.answers("/token", served);
        let refusal = room.refusal().await;
        assert!(!refusal.is_slow(), "{number}: {refusal}");
        assert_eq!(room.provider.asked("/token").len(), number + 1, "{number}: {refusal}");
    }
    assert!(room.provider.asked("/elsewhere").is_empty());
}

#[tokio::test]
async fn an_error_is_told_by_its_code_alone() {
    let room = Room::open().await;

    for (served, code) in [
        (Served::error(400, "invalid_grant"), "invalid_grant"),
        (Served::error(401, "invalid_client"), "invalid_client"),
        (Served::error(200, "access_denied"), "access_denied"),
        (Served::error(400, "<script>alert(1)</script>"), "an error without a name"),
    ] {
        room.provider.answers("/token", served);
        assert_eq!(room.refusal().await, UpstreamError::Refused(code.to_owned()));
    }
}

#[tokio::test]
async fn a_code_buys_nothing_twice() {
    let room = Room::open().await;
    let back = room.provider.sign_in(&room.begin().await.unwrap()).await;
    let answer = Answer { code: &back.code, iss: back.iss.as_deref() };

    assert!(room.redeem(&ASK, &answer).await.is_ok());
    assert_eq!(room.redeem(&ASK, &answer).await, Err(UpstreamError::Refused("invalid_grant".to_owned())));
}

#[tokio::test]
async fn no_refusal_shows_a_secret_or_a_token() {
    let room = Room::open().await;
    room.provider.says("claims", "nonce", "other");
    let refusal = room.refusal().await;

    for words in [refusal.to_string(), format!("{refusal:?}"), format!("{:?}", room.description)] {
        for secret in [CLIENT_SECRET, "access-", "code-", ASK.code_verifier, ASK.nonce, "eyJ"] {
            assert!(!words.contains(secret), "{words}");
        }
    }
}
