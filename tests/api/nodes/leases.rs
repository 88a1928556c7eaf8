//! What one node does for all, one node does: until it stops, dies, or is silent for too long.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hallpass::clock::Clock;
use hallpass::flow::ResourceWish;
use hallpass::limit;
use hallpass::store::StoreError;

use super::{node, number, quiet_node};
use crate::support::{Ask, House, Key, NOW, ORDERS, Program, Server, Token, signal, within};

/// What a machine that is busy with other tests may add.
const SLACK: Duration = Duration::from_secs(5);

/// A house whose own server has ended, its key, and two processes in its place: the first one does the chores.
async fn two() -> (House, Key, Server, Server) {
    let (mut house, key) = House::with_shop().await;
    house.stop().await;
    let first = node(&house).start().await;
    assert!(within(SLACK, async || does_chores(&first).await).await, "the lease was given back at the end");
    let second = node(&house).start().await;
    assert!(within(SLACK, async || number(&second, LEASE).await.is_some()).await);
    assert!(!does_chores(&second).await);
    (house, key, first, second)
}

const LEASE: &str = "hallpass_lease_held{job=\"chores\"}";

async fn does_chores(server: &Server) -> bool {
    number(server, LEASE).await == Some(1.0)
}

/// How long it takes until a server does the chores; `most` at most.
async fn takes_over(server: &Server, most: Duration) -> Duration {
    let began = Instant::now();
    assert!(within(most, async || does_chores(server).await).await, "it does not take over: {}", server.output());
    began.elapsed()
}

#[tokio::test]
async fn of_two_processes_one_sweeps_and_one_that_ends_hands_it_over_at_once() {
    let (_house, _, first, second) = two().await;
    let sweeps = "hallpass_store_calls_total{verb=\"sweep_journeys\"}";
    assert!(within(SLACK, async || number(&first, sweeps).await == Some(1.0)).await);
    assert_eq!(number(&second, sweeps).await, None);

    assert_eq!(first.stop().await, Some(0));

    let took = takes_over(&second, limit::LEASE_RENEWED_EVERY + SLACK).await;
    assert!(took < limit::LEASE, "nobody waited until it expired: {took:?}");
    println!("a clean end: taken over after {took:?}");
}

#[tokio::test]
async fn a_node_that_is_killed_loses_the_chores_in_the_time_that_is_stated() {
    let (_house, _, first, second) = two().await;

    first.kill();

    let took = takes_over(&second, limit::LEASE_TAKEN_OVER + SLACK).await;
    println!("killed: taken over after {took:?}");
}

#[tokio::test]
async fn a_node_that_is_stopped_for_longer_than_its_lease_loses_it_and_does_no_harm_when_it_wakes_up() {
    let (house, key, first, second) = two().await;
    assert_eq!(first.send(&Ask::exchange(&key, &[])).await.status, 200);

    signal(first.id(), "STOP");
    let took = takes_over(&second, limit::LEASE_TAKEN_OVER + SLACK).await;
    println!("stopped: taken over after {took:?}");
    Program::beside(&house, &["signing-keys", "rotate", "--emergency"]).good().await;
    Program::beside(&house, &["keys", "revoke", &key.id, "--reason", "lost"]).good().await;
    signal(first.id(), "CONT");

    assert!(within(limit::LEASE_RENEWED_EVERY + SLACK, async || !does_chores(&first).await).await);
    let jwks = async |server: &Server| server.send(&Ask::get("/.well-known/jwks.json")).await.body;
    let agree = async || jwks(&first).await == jwks(&second).await;
    assert!(within(SLACK, agree).await, "it learns of the rotation");
    assert!(within(SLACK, async || first.send(&Ask::exchange(&key, &[])).await.status == 401).await);
    assert!(does_chores(&second).await, "who took over keeps it");
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_as_much_as_may_be_neither_wins_nor_loses_the_chores() {
    let mut house = House::open().await;
    assert!(house.flows.hold_chores().await.unwrap());
    let skew = i64::try_from(limit::CLOCK_SKEW.as_secs()).unwrap();
    let ahead = house.beside_by(Clock::held(NOW + skew)).await;
    let behind = house.beside_by(Clock::held(NOW - skew)).await;

    for _ in 0..5 {
        assert!(house.flows.hold_chores().await.unwrap());
        assert!(!ahead.flows.hold_chores().await.unwrap());
        assert!(!behind.flows.hold_chores().await.unwrap());
    }

    house.stop().await;
    let (ahead, behind) = (ahead.flows.hold_chores().await.unwrap(), behind.flows.hold_chores().await.unwrap());
    assert!(ahead != behind, "one of them has it now");
}

#[tokio::test]
async fn of_many_that_try_at_once_one_has_it_and_who_gives_it_back_gives_back_its_own() {
    let mut house = House::open().await;
    house.stop().await;
    let nodes = join_all((0..6).map(|_| quiet_node(&house, house.database.url()))).await;

    for _ in 0..10 {
        let has = join_all(nodes.iter().map(|flows| flows.hold_chores())).await;
        let holder = has.iter().position(|has| *has.as_ref().unwrap()).expect("one has it");
        assert_eq!(has.iter().filter(|has| *has.as_ref().unwrap()).count(), 1);

        for flows in nodes.iter().enumerate().filter_map(|(at, flows)| (at != holder).then_some(flows)) {
            flows.leave_chores().await;
        }
        assert!(nodes[holder].hold_chores().await.unwrap(), "nobody else can give it back");
        nodes[holder].leave_chores().await;
    }
}

#[tokio::test]
async fn what_was_decided_on_what_is_no_longer_so_is_not_done() {
    let (house, key) = House::with_shop().await;
    let signs = Token::read(&house.exchange(&key, &[]).await.token()).header["kid"].as_str().unwrap().to_owned();
    let store = house.flows.store();
    let seen = store.last_change().await.unwrap();

    // What a key is needed for may be there again by the time that somebody who was stopped goes on.
    house.change_resource(ORDERS, ResourceWish { name: Some("Orders".to_owned()), ..ResourceWish::default() }).await;
    let late = store.mark_signing_key_stopped(NOW, seen, &signs).await;

    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
    house.flows.follow().await.unwrap();
    assert_eq!(Token::read(&house.exchange(&key, &[]).await.token()).header["kid"], *signs);

    let seen = store.last_change().await.unwrap();
    house.key("shop", &[]).await;
    store.mark_signing_key_stopped(NOW, seen, &signs).await.expect("a new key of an app's changes nothing about it");
}

#[tokio::test]
async fn what_was_decided_before_the_log_was_swept_is_not_done() {
    let (house, key) = House::with_shop().await;
    let signs = Token::read(&house.exchange(&key, &[]).await.token()).header["kid"].as_str().unwrap().to_owned();
    let store = house.flows.store();
    let seen = store.last_change().await.unwrap();

    house.key("shop", &[]).await;
    house.advance(limit::CHANGE_KEPT + Duration::from_secs(1));
    house.key("shop", &[]).await;
    house.flows.sweep_changes().await.unwrap();
    let late = store.mark_signing_key_stopped(NOW, seen, &signs).await;

    assert!(matches!(late, Err(StoreError::Gone)), "{late:?}");
}
