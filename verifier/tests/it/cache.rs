//! Tokens that come again: what the cache spares, and what it must never do.

use std::time::Duration;

use hallpass_verifier::{CacheHealth, Clock, Error, KeySet, Verifier};
use serde_json::json;

use crate::support::{AUDIENCE, House, ISSUER, NOW, Signer, claims, with};

fn house() -> House {
    House::with(|builder| builder.cache(100))
}

/// Tokens, hits and misses.
fn counts(verifier: &Verifier) -> (usize, u64, u64) {
    let CacheHealth { tokens, hits, misses, .. } = verifier.health()[0].cache.unwrap();
    (tokens, hits, misses)
}

#[tokio::test]
async fn it_is_off_unless_asked_for() {
    let house = House::open();
    assert_eq!(house.verifier.health()[0].cache, None);
    assert_eq!(House::with(|builder| builder.cache(0)).verifier.health()[0].cache, None);
}

#[tokio::test]
async fn a_token_that_comes_again_says_the_same() {
    let house = house();

    for signer in house.signers() {
        let token = signer.token(&claims());
        let first = house.verify(&token).await.unwrap();
        assert_eq!(house.verify(&token).await.unwrap(), first);
    }

    assert_eq!(counts(&house.verifier), (3, 3, 3));
}

#[tokio::test]
async fn only_what_was_verified_is_held() {
    let house = house();
    let good = house.es256.token(&claims());
    let bad = [
        Signer::es256("e1").token(&claims()),
        Signer::es256("stranger").token(&claims()),
        house.es256.token(&with("aud", "other")),
        house.es256.token(&with("exp", NOW - 31)),
        "a.b.c".into(),
        String::new(),
        "x".repeat(100_000),
    ];

    for token in bad {
        let first = house.verify(&token).await.unwrap_err();
        assert_eq!(house.verify(&token).await.unwrap_err(), first);
    }
    assert_eq!(counts(&house.verifier), (0, 0, 0));
    assert!(house.verify(&good).await.is_ok());
}

#[tokio::test]
async fn a_token_is_known_by_all_of_it() {
    let house = house();
    let token = house.es256.token(&claims());
    let other = house.es256.token(&with("sub", "somebody_else"));
    house.verify(&token).await.unwrap();
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (shown, others) = (parts(&token), parts(&other));

    let other_claims = format!("{}.{}.{}", shown[0], others[1], shown[2]);
    let other_signature = format!("{}.{}.{}", shown[0], shown[1], others[2]);
    let other_header = format!("{}.{}.{}", parts(&house.eddsa.token(&claims()))[0], shown[1], shown[2]);

    assert_eq!(house.verify(&other_claims).await, Err(Error::Signature));
    assert_eq!(house.verify(&other_signature).await, Err(Error::Signature));
    assert!(house.verify(&other_header).await.is_err());
    assert!(house.verify(&format!("{token} ")).await.is_err());
    assert_eq!(counts(&house.verifier), (1, 0, 1));
}

#[tokio::test]
async fn it_dies_when_its_time_is_up_and_not_later() {
    let house = house();
    let token = house.es256.token(&claims());
    house.verify(&token).await.unwrap();

    house.clock.advance(Duration::from_millis(329_999));
    assert!(house.verify(&token).await.is_ok());
    house.clock.advance(Duration::from_millis(1));

    assert_eq!(house.verify(&token).await, Err(Error::Expired { maybe_clock: true }));
    assert_eq!(counts(&house.verifier), (0, 1, 1));
    assert_eq!(house.verify(&token).await, Err(Error::Expired { maybe_clock: true }));
}

#[tokio::test]
async fn nbf_and_iat_are_asked_again_when_the_clock_is_set_back() {
    let house = house();
    let token = house.es256.token(&with("nbf", NOW));
    let only_iat = house.es256.token(&with("nbf", NOW - 1000));
    for token in [&token, &only_iat] {
        house.verify(token).await.unwrap();
    }

    house.clock.set(NOW - 31);
    assert_eq!(house.verify(&token).await, Err(Error::NotYetValid { maybe_clock: true }));
    house.clock.set(NOW - 5 - 31);
    assert_eq!(house.verify(&only_iat).await, Err(Error::IssuedInFuture { maybe_clock: true }));

    house.clock.set(NOW);
    assert!(house.verify(&token).await.is_ok(), "and it can be verified again");
}

#[tokio::test]
async fn there_are_never_more_than_it_was_made_for_and_the_oldest_goes() {
    for room in [1, 2, 3, 7, 64, 129] {
        let house = House::with(|builder| builder.cache(room));
        let tokens: Vec<_> = (0..room * 2 + 40).map(|n| house.eddsa.token(&with("jti", format!("t{n}")))).collect();
        for token in &tokens {
            house.verify(token).await.unwrap();
            assert!(counts(&house.verifier).0 <= room, "{room}");
        }
        let (held, hits, _) = counts(&house.verifier);
        assert_eq!(hits, 0);
        assert!(held * 4 >= room * 3, "{held} of {room}: the room is used");
        house.verify(tokens.last().unwrap()).await.unwrap();
        house.verify(&tokens[0]).await.unwrap();
        assert_eq!(counts(&house.verifier).1, 1, "the last is known and the first is not");
    }
}

#[tokio::test]
async fn a_hundred_who_show_one_token_at_once_take_one_place() {
    let house = house();
    let token = house.es256.token(&claims());
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let (verifier, token) = (house.verifier.clone(), token.clone());
            tokio::spawn(async move { verifier.verify(&token).await.is_ok() })
        })
        .collect();

    for task in tasks {
        assert!(task.await.unwrap());
    }
    let (tokens, hits, misses) = counts(&house.verifier);
    assert_eq!((tokens, hits + misses), (1, 100));
}

#[tokio::test]
async fn two_verifiers_share_nothing() {
    let house = house();
    let token = house.es256.token(&claims());
    house.verify(&token).await.unwrap();
    let keys = KeySet::from_jwks_json(json!({ "keys": [house.es256.jwk()] }).to_string()).unwrap();
    let other = Verifier::builder(ISSUER)
        .audience("https://other.example")
        .keys(keys)
        .clock(Clock::Held(house.clock.clone()))
        .cache(100)
        .build()
        .unwrap();

    assert_eq!(other.verify(&token).await, Err(Error::Audience));
    assert_ne!(AUDIENCE, "https://other.example");
}

#[cfg(feature = "fetch")]
mod through_time {
    use std::time::Duration;

    use hallpass_verifier::{Error, Verifier};

    use super::counts;
    use crate::support::{Issuer, Reply, Signer};

    fn verifier(issuer: &Issuer) -> Verifier {
        issuer.verifier_with(|builder| builder.cache(100))
    }

    #[tokio::test]
    async fn a_withdrawn_key_takes_its_tokens_with_it() {
        let issuer = Issuer::open().await;
        let (verifier, new) = (verifier(&issuer), Signer::es256("new"));
        let (old, also_old) = (
            issuer.token(),
            issuer.key.token(&{
                let mut claims = issuer.claims();
                claims["jti"] = "t2".into();
                claims
            }),
        );
        for token in [&old, &also_old, &old] {
            assert!(verifier.verify(token).await.is_ok());
        }
        assert_eq!(counts(&verifier), (2, 1, 2));

        issuer.publish(&[&new]);
        issuer.advance(30);
        assert!(verifier.verify(&issuer.token_of(&new)).await.is_ok());

        assert_eq!(counts(&verifier).0, 1, "the new one only");
        for token in [&old, &also_old] {
            assert_eq!(verifier.verify(token).await, Err(Error::UnknownKey));
        }
    }

    #[tokio::test]
    async fn a_key_that_takes_anothers_name_does_not_take_its_tokens() {
        let issuer = Issuer::open().await;
        let verifier = verifier(&issuer);
        let token = issuer.token();
        assert!(verifier.verify(&token).await.is_ok());

        issuer.publish(&[&Signer::es256(issuer.key.kid)]);
        issuer.advance(900);

        assert_eq!(verifier.verify(&token).await, Err(Error::Signature));
    }

    #[tokio::test]
    async fn a_hit_refreshes_the_keys_and_the_same_document_leaves_the_cache() {
        let issuer = Issuer::open().await;
        let verifier = verifier(&issuer);
        let token = issuer.token();

        for _ in 0..5 {
            assert!(verifier.verify(&token).await.is_ok());
            issuer.advance(301);
        }

        assert_eq!(issuer.fetches(), 5);
        assert_eq!(counts(&verifier), (1, 4, 1));
    }

    #[tokio::test]
    async fn a_hit_is_no_way_round_an_issuer_that_is_away_too_long() {
        let issuer = Issuer::open().await;
        let verifier = verifier(&issuer);
        let token = issuer.token();
        assert!(verifier.verify(&token).await.is_ok());
        issuer.set_jwks(Reply::status(500));

        issuer.clock.advance(Duration::from_hours(2));

        assert!(verifier.verify(&token).await.unwrap_err().is_unavailable());
    }
}
