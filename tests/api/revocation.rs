//! A key that was revoked mints nothing: at once here, a second later elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hallpass::flow::AppWish;

use crate::support::{Ask, BILLING, House, Key, ORDERS, Program, SHOP, send, within};

const SECOND: Duration = Duration::from_secs(1);

/// Whether `key` is answered with `status`, and goes on being so.
pub(crate) async fn settles(house: &House, key: &Key, status: u16) -> bool {
    let is_so = async || house.exchange(key, &[("resource", ORDERS)]).await.status == status;
    if !within(SECOND, is_so).await {
        return false;
    }
    for _ in 0..20 {
        if house.exchange(key, &[("resource", ORDERS)]).await.status != status {
            return false;
        }
    }
    true
}

#[tokio::test]
async fn a_revoked_key_mints_nothing_from_the_moment_the_call_returns_under_load() {
    let (house, _) = House::with_shop().await;

    for round in 0..25 {
        let key = house.key(SHOP, &[]).await;
        let is_revoked = Arc::new(AtomicBool::new(false));
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let (address, ask, is_revoked) = (house.node, Ask::exchange(&key, &[]), Arc::clone(&is_revoked));
                tokio::spawn(async move {
                    for after in 0.. {
                        let was_revoked = is_revoked.load(Ordering::SeqCst);
                        let status = send(address, &ask).await.status;
                        if was_revoked {
                            assert_eq!(status, 401, "round {round}, after {after} exchanges");
                            return;
                        }
                    }
                })
            })
            .collect();
        house.exchange(&key, &[]).await;

        house.revoke(&key).await;
        is_revoked.store(true, Ordering::SeqCst);

        for caller in callers {
            caller.await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_key_revoked_by_another_process_mints_nothing_a_second_later() {
    let (house, key) = House::with_shop().await;
    assert_eq!(house.exchange(&key, &[]).await.status, 200);

    let shown = Program::beside(&house, &["keys", "revoke", &key.id, "--reason", "lost", "--json"]).good().await.json();

    assert!(settles(&house, &key, 401).await);
    assert_eq!((&shown["standing"], &shown["revoked_reason"]), (&"revoked".into(), &"lost".into()));
}

#[tokio::test]
async fn a_key_switched_off_and_on_by_another_process_follows_within_a_second() {
    let (house, key) = House::with_shop().await;
    assert_eq!(house.exchange(&key, &[]).await.status, 200);

    for (verb, status) in [("disable", 401), ("enable", 200), ("disable", 401)] {
        Program::beside(&house, &["keys", verb, &key.id]).good().await;

        assert!(settles(&house, &key, status).await, "{verb}");
    }
}

#[tokio::test]
async fn an_app_switched_off_and_on_by_another_process_takes_its_keys_along() {
    let (house, key) = House::with_shop().await;
    assert_eq!(house.exchange(&key, &[]).await.status, 200);

    for (verb, status) in [("disable", 401), ("enable", 200)] {
        Program::beside(&house, &["apps", verb, SHOP]).good().await;

        assert!(settles(&house, &key, status).await, "{verb}");
    }
}

#[tokio::test]
async fn a_resource_switched_off_by_another_process_gets_no_tokens() {
    let (house, key) = House::with_shop().await;
    assert_eq!(house.exchange(&key, &[]).await.status, 200);

    for (verb, status) in [("disable", 400), ("enable", 200)] {
        Program::beside(&house, &["resources", verb, ORDERS]).good().await;

        assert!(settles(&house, &key, status).await, "{verb}");
    }
}

#[tokio::test]
async fn what_an_app_loses_its_keys_lose_across_processes() {
    let house = House::open().await;
    let key = house.furnish_two().await;
    let orders = [("resource", ORDERS)];
    assert_eq!(house.exchange(&key, &orders).await.json()["scope"], "orders:read orders:write");

    Program::beside(&house, &["apps", "update", SHOP, "--scope", "orders:read"]).good().await;
    let is_narrow = async || house.exchange(&key, &orders).await.json()["scope"] == "orders:read";
    assert!(within(SECOND, is_narrow).await);
    let asked = [("resource", ORDERS), ("scope", "orders:write")];
    assert_eq!(house.exchange(&key, &asked).await.refusal(), (400, "invalid_scope".to_owned()));

    Program::beside(&house, &["apps", "update", SHOP, "--resource", BILLING]).good().await;
    assert!(settles(&house, &key, 400).await);
    assert_eq!(house.exchange(&key, &orders).await.refusal(), (400, "invalid_target".to_owned()));
}

#[tokio::test]
async fn what_an_app_loses_its_keys_lose_at_once_on_this_node() {
    let (house, key) = House::with_shop().await;
    assert_eq!(house.exchange(&key, &[]).await.status, 200);

    house.change_app(SHOP, AppWish { scopes: Some(vec![]), ..AppWish::default() }).await;
    let without_scopes = house.exchange(&key, &[]).await;
    house.change_app(SHOP, AppWish { resources: Some(vec![]), ..AppWish::default() }).await;
    let without_resources = house.exchange(&key, &[]).await;
    house.change_app(SHOP, AppWish { is_disabled: Some(true), ..AppWish::default() }).await;
    let without_all = house.exchange(&key, &[]).await;

    assert_eq!(without_scopes.json()["scope"], "");
    assert_eq!(without_resources.refusal(), (400, "invalid_target".to_owned()));
    assert_eq!(without_all.refusal(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_key_revoked_on_one_of_two_servers_mints_nothing_on_the_other_a_second_later() {
    let (house, _) = House::with_shop().await;
    let other = house.beside().await;

    for _ in 0..5 {
        let key = house.key(SHOP, &[]).await;
        assert_eq!(other.exchange(&key, &[]).await.status, 200);

        house.revoke(&key).await;

        assert_eq!(house.exchange(&key, &[]).await.status, 401);
        assert!(settles(&other, &key, 401).await);
    }
}

#[tokio::test]
async fn a_key_made_by_another_process_works_here_at_once() {
    let (house, _) = House::with_shop().await;
    let arguments = ["keys", "create", SHOP, "--name", "new", "--scope", "orders:read", "--json"];

    let made = Program::beside(&house, &arguments).good().await.json();
    let text = made["key"].as_str().unwrap();
    let reply = house.send(&Ask::token(&[]).bearer(text)).await;

    assert_eq!((reply.status, &reply.json()["scope"]), (200, &"orders:read".into()));
}

#[tokio::test]
async fn a_revoked_key_stays_so_after_a_restart() {
    let (house, key) = House::with_shop().await;
    house.exchange(&key, &[]).await;
    house.revoke(&key).await;

    let house = house.restart().await;

    assert_eq!(house.exchange(&key, &[]).await.status, 401);
}

#[tokio::test]
async fn a_change_log_that_was_swept_past_a_follower_makes_it_drop_everything() {
    let (house, key) = House::with_shop().await;
    let mut other = house.beside().await;
    assert_eq!(other.exchange(&key, &[]).await.status, 200);
    // Its job is stopped with it; the flows go on, with what they have in memory.
    let flows = Arc::clone(&other.flows);
    let before = flows.store().last_change().await.unwrap();
    house.revoke(&key).await;
    house.advance(hallpass::limit::CHANGE_KEPT + SECOND);
    house.key(SHOP, &[]).await;
    house.flows.sweep_changes().await.unwrap();

    flows.follow().await.unwrap();

    assert!(flows.store().list_changes(before, 10).await.unwrap().is_none(), "its place was swept away");
    assert_eq!(other.exchange(&key, &[]).await.status, 401);
    other.stop().await;
}
