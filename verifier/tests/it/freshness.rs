//! Keys through time, with a clock that is held: when the issuer is asked, and what serves meanwhile.

use std::time::Duration;

use hallpass_verifier::{Error, Verifier};
use serde_json::json;

use crate::support::{Issuer, Reply, Signer};

const HOUR: u64 = 3600;

/// Lets a refresh that nobody waits for be done with.
async fn settled(issuer: &Issuer, fetches: usize) {
    issuer.until(|issuer| issuer.fetches() == fetches).await;
}

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
    settled(&issuer, 2).await;
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
    settled(&issuer, 2).await;
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
