//! The wire to PostgreSQL falls silent at the worst moment, or brings news late.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hallpass::flow::Refusal;
use hallpass::limit;
use hallpass::policy::standing::Standing;
use sea_orm::{ConnectionTrait, Database};
use tokio::time::{sleep, timeout};

use super::{Gate, exchange, quiet_node, standing};
use crate::support::{House, SHOP, is_postgres, within};

/// As many connections as a node shares among its requests.
const PLACES: usize = 16;
/// What PostgreSQL says when it has nothing more to say, and no transaction is open.
const READY: &[u8] = b"Z\0\0\0\x05I";

#[tokio::test]
async fn what_is_written_after_somebody_left_while_a_transaction_began_is_there() {
    if !is_postgres() {
        return;
    }
    let (house, key) = House::with_shop().await;
    let gate = Gate::before(house.database.url()).await;
    let node = quiet_node(&house, &gate.url(house.database.url())).await;

    for round in 0..3 {
        gate.hold_one_with("BEGIN");
        let (leaver, id) = (Arc::clone(&node), key.id.clone());
        let asking = tokio::spawn(async move { leaver.disable_key(&id, false).await });
        assert!(gate.holds().await, "the transaction has begun, and nobody has heard so");
        asking.abort();
        gate.open();
        sleep(Duration::from_millis(100)).await;

        let jti = format!("token-{round}");
        node.store().insert_revoked_token(&jti, i64::MAX).await.unwrap();

        assert!(house.flows.store().is_token_revoked(&jti).await.unwrap(), "round {round}: it was said to be done");
    }
}

#[tokio::test]
async fn a_wire_that_falls_silent_each_time_a_connection_comes_back_takes_no_place_for_ever() {
    if !is_postgres() {
        return;
    }
    let (house, key) = House::with_shop().await;
    let gate = Gate::before(house.database.url()).await;
    let node = quiet_node(&house, &gate.url(house.database.url())).await;
    for opened in join_all((0..PLACES).map(|_| node.store().find_key(&key.id))).await {
        opened.unwrap();
    }
    sleep(Duration::from_millis(100)).await;
    for taken in 1..=PLACES {
        gate.hold_one_that_is(READY);
        node.store().find_key(&key.id).await.unwrap();
        assert!(gate.holds_many(taken).await);
    }

    let began = Instant::now();
    while !matches!(timeout(limit::LOAD_TIMEOUT, node.store().find_key(&key.id)).await, Ok(Ok(_))) {
        assert!(began.elapsed() < limit::ANSWER_TIMEOUT + 2 * limit::LOAD_TIMEOUT, "it has no connection any more");
    }

    let created = node.create_key(&House::wish(SHOP, &[])).await;
    created.expect("and others are as good");
}

#[tokio::test]
async fn news_is_as_old_as_the_question() {
    if !is_postgres() {
        return;
    }
    let (house, key) = House::with_shop().await;
    let gate = Gate::before(house.database.url()).await;
    let node = quiet_node(&house, &gate.url(house.database.url())).await;
    let late = limit::FOLLOW_STALE / 2;

    gate.hold_one_with(&key.id);
    let reader = Arc::clone(&node);
    let reading = tokio::spawn(async move { reader.follow().await });
    assert!(gate.holds().await, "the database has answered, and the answer is on its way");
    sleep(late).await;
    gate.open();
    reading.await.unwrap().unwrap();

    assert!(node.store().reach().silence() >= late, "who knows what was so then does not know what is so now");
}

#[tokio::test]
async fn a_wire_that_falls_silent_while_the_reader_of_the_log_dials_costs_it_seconds() {
    if !is_postgres() {
        return;
    }
    let house = House::open().await;
    let gate = Gate::before(house.database.url()).await;
    let node = quiet_node(&house, &gate.url(house.database.url())).await;
    // Until what was asked last is back in its place.
    sleep(Duration::from_millis(100)).await;

    gate.hold_all();
    let keeper = Arc::clone(&node);
    let keeping = tokio::spawn(async move { keeper.tend_ring().await });
    assert!(gate.holds_many(2).await, "the old connection leads nowhere, and the new one neither");
    gate.open_for_others();
    let began = Instant::now();

    let reads = async || timeout(limit::STORE_TIMEOUT, node.follow()).await.is_ok_and(|read| read.is_ok());
    assert!(within(2 * limit::ANSWER_TIMEOUT, reads).await, "the wire is well again, and the log is not read");
    assert!(began.elapsed() < limit::ANSWER_TIMEOUT + limit::PING_TIMEOUT, "{:?}", began.elapsed());
    let kept = timeout(limit::ANSWER_TIMEOUT, keeping).await.expect("who waited there has stopped");
    assert!(kept.unwrap().is_err());
}

#[tokio::test]
async fn who_needs_a_pepper_that_was_just_made_elsewhere_waits_for_one_reading_of_all_and_not_for_ever() {
    if !is_postgres() {
        return;
    }
    let (house, _) = House::with_shop().await;
    let gate = Gate::before(house.database.url()).await;
    let node = quiet_node(&house, &gate.url(house.database.url())).await;
    let connection = Database::connect(house.database.url()).await.unwrap();
    let rename = async |old: &str, new: &str| {
        connection.execute_unprepared(&format!("ALTER TABLE {old} RENAME TO {new}")).await.unwrap();
    };
    let furnish = async || {
        house.flows.rotate_pepper().await.unwrap();
        let key = house.key(SHOP, &[]).await;
        assert_eq!(standing(&node, &key).await, Standing::Good, "it is in memory");
        key
    };

    let key = furnish().await;
    gate.hold_one_with(&house.flows.store().list_peppers().await.unwrap()[0].sealed.root_key_id);
    let opening = async {
        assert!(gate.holds().await, "the first one reads");
        rename("pepper", "gone").await;
        gate.open();
    };
    let (traded, ()) = tokio::join!(join_all((0..3).map(|_| exchange(&node, &key))), opening);
    rename("gone", "pepper").await;
    assert!(traded.iter().all(Result::is_ok), "{traded:?}");

    let key = furnish().await;
    gate.hold_all();
    let began = Instant::now();
    let traded = join_all((0..3).map(|_| exchange(&node, &key))).await;
    assert!(traded.iter().all(|traded| matches!(traded, Err(Refusal::Unavailable(_)))), "{traded:?}");
    assert!(began.elapsed() < 2 * limit::LOAD_TIMEOUT, "{:?}", began.elapsed());
}
