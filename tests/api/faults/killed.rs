//! PostgreSQL is killed and started again while keys are traded, made, rotated and revoked: what was answered is there,
//! and nothing else.

use std::time::{Duration, Instant};

use hallpass::limit;

use super::street::Street;
use crate::support::{Cluster, is_postgres};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed_and_started_again_under_load_has_lost_nothing() {
    if !is_postgres() {
        return;
    }
    let mut cluster = Cluster::start(&[]).await;
    let mut street = Street::open(&cluster.url(), &cluster.url()).await;
    let load = street.load(3);

    for round in 0..3 {
        Street::sees(&load, 40, |seen| seen.warm.good).await;
        Street::sees(&load, 12, |seen| seen.cold.good).await;
        if round == 1 {
            cluster.stop();
        } else {
            cluster.kill();
        }
        // Known keys go on for a moment, and then nobody is answered anything but that it is our trouble.
        Street::sees(&load, 4, |seen| seen.warm.unavailable).await;
        assert!(!street.is_ready().await);
        let began = Instant::now();
        cluster.restart().await;
        let up = began.elapsed();
        let (minted, ready) = street.recovers(began).await;
        println!(
            "killed {round}: PostgreSQL is back after {up:.2?}, a cold exchange after {minted:.2?}, ready after {ready:.2?}"
        );
    }

    let seen = load.end().await;
    let bound = limit::LOAD_TIMEOUT + Duration::from_secs(3);
    assert!(seen.warm.slowest.max(seen.cold.slowest) < bound, "nobody waited for long: {seen:?}");
    println!("killed: {seen:?}; {}", street.closes_after(true).await);
}
