//! Metadata: kept for a while, asked for by one, and never taken from somebody else.

use hallpass::upstream::{Document, UpstreamError};
use serde_json::json;

use super::Room;
use crate::support::Served;

const METADATA: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn metadata_of_another_issuer_are_refused() {
    let room = Room::open().await;

    for other in ["https://evil.example".to_owned(), format!("{}/", room.provider.url)] {
        room.provider.says("metadata", "issuer", other);
        assert_eq!(room.begin().await, Err(UpstreamError::OtherIssuer));
        room.advance(3);
    }
    room.provider.behaves();
    assert!(room.begin().await.is_ok());
}

#[tokio::test]
async fn endpoints_are_https_or_on_this_machine() {
    let room = Room::open().await;

    for (name, address) in [
        ("authorization_endpoint", "http://id.example/authorize"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("token_endpoint", "http://id.example/token"),
        ("jwks_uri", "ftp://id.example/jwks"),
        ("userinfo_endpoint", "https://u:p@id.example/"),
        ("jwks_uri", "https://id.example/#x"),
    ] {
        room.provider.says("metadata", name, address);
        assert!(matches!(room.begin().await, Err(UpstreamError::Malformed(Document::Metadata, _))), "{name}");
        room.advance(3);
    }
    assert!(room.provider.asked("/token").is_empty());
}

#[tokio::test]
async fn metadata_are_good_for_ten_minutes() {
    let room = Room::open().await;
    let asked = || room.provider.asked(METADATA).len();

    for _ in 0..3 {
        room.login().await.unwrap();
    }
    assert_eq!(asked(), 1);
    room.advance(599);
    room.begin().await.unwrap();
    assert_eq!(asked(), 1);
    room.advance(1);
    room.begin().await.unwrap();
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn what_there_was_serves_on_for_an_hour_while_the_provider_is_away() {
    let room = Room::open().await;
    room.begin().await.unwrap();
    room.provider.answers(METADATA, Served::status(503));

    room.advance(600 + 3599);
    assert!(room.begin().await.is_ok());
    room.advance(1);
    assert_eq!(room.begin().await, Err(UpstreamError::Status(Document::Metadata, 503)));
    room.provider.mends(METADATA);
    room.advance(3);
    assert!(room.begin().await.is_ok());
}

#[tokio::test]
async fn a_dead_provider_is_left_alone_for_a_moment() {
    let room = Room::open().await;
    room.provider.answers(METADATA, Served::status(500));
    let asked = || room.provider.asked(METADATA).len();

    for _ in 0..50 {
        assert_eq!(room.begin().await, Err(UpstreamError::Status(Document::Metadata, 500)));
    }
    assert_eq!(asked(), 1);
    room.provider.mends(METADATA);
    assert!(room.begin().await.is_err(), "the moment is not over");
    room.advance(3);
    assert!(room.begin().await.is_ok());
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn a_crowd_asks_once() {
    let room = Room::open().await;

    let crowd = futures_util::future::join_all((0..100).map(|_| room.begin())).await;

    assert!(crowd.iter().all(Result::is_ok));
    assert_eq!(room.provider.asked(METADATA).len(), 1);
}

#[tokio::test]
async fn a_document_that_is_none_is_refused() {
    let room = Room::open().await;

    for served in [
        Served::typed("application/json", ""),
        Served::typed("text/html", "<html>"),
        Served::json(&json!([])),
        Served::json(&json!({ "issuer": 1 })),
        Served::json(&json!({ "issuer": room.provider.url, "code_challenge_methods_supported": 7 })),
        Served::redirect("http://169.254.169.254/"),
        Served::redirect("/elsewhere"),
        Served::Floods,
        Served::BreaksOff,
        Served::Full(200, vec!["Content-Encoding: br".to_owned()], vec![0]),
        Served::Full(206, vec![], b"{}".to_vec()),
    ] {
        room.provider.answers(METADATA, served);
        assert!(!room.begin().await.unwrap_err().is_slow());
        room.advance(3);
    }
    assert!(room.provider.asked("/elsewhere").is_empty());
}

#[tokio::test]
async fn an_issuer_with_a_path_or_a_final_slash_is_found() {
    let mut room = Room::open().await;
    for path in ["/realms/acme", "/"] {
        let issuer = format!("{}{path}", room.provider.url);
        let mut metadata = json!({
            "issuer": issuer, "authorization_endpoint": "https://id.example/a", "token_endpoint": "https://id.example/t",
        });
        metadata["jwks_uri"] = "https://id.example/k".into();
        let place = format!("{}{METADATA}", path.trim_end_matches('/'));
        room.provider.answers(&place, Served::json(&metadata));
        room.description.issuer = issuer;

        assert!(room.begin().await.unwrap().as_str().starts_with("https://id.example/a?"));
    }
}
