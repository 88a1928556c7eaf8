//! An issuer that is away, slow, busy or talks nonsense.

use std::time::Duration;

use hallpass_client::{Error, TokenSource, Trouble};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::{House, Reply};

fn caller(source: TokenSource) -> JoinHandle<Result<String, Error>> {
    tokio::spawn(async move { source.token().await.map(|token| token.reveal().to_owned()) })
}

fn all_trouble() -> Vec<Reply> {
    let token = |rest: serde_json::Value| {
        let mut token = json!({ "access_token": "x", "token_type": "Bearer" });
        token.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        Reply::json(200, &token)
    };
    vec![
        Reply::status(500),
        Reply::error(502, "invalid_client"),
        Reply::retry_after(503, "0"),
        Reply::retry_after(429, "0"),
        Reply::status(404),
        Reply::status(401),
        Reply::status(204),
        Reply::BreaksOff,
        Reply::Full(200, Vec::new(), b"<html>".to_vec()),
        Reply::Full(200, Vec::new(), vec![b' '; 65 * 1024]),
        Reply::Full(200, vec!["Content-Encoding: gzip".into()], vec![0x1f, 0x8b, 8, 0]),
        Reply::json(201, &json!({ "access_token": "x", "token_type": "Bearer" })),
        token(json!({ "token_type": "DPoP" })),
        token(json!({ "expires_in": 0 })),
        token(json!({ "expires_in": 1e-9 })),
        token(json!({ "access_token": "x\ny" })),
    ]
}

#[tokio::test]
async fn what_may_pass_is_tried_again_until_it_has() {
    for reply in all_trouble() {
        let house = House::open().await;
        house.answers_first([reply.clone(), reply]);

        let token = house.advance_until_done(5, caller(house.source())).await;

        assert_eq!((token.unwrap().as_str(), house.trades()), ("token-3", 3));
    }
}

#[tokio::test]
async fn while_a_token_is_good_nobody_sees_trouble() {
    for reply in all_trouble() {
        let house = House::open().await;
        let source = house.source();
        source.token().await.unwrap();
        source.token().await.unwrap();
        house.answers(reply);

        house.advance(256);
        house.until(|house| house.trades() >= 2).await;
        for _ in 0..3 {
            assert_eq!(source.token().await.unwrap().reveal(), "token-1");
            house.advance(10);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        house.answers(Reply::Trade(300));
        house.advance(10);
        let token = house.advance_until_done(20, caller(source)).await.unwrap();
        assert_ne!(token, "token-1");
    }
}

#[tokio::test]
async fn attempts_grow_rarer_and_end_with_the_callers_patience() {
    let house = House::open().await;
    house.answers(Reply::status(500));

    let waiting = caller(house.source());
    let seconds = house.advance_until(40, |_| waiting.is_finished()).await;

    let error = waiting.await.unwrap().unwrap_err();
    assert!(matches!(&error, Error::Unavailable { trouble: Trouble::Status(status), .. } if *status == 500), "{error}");
    // Who can't wait for the next attempt is told after the last one.
    assert!((15..=31).contains(&seconds), "{seconds} s");
    assert!((5..=12).contains(&house.trades()), "{} attempts", house.trades());
}

#[tokio::test]
async fn nobody_left_to_wait_ends_the_attempts() {
    let house = House::open().await;
    house.answers(Reply::status(500));
    let source = house.source();
    let waiting = caller(source.clone());
    house.until(|house| house.trades() == 1).await;

    waiting.abort();
    waiting.await.unwrap_err();
    for _ in 0..20 {
        house.advance(10);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    assert!(house.trades() <= 2, "{}", house.trades());
    house.answers(Reply::Trade(300));
    house.advance_until_done(15, caller(source)).await.unwrap();
}

#[tokio::test]
async fn a_wish_to_be_left_alone_is_honoured() {
    for (status, when, seconds) in [(429, "7", 7..=9), (503, "20", 20..=22)] {
        let house = House::open().await;
        house.answers_first([Reply::retry_after(status, when)]);
        let source = house.source();
        let waiting = caller(source.clone());
        house.until(|house| house.trades() == 1).await;

        let others: Vec<_> = (0..10).map(|_| caller(source.clone())).collect();
        let took = house.advance_until(40, |_| waiting.is_finished()).await;

        assert!(seconds.contains(&took), "{took} s");
        for waiting in others {
            assert_eq!(waiting.await.unwrap().unwrap(), "token-2");
        }
    }
}

#[tokio::test]
async fn a_date_to_come_back_at_counts_from_the_issuers_clock() {
    let house = House::open().await;
    let lines = ["Date: Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After: Sun, 06 Nov 1994 08:49:49 GMT"];
    house.answers_first([Reply::Full(503, lines.map(str::to_owned).to_vec(), Vec::new())]);

    let waiting = caller(house.source());
    house.until(|house| house.trades() == 1).await;
    let took = house.advance_until(40, |_| waiting.is_finished()).await;

    assert!((12..=14).contains(&took), "{took} s");
}

#[tokio::test]
async fn who_can_not_wait_that_long_is_told_at_once() {
    let house = House::open().await;
    house.answers(Reply::retry_after(503, "120"));
    let source = house.source();

    let first = source.token().await.unwrap_err();
    house.advance(50);
    let second = source.token().await.unwrap_err();

    assert_eq!(house.trades(), 1, "the issuer is left alone");
    for (error, seconds) in [(first, 120..=121), (second, 70..=71)] {
        let Error::Unavailable { retry_after: Some(after), .. } = error else { panic!("{error}") };
        assert!(seconds.contains(&after.as_secs()), "{after:?}");
    }
    house.answers(Reply::Trade(300));
    house.advance(80);
    assert!(source.token().await.is_ok());
}

#[tokio::test]
async fn an_issuer_that_never_answers_is_given_up_on() {
    let house = House::open().await;
    house.answers_first([Reply::Hangs]);
    let source = house.source_with(|builder| builder.attempt_timeout(Duration::from_millis(100)));

    let token = house.advance_until_done(30, caller(source)).await.unwrap();

    assert_eq!(token, "token-2");
}

#[tokio::test]
async fn trouble_with_the_metadata_passes_too() {
    for reply in [Reply::status(503), Reply::retry_after(503, "1"), Reply::json(200, &json!({})), Reply::BreaksOff] {
        let house = House::open().await;
        house.set_metadata(reply);
        let waiting = caller(house.source());
        house.until(|house| house.discoveries() == 1).await;

        house.set_metadata(Reply::metadata(&house.url, &format!("{}/oauth/token", house.url)));

        assert_eq!(house.advance_until_done(5, waiting).await.unwrap(), "token-1");
    }
}
