//! Signing keys that come and go: nobody meets a token that can't be verified.

use std::time::Duration;

use hallpass::flow::{ResourceWish, SigningKeyRotation};
use hallpass::limit;
use hallpass_verifier::Error;

use crate::support::{Ask, House, ORDERS, Program, Reply, Server, TestDatabase, Token, within};

const SECOND: Duration = Duration::from_secs(1);

async fn jwks(house: &House) -> Reply {
    house.send(&Ask::get("/.well-known/jwks.json")).await
}

fn kids(jwks: &Reply) -> Vec<String> {
    let keys = jwks.json()["keys"].as_array().unwrap().clone();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &str) -> String {
    Token::read(token).header["kid"].as_str().unwrap().to_owned()
}

/// Lets time pass, and the job that looks after the ring run.
async fn pass(house: &House, span: Duration) {
    house.advance(span);
    house.flows.tend_ring().await.unwrap();
}

#[tokio::test]
async fn the_next_key_is_published_a_day_before_it_signs_and_the_old_one_stays_until_its_last_token_is_a_day_dead() {
    let (house, key) = House::with_shop().await;
    let first = kid(&house.exchange(&key, &[]).await.token());

    pass(&house, limit::KEY_ACTIVE - 2 * limit::KEY_WARM_UP - SECOND).await;
    assert_eq!(kids(&jwks(&house).await), [&*first]);
    pass(&house, SECOND).await;
    let announced = kids(&jwks(&house).await);
    assert_eq!((announced.len(), &announced[0]), (2, &first), "the successor is announced");
    let second = announced[1].clone();

    pass(&house, 2 * limit::KEY_WARM_UP - SECOND).await;
    let last_of_the_first = house.exchange(&key, &[]).await.token();
    pass(&house, SECOND).await;
    let first_of_the_second = house.exchange(&key, &[]).await.token();
    assert_eq!((kid(&last_of_the_first), kid(&first_of_the_second)), (first.clone(), second.clone()));
    for token in [&last_of_the_first, &first_of_the_second] {
        assert!(house.verify(token, ORDERS).await.is_ok());
    }

    pass(&house, limit::TOKEN_LIFETIME_MAX + limit::KEY_OVERLAP - SECOND).await;
    assert!(kids(&jwks(&house).await).contains(&first), "before the overlap has passed");
    pass(&house, SECOND).await;
    assert_eq!(kids(&jwks(&house).await), [second], "after it");
}

#[tokio::test]
async fn a_verifier_that_kept_the_keys_for_as_long_as_it_may_knows_the_key_that_signs() {
    let (house, key) = House::with_shop().await;
    let longest = limit::JWKS_MAX_AGE + limit::JWKS_STALE_MAX;
    pass(&house, limit::KEY_ACTIVE - 2 * limit::KEY_WARM_UP).await;
    pass(&house, 2 * limit::KEY_WARM_UP - longest).await;
    let kept = jwks(&house).await;

    pass(&house, longest).await;
    let token = house.exchange(&key, &[]).await.token();

    assert_ne!(kid(&token), kids(&kept)[0], "a new key signs");
    assert!(house.verify_with(&token, ORDERS, &kept).await.is_ok());
}

#[tokio::test]
async fn a_change_of_keys_changes_the_etag() {
    let (house, _) = House::with_shop().await;
    let before = jwks(&house).await;
    let etag = before.header("etag").unwrap();

    house.flows.rotate_signing_keys().await.unwrap();
    let after = house.send(&Ask::get("/.well-known/jwks.json").header("If-None-Match", etag)).await;

    assert_eq!(after.status, 200);
    assert_ne!(after.header("etag"), Some(etag));
}

#[tokio::test]
async fn a_rotation_that_is_asked_for_still_waits_until_verifiers_know_the_key() {
    let (house, key) = House::with_shop().await;
    let first = kid(&house.exchange(&key, &[]).await.token());

    let planned = house.flows.rotate_signing_keys().await.unwrap();
    let again = house.flows.rotate_signing_keys().await.unwrap();
    let [SigningKeyRotation { kid: next, due, .. }] = &planned[..] else { panic!("{planned:?}") };

    assert_eq!(planned, again, "asked twice, the same key is meant");
    assert_eq!(*due, house.clock.now() + 86_400);
    pass(&house, limit::KEY_WARM_UP - SECOND).await;
    assert_eq!(kid(&house.exchange(&key, &[]).await.token()), first);
    pass(&house, SECOND).await;
    assert_eq!(kid(&house.exchange(&key, &[]).await.token()), *next);
}

#[tokio::test]
async fn an_emergency_signs_with_a_fresh_key_at_once_and_withdraws_all_others() {
    let (house, key) = House::with_shop().await;
    house.flows.rotate_signing_keys().await.unwrap();
    let old = house.exchange(&key, &[]).await.token();

    let (replaced, withdrawn) = house.flows.replace_signing_keys().await.unwrap();
    let new = house.exchange(&key, &[]).await.token();

    let [SigningKeyRotation { kid: fresh, .. }] = &replaced[..] else { panic!("{replaced:?}") };
    assert_eq!(withdrawn, 2);
    assert_eq!((kid(&new), kids(&jwks(&house).await)), (fresh.clone(), vec![fresh.clone()]));
    assert!(house.verify(&new, ORDERS).await.is_ok());
    assert!(matches!(house.verify(&old, ORDERS).await, Err(Error::UnknownKey)));
}

#[tokio::test]
async fn two_servers_agree_on_the_keys_and_take_each_step_once() {
    let (house, key) = House::with_shop().await;
    let other = house.beside().await;

    house.advance(limit::KEY_ACTIVE - limit::KEY_WARM_UP);
    let (here, there) = tokio::join!(house.flows.tend_ring(), other.flows.tend_ring());
    // A server's own job may have been first.
    assert!(here.unwrap() + there.unwrap() <= 1, "one of them at most made the successor");
    other.flows.follow().await.unwrap();
    house.flows.follow().await.unwrap();

    assert_eq!(kids(&jwks(&house).await).len(), 2);
    assert_eq!(kids(&jwks(&house).await), kids(&jwks(&other).await));
    let token = other.exchange(&key, &[]).await.token();
    let keys = jwks(&house).await;
    assert!(other.verify_with(&token, ORDERS, &keys).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_of_the_ring_that_began_before_a_change_does_not_bring_back_what_was() {
    let (house, key) = House::with_shop().await;
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let flows = std::sync::Arc::clone(&house.flows);
            tokio::spawn(async move {
                loop {
                    let _ = flows.tend_ring().await;
                    // A house that was closed answers at once, again and again.
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();

    for round in 0..40 {
        let (replaced, _) = house.flows.replace_signing_keys().await.unwrap();
        let token = house.exchange(&key, &[]).await.token();

        assert_eq!(kid(&token), replaced[0].kid, "round {round}");
    }

    for reader in readers {
        reader.abort();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_resource_of_a_new_kind_gets_tokens_at_once_whoever_looks_after_the_ring_meanwhile() {
    for _ in 0..10 {
        let (house, key) = House::with_shop().await;
        let flows = std::sync::Arc::clone(&house.flows);
        let reader = tokio::spawn(async move {
            loop {
                let _ = flows.tend_ring().await;
                // A house that was closed answers at once, again and again.
                tokio::task::yield_now().await;
            }
        });

        let wish = ResourceWish { profile: Some("modern".to_owned()), ..ResourceWish::default() };
        house.change_resource(ORDERS, wish).await;

        for _ in 0..5 {
            assert_eq!(house.exchange(&key, &[]).await.status, 200);
        }
        reader.abort();
    }
}

#[tokio::test]
async fn the_ring_survives_a_restart() {
    let (house, key) = House::with_shop().await;
    let (before, token) = (kids(&jwks(&house).await), house.exchange(&key, &[]).await.token());
    let keys = jwks(&house).await;

    let house = house.restart().await;

    assert_eq!(kids(&jwks(&house).await), before);
    assert_eq!(kid(&house.exchange(&key, &[]).await.token()), kid(&token));
    assert_eq!(keys.header("etag"), jwks(&house).await.header("etag"));
}

#[tokio::test]
async fn an_emergency_from_another_process_reaches_a_running_server_within_a_second() {
    let house = House::open().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let before = server.send(&Ask::get("/.well-known/jwks.json")).await;

    let ran = Program::beside(&house, &["signing-keys", "rotate", "--emergency", "--json"]).good().await;
    let fresh = ran.json()[0]["kid"].as_str().unwrap().to_owned();
    let is_there = async || kids(&server.send(&Ask::get("/.well-known/jwks.json")).await) == [&*fresh];

    assert!(within(SECOND, is_there).await);
    assert!(!kids(&before).contains(&fresh));
    for words in ["hallpass-verifier", "Cache-Control", "pinned key"] {
        assert!(ran.stderr.contains(words), "it says what each kind of verifier will do: {}", ran.stderr);
    }
}

#[tokio::test]
async fn servers_that_start_at_once_on_a_new_database_share_one_pepper_and_one_key_of_a_kind() {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::fresh(folder.path()).await;
    Program::new(folder.path(), &["root-key", "new"]).good().await;
    let serve = Program::serve(folder.path()).on(&database);

    let (one, two, three) = tokio::join!(serve.start(), serve.start(), serve.start());
    let run = async |arguments: &[&str]| Program::new(folder.path(), arguments).on(&database).good().await.stdout;
    run(&["resources", "create", ORDERS]).await;
    run(&["apps", "create", "shop", "--resource", ORDERS]).await;
    let key = run(&["keys", "create", "shop", "--name", "x"]).await;

    let published = async |server: &Server| kids(&server.send(&Ask::get("/.well-known/jwks.json")).await);
    let first = published(&one).await;
    assert_eq!(first.len(), 1);
    for server in [&one, &two, &three] {
        let agrees = async || published(server).await == first;
        assert!(within(SECOND, agrees).await);
        let works = async || server.send(&Ask::token(&[]).bearer(key.trim())).await.status == 200;
        assert!(within(SECOND, works).await);
    }
}
