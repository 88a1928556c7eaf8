//! Uses: counted in memory, written down together, and no call to the database on the way.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::{Ask, House, Key, NOW, ORDERS, Program, SHOP, Server, send, within};

async fn usage(house: &House, key: &Key) -> Option<(i64, i64, String)> {
    let usage = house.flows.find_key(&key.id).await.unwrap().1;
    usage.map(|usage| (usage.uses, usage.last_used_at, usage.last_used_from))
}

#[tokio::test]
async fn uses_are_counted_with_the_last_moment_and_address() {
    let house = House::with(|settings| settings.server.trusted_proxies = vec!["127.0.0.1".to_owned()]).await;
    let key = house.furnish().await;
    let from = |address| Ask::exchange(&key, &[]).header("X-Forwarded-For", address);

    for (later, address) in [(0, "192.0.2.1"), (7, "2001:db8::1"), (5, "192.0.2.9")] {
        house.advance(Duration::from_secs(later));
        assert_eq!(house.send(&from(address)).await.status, 200);
    }
    house.flush_uses().await;

    assert_eq!(usage(&house, &key).await, Some((3, NOW + 12, "192.0.2.9".to_owned())));
    house.send(&from("192.0.2.2")).await;
    house.flush_uses().await;
    assert_eq!(usage(&house, &key).await, Some((4, NOW + 12, "192.0.2.2".to_owned())), "added to what is there");
}

#[tokio::test]
async fn what_is_refused_is_no_use() {
    let (house, key) = House::with_shop().await;

    house.exchange(&key, &[("scope", "nothing")]).await;
    house.exchange(&key, &[("resource", "https://nowhere.example")]).await;
    house.send(&Ask::form(&[("grant_type", "x")]).bearer(&key.text)).await;
    house.flush_uses().await;

    assert_eq!(usage(&house, &key).await, None);
}

#[tokio::test]
async fn what_was_counted_is_written_down_at_shutdown() {
    let (house, key) = House::with_shop().await;
    for _ in 0..5 {
        house.exchange(&key, &[]).await;
    }

    let house = house.restart().await;

    assert_eq!(usage(&house, &key).await.map(|usage| usage.0), Some(5));
}

#[tokio::test]
async fn two_servers_add_to_the_same_count() {
    let (house, key) = House::with_shop().await;
    let other = house.beside().await;

    for _ in 0..3 {
        house.exchange(&key, &[]).await;
        other.exchange(&key, &[]).await;
    }
    tokio::join!(house.flush_uses(), other.flush_uses());

    assert_eq!(usage(&house, &key).await.map(|usage| usage.0), Some(6));
}

/// Calls to the store so far, by verb; and how often each job ran.
async fn counters(server: &Server) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let text = send(server.metrics.unwrap(), &Ask::get("/metrics")).await;
    let read = |name: &str, label: &str| {
        let lines = text.text().lines().filter(|line| line.starts_with(name));
        let pairs = lines.filter_map(|line| {
            let (labels, count) = line.rsplit_once(' ')?;
            let value = labels.split_once(&format!("{label}=\""))?.1.split('"').next()?;
            Some((value.to_owned(), count.parse().ok()?))
        });
        pairs.collect()
    };
    (read("hallpass_store_calls_total", "verb"), read("hallpass_job_runs_total", "job"))
}

#[tokio::test]
async fn a_warm_exchange_makes_no_call_to_the_store() {
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let jobs_ran = async || {
        let ran = counters(&server).await.1;
        ["follow", "flush", "signing_keys", "sweep"].iter().all(|job| ran.contains_key(*job))
    };
    assert!(within(Duration::from_secs(10), jobs_ran).await, "each job runs once at the start");
    let asks: Vec<Ask> = Ask::ways(SHOP, &key.text, &[("resource", ORDERS)]).into_iter().map(|(_, ask)| ask).collect();
    for ask in &asks {
        assert_eq!(server.send(ask).await.status, 200);
    }

    let before = counters(&server).await.0;
    for _ in 0..100 {
        for ask in &asks {
            assert_eq!(server.send(ask).await.status, 200);
        }
    }
    let after = counters(&server).await.0;

    let grown: Vec<&String> =
        after.iter().filter(|(verb, count)| before.get(*verb) != Some(count)).map(|(verb, _)| verb).collect();
    assert!(grown.iter().all(|verb| ["list_changes", "record_uses"].contains(&verb.as_str())), "{grown:?}");
    assert!(after["find_key"] >= 1, "the first exchange did look it up");
}

#[tokio::test]
async fn a_server_writes_uses_down_every_few_seconds_and_when_it_is_stopped() {
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let ask = Ask::exchange(&key, &[]);

    server.send(&ask).await;
    let is_written = async || usage(&house, &key).await.is_some_and(|usage| usage.0 == 1);
    assert!(within(Duration::from_secs(15), is_written).await);
    server.send(&ask).await;
    server.send(&ask).await;
    assert_eq!(server.stop().await, Some(0));

    assert_eq!(usage(&house, &key).await.map(|usage| usage.0), Some(3));
}
