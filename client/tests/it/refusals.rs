//! What the issuer refuses for good, and what a service does not take.

use std::sync::atomic::{AtomicUsize, Ordering};

use hallpass_client::Error;
use serde_json::json;

use crate::support::{House, KEY, Log, Reply, debug};

#[tokio::test]
async fn a_refusal_is_told_in_the_issuers_words_and_not_repeated() {
    for (status, error) in
        [(400, "invalid_scope"), (400, "invalid_target"), (400, "unauthorized_client"), (403, "denied")]
    {
        let house = House::open().await;
        house.answers(Reply::error(status, error));
        let source = house.source();

        for _ in 0..3 {
            let Error::Refused(refusal) = source.token().await.unwrap_err() else { panic!("{error}") };
            assert_eq!((refusal.status.as_u16(), &*refusal.error), (status, error));
            assert_eq!(refusal.description, "in our words");
        }
        assert_eq!(house.trades(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_echoes_the_key_does_not_get_it_into_log_or_error() {
    let secret = &KEY[25..];
    for (error, description) in [
        ("invalid_request", format!("what does this mean: authorization: Bearer {KEY}")),
        ("invalid_request", format!("authorization: Bearer {}", &KEY[..40])),
        (KEY, "-".to_owned()),
    ] {
        let house = House::open().await;
        house.answers(Reply::json(400, &json!({ "error": error, "error_description": description })));
        let log = Log::keep();

        let error = house.source().token().await.unwrap_err();

        for shown in [log.text(), error.to_string(), debug(&error)] {
            assert!(!shown.contains(&secret[..8]), "{shown}");
        }
        assert!(log.text().contains("no new token"), "{}", log.text());
    }
}

/// Something between us and the issuer that answers with what it was sent.
#[tokio::test]
async fn a_key_that_comes_back_as_a_token_is_shown_to_nobody() {
    let house = House::open().await;
    house.answers_first([
        Reply::json(200, &json!({ "access_token": KEY, "token_type": "Bearer" })),
        Reply::json(200, &json!({ "access_token": "x", "token_type": "Bearer", "scope": KEY })),
    ]);
    let source = house.source();
    let caller = tokio::spawn(async move { source.token().await.unwrap().reveal().to_owned() });

    assert_eq!(house.advance_until_done(5, caller).await, "token-3");
}

/// A hundred callers in a row, and a source of keys that never gives the same one twice.
#[tokio::test]
async fn keys_that_keep_changing_are_refused_once_a_second() {
    let house = House::open().await;
    house.knows(&[]);
    let count = AtomicUsize::new(0);
    let source = house.source_with(|builder| {
        builder.key_from(move || {
            let key = format!("key-{}", count.fetch_add(1, Ordering::SeqCst));
            async { Ok::<_, Error>(key) }
        })
    });

    for _ in 0..100 {
        assert!(matches!(source.token().await, Err(Error::Refused(_))));
    }

    assert_eq!(house.trades(), 2, "the second one since the first may just have been replaced");
    house.advance(1);
    source.token().await.unwrap_err();
    assert_eq!(house.trades(), 4);
}

#[tokio::test]
async fn one_target_that_is_refused_leaves_the_others_alone() {
    let house = House::open().await;
    let source = house.source();
    house.answers_first([Reply::error(400, "invalid_target")]);

    assert!(source.token_for("https://other.example", &[]).await.is_err());
    assert!(source.token().await.is_ok());
    assert!(source.token_for("https://other.example", &[]).await.is_err());
}

#[tokio::test]
async fn a_token_that_a_service_refused_is_renewed_once_for_everyone() {
    let house = House::open().await;
    let source = house.source();
    let refused = source.token().await.unwrap();

    let renewals: Vec<_> = (0..50)
        .map(|_| {
            let (source, refused) = (source.clone(), refused.clone());
            tokio::spawn(async move { source.renew(&refused).await.unwrap().reveal().to_owned() })
        })
        .collect();

    for renewal in renewals {
        assert_eq!(renewal.await.unwrap(), "token-2");
    }
    assert_eq!(source.token().await.unwrap().reveal(), "token-2");
    assert_eq!(source.renew(&refused).await.unwrap().reveal(), "token-2");
    assert_eq!(house.trades(), 2);
}

#[tokio::test]
async fn a_service_that_refuses_every_token_does_not_cost_a_trade_each() {
    let house = House::open().await;
    let source = house.source();
    let mut token = source.token().await.unwrap();

    for _ in 0..10 {
        token = source.renew(&token).await.unwrap();
    }
    assert_eq!((token.reveal(), house.trades()), ("token-2", 2));
    house.advance(10);
    assert_eq!(source.renew(&token).await.unwrap().reveal(), "token-3");
}

#[tokio::test]
async fn a_renewal_that_is_refused_takes_the_token_from_nobody() {
    let house = House::open().await;
    let source = house.source();
    let refused = source.token().await.unwrap();
    house.knows(&[]);

    assert!(matches!(source.renew(&refused).await, Err(Error::Refused(_))));
    assert_eq!(source.token().await.unwrap().reveal(), "token-1");
}
