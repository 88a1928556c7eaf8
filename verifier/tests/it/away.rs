//! An issuer that is away, or talks nonsense: what serves meanwhile, and how often it is asked.

use std::time::Duration;

use hallpass_verifier::Error;

use crate::support::{Issuer, Reply, Signer};

const HOUR: u64 = 3600;

#[tokio::test]
async fn a_failed_fetch_cools_down_too() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    let stranger = issuer.token_of(&Signer::es256("stranger"));
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    issuer.set_jwks(Reply::status(500));

    for (seconds, fetches) in [(30, 2), (0, 2), (29, 2), (1, 3), (29, 3)] {
        issuer.advance(seconds);
        assert_eq!(verifier.verify(&stranger).await, Err(Error::UnknownKey));
        assert_eq!(issuer.fetches(), fetches);
    }
    assert!(verifier.verify(&issuer.token()).await.is_ok(), "and the good set is still there");
}

#[tokio::test]
async fn while_the_issuer_is_away_the_last_good_set_serves_an_hour_more() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    issuer.set_oauth(Reply::BreaksOff);

    let mut passed = 0;
    while passed + 60 < 300 + HOUR {
        issuer.advance(60);
        passed += 60;
        assert!(verifier.verify(&issuer.token()).await.is_ok(), "after {passed} s");
        issuer.settle().await;
    }
    let asked = issuer.asked().len();
    issuer.advance(60);
    let refused = verifier.verify(&issuer.token()).await;

    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
    assert!((20..=70).contains(&asked), "{asked} requests in an hour");
}

#[tokio::test]
async fn an_issuer_that_comes_back_is_heard() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    issuer.set_jwks(Reply::BreaksOff);
    issuer.advance(2 * HOUR);
    let refused = verifier.verify(&issuer.token()).await.unwrap_err();

    let next = Signer::es256("next");
    issuer.publish(&[&next]);
    issuer.clock.advance(refused.retry_after().unwrap());

    assert!(verifier.verify(&issuer.token_of(&next)).await.is_ok());
}

#[tokio::test]
async fn a_bad_document_leaves_the_last_good_set() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    let bad = [
        "",
        "null",
        "[]",
        "{}",
        "{\"keys\":7}",
        "{\"keys\":[]",
        "<html>",
        "{\"keys\":[],\"keys\":[]}",
        "\u{feff}{\"keys\":[]}",
    ];

    for (text, minutes) in bad.into_iter().zip(6..) {
        issuer.set_jwks(Reply::Full(200, Vec::new(), text.into()));
        issuer.advance(minutes * 10);
        let before = issuer.fetches();
        while issuer.fetches() == before {
            issuer.advance(30);
            assert!(verifier.verify(&issuer.token()).await.is_ok(), "{text}");
            issuer.settle().await;
        }
    }
}

#[tokio::test]
async fn without_any_set_the_issuer_is_asked_soon_and_then_less_often() {
    let issuer = Issuer::open().await;
    issuer.set_jwks(Reply::status(500));
    let verifier = issuer.verifier();

    let mut asked_at = Vec::new();
    for second in 0..200 {
        let before = issuer.fetches();
        let refused = verifier.verify(&issuer.token()).await.unwrap_err();
        assert!(refused.retry_after().unwrap() <= Duration::from_secs(36), "{refused:?}");
        if issuer.fetches() > before {
            asked_at.push(second);
        }
        issuer.advance(1);
    }

    assert!(asked_at.starts_with(&[0]) && asked_at[1] <= 2 && asked_at[2] <= 5, "{asked_at:?}");
    assert!((8..=11).contains(&asked_at.len()), "{asked_at:?}");
    let rests: Vec<i32> = asked_at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(rests.iter().all(|rest| *rest <= 36) && rests[rests.len() - 1] >= 30, "{rests:?}");
}

#[tokio::test]
async fn nobody_waits_again_and_again_for_an_issuer_that_hangs() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier_with(|builder| builder.fetch_timeout(Duration::from_millis(200)));
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    issuer.set_oauth(Reply::Hangs);

    issuer.advance(301);
    assert!(verifier.verify(&issuer.token()).await.is_ok(), "after the one wait that finds out");
    for _ in 0..20 {
        issuer.advance(60);
        let token = issuer.token();
        let verdict = at_once(verifier.verify(&token));
        assert!(verdict.is_some_and(|verdict| verdict.is_ok()), "it waited");
        issuer.settle().await;
    }
}

/// What a future says when it is asked once.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
