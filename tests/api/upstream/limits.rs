//! How long a login waits, and how much it reads.

use std::time::{Duration, Instant};

use hallpass::upstream::UpstreamError;
use serde_json::json;

use super::Room;
use crate::support::{Browser, Portal, Reply, Served};

/// Logins at a provider that answers so at `path`: what became of them, and after how long.
async fn login_with(path: &str, served: Served) -> (UpstreamError, Duration) {
    let room = Room::open().await;
    room.provider.answers(path, served);
    let began = Instant::now();
    (room.refusal().await, began.elapsed())
}

#[tokio::test]
async fn ten_seconds_are_the_end_wherever_a_provider_is_slow() {
    let places = ["/.well-known/openid-configuration", "/token", "/jwks", "/userinfo"];
    let slow = places.into_iter().flat_map(|path| [(path, Served::Hangs), (path, Served::Drips)]);

    let outcomes = futures_util::future::join_all(slow.map(|(path, served)| login_with(path, served))).await;

    for (refusal, waited) in outcomes {
        assert!(refusal.is_slow(), "{refusal}");
        assert!(waited < Duration::from_secs(12), "{refusal}: {waited:?}");
    }
}

#[tokio::test]
async fn a_document_has_256_kib_at_most() {
    let room = Room::open().await;
    let padded = |size: usize| {
        let mut person = room.provider.state().person.clone();
        person["pad"] = "".into();
        let bare = person.to_string().len();
        person["pad"] = "x".repeat(size - bare).into();
        Served::json(&person)
    };

    room.provider.answers("/userinfo", padded(256 * 1024));
    assert!(room.login().await.is_ok());
    for served in [padded(256 * 1024 + 1), padded(50 * 1024 * 1024), Served::Floods] {
        room.provider.answers("/userinfo", served);
        assert!(matches!(room.refusal().await, UpstreamError::TooLarge(_)));
    }
}

#[tokio::test]
async fn nothing_is_unpacked() {
    let room = Room::open().await;
    let bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

    for encoding in ["gzip", "br", "deflate", "zstd", "gzip, gzip", "x"] {
        let served = Served::Full(200, vec![format!("Content-Encoding: {encoding}")], bomb.clone());
        room.provider.answers("/userinfo", served);
        assert!(matches!(room.refusal().await, UpstreamError::Compressed(_)), "{encoding}");
    }
}

#[tokio::test]
async fn a_slow_provider_slows_no_other() {
    let (slow, good) = (Room::open().await, Room::open().await);
    slow.provider.answers("/token", Served::Hangs);

    let waiting =
        tokio::time::timeout(Duration::from_millis(500), futures_util::future::join_all((0..20).map(|_| slow.login())));
    let began = Instant::now();
    let (waited, login) = tokio::join!(waiting, good.login());

    assert!(waited.is_err() && login.is_ok());
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn odd_bytes_in_any_document_never_panic() {
    let odd = [
        json!(null).to_string(),
        "\u{0}".to_owned(),
        "{\"sub\":".to_owned(),
        "1e999".to_owned(),
        "\"".repeat(999),
        "[".repeat(9999),
    ];

    for path in ["/token", "/userinfo", "/jwks", "/.well-known/openid-configuration"] {
        for body in &odd {
            let room = Room::open().await;
            room.provider.answers(path, Served::typed("application/json", body.as_bytes()));
            assert!(!room.refusal().await.is_slow(), "{path}: {body}");
        }
    }
}

/// A sign-in at a provider that is so late at each of three places: the page it ends on, if any, and after how long.
async fn late_by(seconds: u64) -> (Reply, Duration) {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    for path in ["/token", "/jwks", "/userinfo"] {
        portal.provider.is_late(path, Duration::from_secs(seconds));
    }
    let began = Instant::now();
    (portal.sign_in(&mut browser, "/login").await, began.elapsed())
}

#[tokio::test]
async fn ten_seconds_are_for_all_that_a_provider_is_asked_together() {
    let ((in_time, _), (too_late, waited)) = tokio::join!(late_by(2), late_by(4));

    assert_eq!(in_time.status, 303, "six seconds are within the limit: {in_time:?}");
    assert_eq!(too_late.stop(), (504, "provider_slow".to_owned()));
    assert!((9..12).contains(&waited.as_secs()), "twelve would be three times four: {waited:?}");
}
