//! The database is away for longer: for how long who is known goes on, what is said of it, and how quickly.

use std::time::{Duration, Instant};

use hallpass::limit;

use super::{RECOVERY, assert_is_our_trouble, give_back, take_away};
use crate::nodes::{Gate, number};
use crate::support::{Ask, House, Program, SHOP, is_postgres, within};

const GRACE: Duration = Duration::from_secs(4);

async fn readiness(house: &House) -> (u16, String) {
    let reply = house.send(&Ask::get("/readyz")).await;
    (reply.status, reply.json()["checks"]["database"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn warm_keys_mint_for_as_long_as_is_stated_and_not_longer() {
    let house = House::with(|settings| settings.database.outage_grace = GRACE.into()).await;
    let warm = house.furnish().await;
    let cold = house.key(SHOP, &[]).await;
    // What was just made is forgotten once more, when the log is read.
    house.flows.follow().await.unwrap();
    assert_eq!(house.exchange(&warm, &[]).await.status, 200);

    take_away(&house).await;
    let is_told = async || readiness(&house).await == (200, "away".to_owned());
    assert!(within(limit::FOLLOW_STALE + RECOVERY, is_told).await, "it says so while it goes on");
    assert_eq!(house.exchange(&warm, &[]).await.status, 200);
    assert_is_our_trouble(&house.exchange(&cold, &[]).await);

    let began = Instant::now();
    while house.exchange(&warm, &[]).await.status == 200 {
        assert!(began.elapsed() < GRACE + RECOVERY, "it goes on for ever");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_is_our_trouble(&house.exchange(&warm, &[]).await);
    assert_eq!(readiness(&house).await, (503, "unavailable".to_owned()));

    give_back(&house).await;
    assert!(within(RECOVERY, async || house.exchange(&warm, &[]).await.status == 200).await);
    assert!(within(RECOVERY, async || readiness(&house).await == (200, "ok".to_owned())).await);
}

#[tokio::test]
async fn a_number_says_that_the_database_is_away() {
    let (house, _) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let ready = async |check: &str| number(&server, &format!("hallpass_ready{{check=\"{check}\"}}")).await;
    assert!(within(2 * RECOVERY, async || ready("database").await == Some(1.0)).await);

    take_away(&house).await;
    assert!(within(2 * RECOVERY, async || ready("database").await == Some(0.0)).await);
    assert_eq!(ready("signing_key").await, Some(1.0));
    give_back(&house).await;

    assert!(within(2 * RECOVERY, async || ready("database").await == Some(1.0)).await);
}

#[tokio::test]
async fn while_the_database_is_known_to_be_silent_nobody_waits_for_it() {
    if !is_postgres() {
        return; // What SQLite has to say it says at once.
    }
    let (house, warm) = House::with_shop().await;
    let cold = house.key(SHOP, &[]).await;
    let gate = Gate::before(house.database.url()).await;
    let url = gate.url(house.database.url());
    let server = Program::serve(house.path()).variable("HALLPASS_DATABASE_URL", &url).start().await;
    let calls = async || number(&server, "hallpass_store_calls_total{verb=\"find_key\"}").await.unwrap_or(0.0);
    assert_eq!(server.send(&Ask::exchange(&warm, &[])).await.status, 200);

    gate.hold_all();
    let is_told = async || server.send(&Ask::get("/readyz")).await.status == 503;
    assert!(within(limit::FOLLOW_STALE + RECOVERY, is_told).await);
    let first = Instant::now();
    assert_is_our_trouble(&server.send(&Ask::exchange(&cold, &[])).await);
    assert!(first.elapsed() < limit::LOAD_TIMEOUT + RECOVERY, "who asks first waits for a while at most");
    let before = calls().await;
    let began = Instant::now();
    for _ in 0..20 {
        assert_is_our_trouble(&server.send(&Ask::exchange(&cold, &[])).await);
        assert_is_our_trouble(&server.send(&Ask::exchange(&warm, &[])).await);
    }
    assert!(calls().await - before < 0.5, "the database was not even asked");
    assert!(began.elapsed() < 10 * limit::LOAD_TIMEOUT, "{:?}", began.elapsed());
    gate.open();

    for key in [&cold, &warm] {
        assert!(within(2 * RECOVERY, async || server.send(&Ask::exchange(key, &[])).await.status == 200).await);
    }
    assert!(within(RECOVERY, async || server.send(&Ask::get("/readyz")).await.status == 200).await);
}
