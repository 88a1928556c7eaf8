//! A crowd waits for a database that is slow for them alone.

use std::time::Duration;

use futures_util::future::join_all;
use hallpass::limit;
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{RECOVERY, assert_is_our_trouble, connection};
use crate::support::{Ask, House, Program, SHOP, is_postgres, within};

/// More than the server has connections.
const CROWD: usize = 32;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_has_all_connections_keeps_nobody_from_reading_the_change_log() {
    if !is_postgres() {
        return; // Nobody keeps a reader of SQLite waiting.
    }
    let (house, warm) = House::with_shop().await;
    let mut cold = Vec::new();
    for _ in 0..CROWD {
        cold.push(house.key(SHOP, &[]).await);
    }
    let server = Program::serve(house.path()).on(&house.database).start().await;
    assert_eq!(server.send(&Ask::exchange(&warm, &[])).await.status, 200);
    let connection = connection(&house).await;
    let held = connection.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE api_key IN ACCESS EXCLUSIVE MODE").await.unwrap();

    let asked = cold.iter().map(|key| Ask::exchange(key, &[])).collect::<Vec<_>>();
    let crowd = join_all(asked.iter().map(|ask| server.send(ask)));
    let known = async {
        let span = limit::LOAD_TIMEOUT - Duration::from_millis(100);
        let began = tokio::time::Instant::now();
        while began.elapsed() < span {
            assert_eq!(server.send(&Ask::exchange(&warm, &[])).await.status, 200, "after {:?}", began.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let (replies, ()) = tokio::join!(crowd, known);
    held.rollback().await.unwrap();

    for reply in &replies {
        assert_is_our_trouble(reply);
    }
    for key in &cold {
        assert!(within(RECOVERY, async || server.send(&Ask::exchange(key, &[])).await.status == 200).await);
    }
}
