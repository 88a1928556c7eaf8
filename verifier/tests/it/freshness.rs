//! Keys through time, with a clock that is held: how long they are good, and when the issuer is asked again.

use std::time::Duration;

use hallpass_verifier::{Error, Verifier};
use serde_json::json;

use crate::support::{Issuer, Reply, Signer};

/// Asks until the background refresh has landed.
async fn until_verdict(verifier: &Verifier, token: &str, good: bool) {
    let watch = async {
        while verifier.verify(token).await.is_ok() != good {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), watch).await.expect("the verdict never changed");
}

#[tokio::test]
async fn nothing_is_asked_before_the_first_token_nor_while_keys_are_fresh() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();

    assert_eq!(issuer.fetches(), 0);
    for _ in 0..20 {
        assert!(verifier.verify(&issuer.token()).await.is_ok());
        issuer.advance(10);
    }

    assert_eq!(issuer.fetches(), 1, "200 s are less than three quarters of 5 min");
}

#[tokio::test]
async fn a_refresh_runs_ahead_and_nobody_waits_for_it() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());

    issuer.set_oauth(Reply::Hangs);
    issuer.advance(260);
    for _ in 0..10 {
        assert!(verifier.verify(&issuer.token()).await.is_ok());
    }

    issuer.until(|issuer| issuer.asked().len() == 3).await;
}

#[tokio::test]
async fn max_age_is_clamped_to_1_to_15_min_and_5_when_there_is_none() {
    let seconds = [
        ("max-age=0", 60),
        ("no-store", 60),
        ("no-cache", 60),
        ("max-age=1", 60),
        ("max-age=60", 60),
        ("max-age=120", 120),
        ("MAX-AGE=\"120\"", 120),
        ("public, max-age=600, immutable", 600),
        ("max-age=86400", 900),
        ("max-age=1000000000000", 900),
        ("max-age=99999999999999999999999999", 900),
        ("max-age=1e12", 60),
        ("max-age=-1", 60),
        ("max-age=abc", 60),
        ("max-age", 60),
        ("max-age=600, no-store", 60),
        ("public", 300),
        ("", 300),
        ("s-maxage=5", 300),
    ];

    for (header, age) in seconds {
        let issuer = Issuer::open().await;
        issuer.set_jwks(Reply::cached(&json!({ "keys": [issuer.key.jwk()] }), header));
        let verifier = issuer.verifier();
        assert!(verifier.verify(&issuer.token()).await.is_ok());

        issuer.advance(age * 3 / 4 - 1);
        assert!(verifier.verify(&issuer.token()).await.is_ok());
        tokio::task::yield_now().await;
        assert_eq!(issuer.fetches(), 1, "{header}: still fresh");

        issuer.advance(age / 4 + 2);
        assert!(verifier.verify(&issuer.token()).await.is_ok());
        assert_eq!(issuer.fetches(), 2, "{header}: old, so it waited for a fetch");
    }
}

#[tokio::test]
async fn age_on_the_way_counts_and_a_wrong_date_does_not() {
    let issuer = Issuer::open().await;
    let headers = ["Cache-Control: max-age=600", "Age: 480", "Date: Thu, 01 Jan 1970 00:00:00 GMT", "Expires: 0"];
    let body = json!({ "keys": [issuer.key.jwk()] }).to_string().into_bytes();
    issuer.set_jwks(Reply::Full(200, headers.map(str::to_owned).to_vec(), body));
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());

    issuer.advance(89);
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    assert_eq!(issuer.fetches(), 1);
    issuer.advance(32);
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test]
async fn a_304_keeps_the_keys_and_makes_them_fresh() {
    let issuer = Issuer::open().await;
    issuer.set_jwks(Reply::Tagged("\"v1\"", json!({ "keys": [issuer.key.jwk()] }).to_string().into_bytes()));
    let verifier = issuer.verifier();

    for fetches in 1..=4 {
        assert!(verifier.verify(&issuer.token()).await.is_ok());
        assert_eq!(issuer.fetches(), fetches);
        issuer.advance(61);
    }
    // A new tag brings the new keys.
    issuer.set_jwks(Reply::Tagged("\"v2\"", json!({ "keys": [] }).to_string().into_bytes()));
    assert_eq!(verifier.verify(&issuer.token()).await, Err(Error::UnknownKey));
}

#[tokio::test]
async fn a_304_that_nobody_asked_for_is_no_answer() {
    let issuer = Issuer::open().await;
    issuer.set_jwks(Reply::status(304));

    assert!(issuer.verifier().verify(&issuer.token()).await.unwrap_err().is_unavailable());
}

#[tokio::test]
async fn a_withdrawn_key_dies_with_the_next_good_fetch() {
    let issuer = Issuer::open().await;
    let (old, new) = (issuer.token(), Signer::es256("new"));
    let verifier = issuer.verifier();
    assert!(verifier.verify(&old).await.is_ok());

    issuer.publish(&[&new]);
    issuer.advance(30);
    assert!(verifier.verify(&issuer.token_of(&new)).await.is_ok());

    assert_eq!(verifier.verify(&old).await, Err(Error::UnknownKey));
}

#[tokio::test]
async fn the_issuer_can_not_make_a_withdrawn_key_live_longer_than_15_min() {
    let issuer = Issuer::open().await;
    issuer.set_jwks(Reply::cached(&json!({ "keys": [issuer.key.jwk()] }), "max-age=86400"));
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());

    issuer.publish(&[&Signer::es256("new")]);
    issuer.advance(15 * 60);

    assert_eq!(verifier.verify(&issuer.token()).await, Err(Error::UnknownKey));
}

#[tokio::test]
async fn a_withdrawn_key_dies_in_the_background_too() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());

    issuer.publish(&[&Signer::es256("new")]);
    issuer.advance(270);

    until_verdict(&verifier, &issuer.token(), false).await;
    issuer.until(|issuer| issuer.fetches() == 2).await;
}

#[tokio::test]
async fn a_jump_of_the_wall_clock_is_no_reason_to_fetch() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    assert!(verifier.verify(&issuer.token()).await.is_ok());

    for off in [3600, -3600, 10, -10, 365 * 24 * 3600] {
        issuer.clock.set(crate::support::NOW + off);
        let _ = verifier.verify(&issuer.token()).await;
        let _ = verifier.verify(&issuer.token_of(&Signer::es256("stranger"))).await;
    }
    issuer.clock.set(crate::support::NOW);

    assert!(verifier.verify(&issuer.token()).await.is_ok());
    assert_eq!(issuer.fetches(), 1);
}

#[tokio::test]
async fn the_numbers_can_be_set() {
    let issuer = Issuer::open().await;
    let seconds = Duration::from_secs;
    let verifier = issuer.verifier_with(|builder| {
        builder
            .key_age(seconds(10), seconds(20))
            .default_key_age(seconds(10))
            .max_stale(seconds(5))
            .cool_down(seconds(1))
    });
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    issuer.set_jwks(Reply::status(500));

    issuer.advance(12);
    assert!(verifier.verify(&issuer.token()).await.is_ok());
    issuer.advance(4);
    assert!(verifier.verify(&issuer.token()).await.unwrap_err().is_unavailable());
}
