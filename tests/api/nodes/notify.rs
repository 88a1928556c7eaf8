//! PostgreSQL says that something changed: nodes learn it before they would have looked. Without that they look.

use std::time::{Duration, Instant};

use hallpass::policy::standing::Standing;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use tokio::time::timeout;

use super::{node, number, quiet_node, standing};
use crate::support::{Ask, House, Key, SHOP, Server, is_postgres, within};

const SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);
const HEARD: &str = "hallpass_change_log_heard_total";

/// How many connections listen on the house's database.
async fn listeners(connection: &DatabaseConnection) -> usize {
    let rows = Statement::from_string(
        DbBackend::Postgres,
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'hallpass-listen' AND datname = current_database()",
    );
    connection.query_all_raw(rows).await.unwrap().len()
}

/// Cuts everyone off who listens there.
async fn cut(connection: &DatabaseConnection) {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE application_name = 'hallpass-listen' AND datname = current_database()";
    connection.execute_unprepared(end).await.unwrap();
}

/// How long after a revocation at the house the server refuses the key.
async fn refused_after(house: &House, server: &Server, key: &Key) -> Duration {
    assert_eq!(server.send(&Ask::exchange(key, &[])).await.status, 200);
    house.revoke(key).await;
    let began = Instant::now();
    let refuses = async || server.send(&Ask::exchange(key, &[])).await.status == 401;
    assert!(within(2 * SECOND, refuses).await);
    began.elapsed()
}

#[tokio::test]
async fn a_revocation_is_told_to_a_node_that_reads_nothing_by_itself() {
    if !is_postgres() {
        return;
    }
    let (house, key) = House::with_shop().await;
    let node = quiet_node(&house, house.database.url()).await;
    assert_eq!(standing(&node, &key).await, Standing::Good);
    let mut listener = node.listen().await.unwrap();

    house.revoke(&key).await;
    timeout(PATIENCE, listener.heard()).await.expect("it is told").unwrap();

    assert_eq!(standing(&node, &key).await, Standing::Good, "that alone changes nothing");
    node.follow().await.unwrap();
    assert!(matches!(standing(&node, &key).await, Standing::Revoked { .. }), "what was told stands in the log");
}

#[tokio::test]
async fn what_was_rolled_back_is_not_told_and_what_was_written_by_hand_is() {
    if !is_postgres() {
        return;
    }
    let house = House::open().await;
    let node = quiet_node(&house, house.database.url()).await;
    let connection = Database::connect(house.database.url()).await.unwrap();
    let mut listener = node.listen().await.unwrap();
    let by_hand = "INSERT INTO change_log (made_at, kind, subject) VALUES (1, 'app', 'shop')";

    connection.execute_unprepared(&format!("BEGIN; {by_hand}; ROLLBACK")).await.unwrap();
    assert!(timeout(SECOND / 2, listener.heard()).await.is_err());
    connection.execute_unprepared(by_hand).await.unwrap();

    timeout(PATIENCE, listener.heard()).await.expect("it is told").unwrap();
}

#[tokio::test]
async fn a_revocation_at_one_node_is_refused_at_the_other_at_once_with_and_within_a_second_without() {
    let (house, _) = House::with_shop().await;
    for listens in ["true", "false"] {
        let server = node(&house).variable("HALLPASS_DATABASE_NOTIFY", listens).start().await;
        let is_told = listens == "true" && is_postgres();
        let tries = async || {
            house.key(SHOP, &[]).await;
            number(&server, HEARD).await.is_some_and(|heard| heard > 0.0)
        };
        assert_eq!(within(SECOND, tries).await, is_told, "{}", server.output());
        let before = number(&server, HEARD).await.unwrap_or(0.0);

        let mut took = Vec::new();
        for _ in 0..20 {
            let key = house.key(SHOP, &[]).await;
            took.push(refused_after(&house, &server, &key).await);
        }

        took.sort();
        println!("notify {listens}: {:?} in the middle, {:?} at most", took[10], took[19]);
        assert!(took[19] <= SECOND, "{took:?}");
        let heard = number(&server, HEARD).await.unwrap_or(0.0) - before;
        assert!(if is_told { heard >= 20.0 } else { heard < 0.5 }, "{heard}");
    }
}

#[tokio::test]
async fn a_node_whose_listener_is_cut_off_goes_on_reading_and_listens_again() {
    if !is_postgres() {
        return;
    }
    let (house, _) = House::with_shop().await;
    let server = node(&house).start().await;
    let connection = Database::connect(house.database.url()).await.unwrap();
    assert!(within(PATIENCE, async || listeners(&connection).await == 2).await, "the house and the server");

    for _ in 0..5 {
        let key = house.key(SHOP, &[]).await;
        cut(&connection).await;
        let took = refused_after(&house, &server, &key).await;
        assert!(took <= SECOND, "{took:?}");
    }

    assert!(within(PATIENCE, async || listeners(&connection).await == 2).await, "{}", server.output());
    let heard = number(&server, HEARD).await.unwrap_or(0.0);
    house.key(SHOP, &[]).await;
    assert!(within(PATIENCE, async || number(&server, HEARD).await.unwrap_or(0.0) > heard).await, "and hears again");
}

#[tokio::test]
async fn a_listener_that_can_not_come_back_is_told_of_once() {
    if !is_postgres() {
        return;
    }
    let house = House::open().await;
    let server = node(&house).start().await;
    let connection = Database::connect(house.database.url()).await.unwrap();
    assert!(within(PATIENCE, async || listeners(&connection).await == 2).await);
    let postgres = house.database.postgres().unwrap();
    let lines = || server.output().lines().filter(|line| line.contains("\"job\":\"listen\"")).count();
    let failed = "hallpass_job_runs_total{job=\"listen\",outcome=\"failed\"}";

    postgres.shut().await;
    assert!(within(PATIENCE, async || number(&server, failed).await >= Some(3.0)).await, "it tries again and again");
    assert_eq!(lines(), 1, "{}", server.output());
    postgres.reopen().await;

    assert!(within(2 * PATIENCE, async || lines() == 2).await, "{}", server.output());
    assert!(server.output().contains("works again"));
}
