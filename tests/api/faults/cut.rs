//! The wire to PostgreSQL is cut, slow, or dead; or there is no room at the other end.

use std::time::{Duration, Instant};

use hallpass::limit;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use super::assert_is_our_trouble;
use super::street::Street;
use crate::support::{Ask, Cluster, Proxy, Said, Weather, is_postgres, send, within};

/// Ends everyone's connections but the asker's own.
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'hallpass'";
/// What a look-up may take, and what a busy machine adds.
const AT_ONCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_again_and_again_under_load_lose_nothing_and_stop_no_warm_key() {
    if !is_postgres() {
        return;
    }
    let cluster = Cluster::start(&[]).await;
    let mut street = Street::open(&cluster.url(), &cluster.url()).await;
    let load = street.load(3);

    for _ in 0..30 {
        Street::sees(&load, 1, |seen| seen.cold.good + seen.cold.unavailable).await;
        cluster.execute(CUT).await;
    }
    let (minted, ready) = street.recovers(Instant::now()).await;

    let seen = load.end().await;
    assert_eq!(seen.warm.unavailable, 0, "known keys do not notice: {seen:?}");
    assert!(seen.warm.slowest < AT_ONCE && seen.cold.slowest < AT_ONCE, "{seen:?}");
    println!("cut: a cold exchange after {minted:.2?}, ready after {ready:.2?}; {seen:?}; {}", street.closes().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wire_that_takes_a_fifth_of_a_second_each_time_slows_cold_keys_alone() {
    if !is_postgres() {
        return;
    }
    let cluster = Cluster::start(&[]).await;
    let proxy = Proxy::before(cluster.socket()).await;
    let street = Street::open(&Cluster::url_at(proxy.address.port()), &cluster.url()).await;
    proxy.becomes(Weather::Slow(Duration::from_millis(100)));
    let load = street.load(1);

    Street::sees(&load, 500, |seen| seen.warm.good).await;
    Street::sees(&load, 6, |seen| seen.cold.good).await;
    let (key, others) = (&street.cold[0], &street.cold[1..]);
    let began = Instant::now();
    assert!(street.mints(key).await);
    let cold = began.elapsed();

    let seen = load.end().await;
    assert_eq!((seen.warm.unavailable, seen.cold.unavailable), (0, 0), "{seen:?}");
    assert!(street.is_ready().await);
    for key in others {
        assert!(street.mints(key).await);
    }
    println!("slow: a cold exchange takes {cold:.2?}; {seen:?}; {}", street.closes().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_never_answers_is_given_up_in_time_and_taken_up_again() {
    if !is_postgres() {
        return;
    }
    let cluster = Cluster::start(&[]).await;
    let proxy = Proxy::before(cluster.socket()).await;
    let mut street = Street::open(&Cluster::url_at(proxy.address.port()), &cluster.url()).await;
    let load = street.load(3);
    Street::sees(&load, 40, |seen| seen.warm.good).await;
    Street::sees(&load, 12, |seen| seen.cold.good).await;

    // It goes silent while much is on the way.
    proxy.becomes(Weather::Slow(Duration::from_millis(100)));
    let (key, address) = (street.cold.pop().unwrap(), street.server.address);
    let revoke = Ask::form(&[("token", &key.text)]).at("/oauth/revoke").bearer(&key.text);
    let began = Instant::now();
    let revoking = tokio::spawn(async move { send(address, &revoke).await });
    tokio::time::sleep(Duration::from_millis(700)).await;
    proxy.becomes(Weather::BlackHole);
    Street::sees(&load, 4, |seen| seen.warm.unavailable).await;
    assert!(!street.is_ready().await);
    assert_is_our_trouble(&revoking.await.unwrap());
    let gives_up = began.elapsed();
    assert!(gives_up < limit::REQUEST_MAX, "{gives_up:?}");
    street.ledger.revoked(&key, &Said::Perhaps);
    // Long enough that each connection has been tried.
    Street::sees(&load, 20, |seen| seen.warm.unavailable).await;

    // The dead connections stay dead: a firewall forgot them, and says nothing.
    proxy.becomes(Weather::Clear);
    let (minted, ready) = street.recovers(Instant::now()).await;
    Street::sees(&load, 40, |seen| seen.warm.good).await;
    Street::sees(&load, 12, |seen| seen.cold.good).await;

    let seen = load.end().await;
    assert!(seen.warm.slowest < AT_ONCE && seen.cold.slowest < AT_ONCE, "{seen:?}");
    println!(
        "dead: a cold exchange after {minted:.2?}, ready after {ready:.2?}; {seen:?}; {}",
        street.closes_after(true).await
    );
}

/// A connection of somebody else's.
async fn other(url: &str) -> Result<DatabaseConnection, sea_orm::DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).connect_timeout(Duration::from_millis(300)).sqlx_logging(false);
    Database::connect(options).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_without_room_is_our_trouble_until_there_is_some() {
    if !is_postgres() {
        return;
    }
    let cluster = Cluster::start(&["max_connections=30"]).await;
    cluster.execute("CREATE ROLE others LOGIN").await;
    let others_url = cluster.url().replace("postgres://hallpass@", "postgres://others@");
    let mut street = Street::open(&cluster.url(), &cluster.url()).await;
    let load = street.load(0);
    Street::sees(&load, 40, |seen| seen.warm.good).await;

    // Others take all the room there is, and the server's as well.
    let mut others = Vec::new();
    let is_full = async || {
        cluster.execute(CUT).await;
        // Who gave up may have held a place for a moment.
        let mut in_vain = 0;
        while in_vain < 3 {
            match other(&others_url).await {
                Ok(one) => others.push(one),
                Err(_) => in_vain += 1,
            }
        }
        let lasts = load.seen();
        tokio::time::sleep(limit::FOLLOW_STALE).await;
        load.seen().warm.unavailable > lasts.warm.unavailable
    };
    assert!(within(AT_ONCE * 4, is_full).await, "{:?}", load.seen());
    assert!(!street.is_ready().await);
    assert!(!street.mints(&street.cold[0]).await);

    for one in others {
        one.close().await.unwrap();
    }
    let (minted, ready) = street.recovers(Instant::now()).await;

    let seen = load.end().await;
    assert!(seen.warm.slowest < AT_ONCE, "{seen:?}");
    println!("full: a cold exchange after {minted:.2?}, ready after {ready:.2?}; {seen:?}; {}", street.closes().await);
}
