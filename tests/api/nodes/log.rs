//! The order of the change log is the order of commits, whoever writes; and what is read late brings nothing back.

use std::time::Duration;

use hallpass::policy::standing::Standing;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement, TransactionTrait};

use super::{Gate, quiet_node, standing};
use crate::support::{House, SHOP, is_postgres, within};

const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn nobody_overtakes_a_writer_that_has_its_place_and_has_not_committed() {
    if !is_postgres() {
        return; // SQLite has one writer.
    }
    let (house, key) = House::with_shop().await;
    let follower = quiet_node(&house, house.database.url()).await;
    let before = follower.store().last_change().await.unwrap();
    let slow = Database::connect(house.database.url()).await.unwrap();
    let watcher = Database::connect(house.database.url()).await.unwrap();
    let transaction = slow.begin().await.unwrap();
    // By hand, as the page about the change log says: no lock is asked for.
    let by_hand = "INSERT INTO change_log (made_at, kind, subject) VALUES (1, 'app', 'shop')";
    transaction.execute_unprepared(by_hand).await.unwrap();

    let flows = std::sync::Arc::clone(&house.flows);
    let id = key.id.clone();
    let revoking = tokio::spawn(async move {
        let wish = hallpass::flow::RevokeWish { reason: "lost".to_owned(), by: "test".to_owned() };
        flows.revoke_key(&id, &wish).await.unwrap();
    });
    let waits = Statement::from_string(
        DbBackend::Postgres,
        "SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = database \
         WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()",
    );
    let is_waiting = async || watcher.query_one_raw(waits.clone()).await.unwrap().is_some();
    assert!(within(PATIENCE, is_waiting).await, "the revocation waits for its turn");
    follower.follow().await.unwrap();
    assert_eq!(follower.store().last_change().await.unwrap(), before, "nothing is there yet");

    transaction.commit().await.unwrap();
    revoking.await.unwrap();
    let changes = follower.store().list_changes(before, 10).await.unwrap().unwrap();
    let subjects: Vec<_> = changes.iter().map(|change| change.subject.as_str()).collect();
    assert_eq!(subjects, ["shop", &*key.id], "in the order of their commits, and none is missed");
    follower.follow().await.unwrap();
    assert!(matches!(standing(&follower, &key).await, Standing::Revoked { .. }));
}

#[tokio::test]
async fn a_reading_that_is_late_does_not_bring_back_a_key_that_another_node_revoked() {
    if !is_postgres() {
        return; // What SQLite says arrives at once.
    }
    let (house, _) = House::with_shop().await;
    let gate = Gate::before(house.database.url()).await;
    let node = quiet_node(&house, &gate.url(house.database.url())).await;

    for round in 0..5 {
        let key = house.key(SHOP, &[]).await;
        node.follow().await.unwrap();
        gate.hold_one_with(&key.id);
        let (reader, its_key) = (std::sync::Arc::clone(&node), key.clone());
        let late = tokio::spawn(async move { standing(&reader, &its_key).await });
        assert!(gate.holds().await, "round {round}: the database has answered, and the answer is on its way");

        house.revoke(&key).await;
        node.follow().await.unwrap();
        gate.open();

        assert!(matches!(late.await.unwrap(), Standing::Revoked { .. }), "round {round}: it is read again");
        assert!(matches!(standing(&node, &key).await, Standing::Revoked { .. }), "round {round}: and so it is kept");
    }
}

#[tokio::test]
async fn who_missed_what_was_said_catches_up_from_its_place() {
    let (house, _) = House::with_shop().await;
    let node = quiet_node(&house, house.database.url()).await;
    let mut keys = Vec::new();
    for _ in 0..20 {
        let key = house.key(SHOP, &[]).await;
        assert_eq!(standing(&node, &key).await, Standing::Good);
        keys.push(key);
    }

    for key in &keys {
        house.revoke(key).await;
        assert_eq!(standing(&node, key).await, Standing::Good, "it can't know yet");
    }
    node.follow().await.unwrap();

    for key in &keys {
        assert!(matches!(standing(&node, key).await, Standing::Revoked { .. }));
    }
}
