//! The database is gone for a while: who is known goes on, who is not hears that it is our trouble.

mod crowd;
mod cut;
mod descriptors;
mod disk;
mod handshake;
mod idle;
mod journey;
mod killed;
mod outage;
mod pipelined;
mod shutdown;
mod street;
mod vanished;

use std::time::Duration;

use hallpass::limit;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, TransactionTrait};

use crate::support::{Ask, House, Key, Reply, SHOP, within};

const RECOVERY: Duration = Duration::from_secs(5);
/// What SQLite loses: all that anything here rests on.
const TABLES: [&str; 18] = [
    "api_key",
    "app",
    "authorization_code",
    "authorization_request",
    "change_log",
    "identity",
    "job_lease",
    "key_usage",
    "login_attempt",
    "provider",
    "provider_logout",
    "refresh_token",
    "revoked_token",
    "session",
    "signing_key",
    "token_family",
    "user",
    "user_grant",
];

/// A connection of the test's own to the house's database.
async fn connection(house: &House) -> DatabaseConnection {
    Database::connect(house.database.url()).await.unwrap()
}

/// Takes the database away: PostgreSQL lets nobody in, SQLite loses its tables.
async fn take_away(house: &House) {
    match house.database.postgres() {
        Some(postgres) => postgres.shut().await,
        None => rename(house, "", "gone_").await,
    }
}

async fn give_back(house: &House) {
    match house.database.postgres() {
        Some(postgres) => postgres.reopen().await,
        None => rename(house, "gone_", "").await,
    }
}

async fn rename(house: &House, old: &str, new: &str) {
    let connection = connection(house).await;
    for table in TABLES {
        let statement = format!("ALTER TABLE \"{old}{table}\" RENAME TO \"{new}{table}\"");
        connection.execute_unprepared(&statement).await.unwrap();
    }
    connection.close().await.unwrap();
}

fn assert_is_our_trouble(reply: &Reply) {
    assert_eq!(reply.refusal(), (503, "temporarily_unavailable".to_owned()), "{reply:?}");
    assert_eq!(reply.header("retry-after"), Some("2"));
    for detail in ["api_key", "sqlite", "postgres", "sql", "table", "connection"] {
        assert!(!reply.text().to_lowercase().contains(detail), "{reply:?}");
    }
}

async fn stranger(house: &House) -> Key {
    let other = House::open().await;
    let key = other.furnish().await;
    assert_ne!(other.address, house.address);
    key
}

#[tokio::test]
async fn without_its_database_warm_keys_still_mint_and_cold_ones_get_503_and_it_recovers() {
    let (house, warm) = House::with_shop().await;
    let (cold, stranger) = (house.key(SHOP, &[]).await, stranger(&house).await);
    let unknown_before = house.exchange(&stranger, &[]).await;
    assert_eq!((house.exchange(&warm, &[]).await.status, unknown_before.status), (200, 401));
    let other_stranger = House::open().await.furnish().await;

    take_away(&house).await;
    let began = std::time::Instant::now();
    for _ in 0..20 {
        assert_eq!(house.exchange(&warm, &[]).await.status, 200);
    }
    assert_is_our_trouble(&house.exchange(&cold, &[]).await);
    assert_is_our_trouble(&house.exchange(&other_stranger, &[]).await);
    let malformed = house.send(&Ask::token(&[]).bearer("nonsense")).await;
    let documents = house.send(&Ask::get("/.well-known/jwks.json")).await;
    let live = house.send(&Ask::get("/livez")).await;
    assert_eq!((malformed.status, documents.status, live.status), (401, 200, 200));
    assert!(house.flows.flush_uses().await.is_err(), "what can't be written down is kept");
    assert!(began.elapsed() < Duration::from_secs(25), "nothing waited for long: {:?}", began.elapsed());

    give_back(&house).await;
    assert!(within(RECOVERY, async || house.exchange(&cold, &[]).await.status == 200).await);
    assert!(within(RECOVERY, async || house.send(&Ask::get("/readyz")).await.status == 200).await);
    assert!(within(RECOVERY, async || house.flows.flush_uses().await.is_ok()).await);
    let uses = house.flows.find_key(&warm.id).await.unwrap().1.unwrap().uses;
    assert_eq!(uses, 21, "no use was lost");
}

#[tokio::test]
async fn who_can_not_read_the_change_log_for_half_a_minute_believes_no_cache_and_takes_no_requests() {
    let (house, warm) = House::with_shop().await;
    assert_eq!(house.exchange(&warm, &[]).await.status, 200);

    take_away(&house).await;
    let is_unready = async || house.send(&Ask::get("/readyz")).await.status == 503;
    assert!(within(limit::FOLLOW_STALE + RECOVERY, is_unready).await);
    // A revocation elsewhere could not have been heard of.
    assert_is_our_trouble(&house.exchange(&warm, &[]).await);
    assert_eq!(house.send(&Ask::get("/livez")).await.status, 200);

    give_back(&house).await;
    assert!(within(RECOVERY, async || house.exchange(&warm, &[]).await.status == 200).await);
    assert!(within(RECOVERY, async || house.send(&Ask::get("/readyz")).await.status == 200).await);
}

#[tokio::test]
async fn a_revocation_that_could_not_be_written_is_not_reported_as_done() {
    let (house, key) = House::with_shop().await;
    house.exchange(&key, &[]).await;

    take_away(&house).await;
    let wish = hallpass::flow::RevokeWish { reason: "lost".to_owned(), by: "test".to_owned() };
    let outcome = house.flows.revoke_key(&key.id, &wish).await;
    give_back(&house).await;

    assert!(outcome.is_err());
    let revoked = async || house.flows.revoke_key(&key.id, &wish).await.is_ok();
    assert!(within(RECOVERY, revoked).await);
    assert_eq!(house.exchange(&key, &[]).await.status, 401);
}

#[tokio::test]
async fn a_writer_that_holds_the_database_for_long_does_not_hold_up_an_exchange() {
    let (house, warm) = House::with_shop().await;
    let cold = house.key(SHOP, &[]).await;
    house.exchange(&warm, &[]).await;
    let connection = connection(&house).await;
    let held = connection.begin().await.unwrap();
    held.execute_unprepared("UPDATE api_key SET name = 'held'").await.unwrap();

    let began = std::time::Instant::now();
    let (warm, cold) = (house.exchange(&warm, &[]).await, house.exchange(&cold, &[]).await);

    assert_eq!((warm.status, cold.status), (200, 200), "readers go beside the writer");
    assert!(began.elapsed() < Duration::from_secs(2));
    held.rollback().await.unwrap();
}

#[tokio::test]
async fn who_starts_without_a_database_says_so() {
    let house = House::open().await;
    let url = "postgres://nobody@127.0.0.1:1/nowhere";
    let serve = crate::support::Program::serve(house.path()).variable("HALLPASS_DATABASE_URL", url);

    let outcome = serve.run().await;

    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("database"), "{outcome:?}");
}
