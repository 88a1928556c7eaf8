//! Many at once, and strangers: one fetch for all, few for those whose key nobody knows.

use std::time::Duration;

use hallpass_verifier::Error;
use serde_json::json;

use crate::support::{Issuer, Reply, Signer};

#[tokio::test]
async fn an_unknown_kid_causes_a_fetch_when_the_last_one_is_30_s_old() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    let stranger = issuer.token_of(&Signer::es256("stranger"));
    assert!(verifier.verify(&issuer.token()).await.is_ok());

    for (seconds, fetches) in [(0, 1), (29, 1), (1, 2), (0, 2), (29, 2), (1, 3), (1, 3)] {
        issuer.advance(seconds);
        assert_eq!(verifier.verify(&stranger).await, Err(Error::UnknownKey));
        assert_eq!(issuer.fetches(), fetches);
    }
}

#[tokio::test]
async fn a_new_key_is_known_within_the_cool_down() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    let next = Signer::eddsa("next");
    let token = issuer.token_of(&next);

    assert_eq!(verifier.verify(&token).await, Err(Error::UnknownKey));
    issuer.publish(&[&issuer.key, &next]);
    issuer.advance(1);
    assert_eq!(verifier.verify(&token).await, Err(Error::UnknownKey), "too soon to ask again");
    issuer.advance(29);

    assert!(verifier.verify(&token).await.is_ok());
    assert!(verifier.verify(&issuer.token()).await.is_ok(), "both, while they overlap");
}

#[tokio::test]
async fn all_who_need_keys_wait_for_one_fetch() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();

    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (verifier, token) = (verifier.clone(), issuer.token());
            tokio::spawn(async move { verifier.verify(&token).await })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap().is_ok());
    }

    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn a_caller_who_gives_up_does_not_take_the_fetch_from_the_others() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    let token = issuer.token();

    let gone = tokio::time::timeout(Duration::ZERO, verifier.verify(&token)).await;
    let stays = verifier.verify(&token).await;

    assert!(gone.is_err());
    assert!(stays.is_ok());
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn a_fetch_on_a_runtime_that_nobody_drives_is_not_waited_for_for_ever() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier_with(|builder| builder.fetch_timeout(Duration::from_millis(200)));
    let token = issuer.token();
    let asleep = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    {
        let _entered = asleep.enter();
        let mut first = Box::pin(verifier.verify(&token));
        assert!(first.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending());
    }

    let second =
        tokio::time::timeout(Duration::from_secs(5), verifier.verify(&token)).await.expect("it waits for ever");
    issuer.advance(2);
    let third = verifier.verify(&token).await;
    asleep.shutdown_background();

    assert!(second.unwrap_err().is_unavailable());
    assert!(third.is_ok());
    let health = verifier.health().remove(0);
    assert_eq!((health.fetched, health.failed), (1, 1), "the one that was given up does not count twice");
}

#[tokio::test]
async fn a_fetch_does_not_outlive_its_verifier() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    issuer.set_jwks(Reply::Hangs);
    let token = issuer.token();
    let metrics = tokio::runtime::Handle::current().metrics();

    let gone = tokio::time::timeout(Duration::from_millis(100), verifier.verify(&token)).await;
    let alive = metrics.num_alive_tasks();
    drop(verifier);

    assert!(gone.is_err());
    tokio::time::timeout(Duration::from_secs(2), async {
        while metrics.num_alive_tasks() >= alive {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the fetch went on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_unknown_kids_cause_one_fetch_per_cool_down() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());

    for fetches in 2..=3 {
        issuer.advance(30);
        let flood: Vec<_> = (0..200)
            .map(|task| {
                let verifier = verifier.clone();
                let claims = issuer.claims();
                tokio::spawn(async move {
                    for n in 0..250 {
                        let header = json!({ "alg": "ES256", "kid": format!("{task}-{n}"), "typ": "at+jwt" });
                        let token = crate::support::compact(&header, &claims, &[1; 64]);
                        assert_eq!(verifier.verify(&token).await, Err(Error::UnknownKey));
                    }
                })
            })
            .collect();
        for task in flood {
            task.await.unwrap();
        }
        assert_eq!(issuer.fetches(), fetches);
    }
}

#[tokio::test]
async fn good_tokens_do_not_wait_for_what_unknown_kids_have_asked_for() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    issuer.set_jwks(Reply::Hangs);
    issuer.advance(30);

    let strangers: Vec<_> = (0..200)
        .map(|_| {
            let (verifier, token) = (verifier.clone(), issuer.token_of(&Signer::es256("stranger")));
            tokio::spawn(async move { verifier.verify(&token).await })
        })
        .collect();
    issuer.until(|issuer| issuer.fetches() == 2).await;
    for _ in 0..1000 {
        assert!(verifier.verify(&issuer.token()).await.is_ok());
    }

    assert!(strangers.iter().all(|stranger| !stranger.is_finished()), "they wait, and nobody else does");
    assert_eq!(issuer.fetches(), 2);
    strangers.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_malformed_token_asks_the_issuer_nothing() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    let key = &issuer.key;

    for token in
        ["", "a.b.c", &key.raw("{}", "{}"), &key.token_with(&json!({ "alg": "ES256", "kid": "x" }), &issuer.claims())]
    {
        assert!(verifier.verify(token).await.is_err());
    }

    assert_eq!(issuer.asked().len(), 0);
}
