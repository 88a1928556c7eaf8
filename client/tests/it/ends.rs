//! What ends with the source, and what outlives a caller.

use std::time::Duration;

use crate::support::House;

#[tokio::test]
async fn the_background_ends_with_the_last_clone() {
    let house = House::open().await;
    let metrics = tokio::runtime::Handle::current().metrics();
    let before = metrics.num_alive_tasks();
    let source = house.source();
    let clone = source.clone();
    for _ in 0..2 {
        source.token().await.unwrap();
        source.token_for("https://other.example", &[]).await.unwrap();
    }
    drop(source);
    assert!(clone.token().await.is_ok());

    drop(clone);
    house.until(|_| metrics.num_alive_tasks() <= before).await;
    house.advance(1000);
    tokio::time::sleep(Duration::from_millis(20)).await;

    assert_eq!(house.trades(), 2);
}

#[tokio::test]
async fn a_caller_who_gives_up_does_not_take_the_token_from_the_others() {
    let house = House::open().await;
    let source = house.source();
    let first = {
        let source = source.clone();
        tokio::spawn(async move { source.token().await.map(drop) })
    };
    tokio::task::yield_now().await;
    let second = {
        let source = source.clone();
        tokio::spawn(async move { source.token().await.map(drop) })
    };
    tokio::task::yield_now().await;

    first.abort();

    second.await.unwrap().unwrap();
    assert_eq!(house.trades(), 1);
}

/// The task that renews belongs to the runtime of whoever asked first, and that may end before the source does.
#[tokio::test]
async fn a_source_outlives_the_runtime_that_it_was_first_used_in() {
    let house = House::open().await;
    let source = house.source();
    let its = source.clone();
    let elsewhere = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async { its.token().await.map(drop) })
    });
    elsewhere.await.unwrap().unwrap();

    assert_eq!(source.token().await.unwrap().reveal(), "token-1");
    house.advance(256);
    house.until(|house| house.trades() == 2).await;
    house.advance(60);
    assert_eq!(source.token().await.unwrap().reveal(), "token-2");
}
