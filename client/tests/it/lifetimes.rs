//! A token through its life: kept, renewed ahead of time, let go when nobody uses it.

use std::time::{Duration, SystemTime};

use hallpass_client::Error;

use crate::support::{House, KEY, Reply};

#[tokio::test]
async fn a_token_is_renewed_in_the_background_before_it_ends() {
    let house = House::open().await;
    let source = house.source();
    source.token().await.unwrap();

    house.advance(224);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!((source.token().await.unwrap().reveal(), house.trades()), ("token-1", 1));
    house.advance(32);
    house.until(|house| house.trades() == 2).await;
    house.advance(1);
    tokio::time::sleep(Duration::from_millis(20)).await;

    assert_eq!((source.token().await.unwrap().reveal(), house.trades()), ("token-2", 2));
}

#[tokio::test]
async fn a_key_that_comes_late_takes_nothing_from_its_token() {
    let house = House::open().await;
    house.answers(Reply::Trade(5));
    let clock = house.clock.clone();
    let source = house.source_with(|builder| {
        builder.key_from(move || {
            clock.advance(Duration::from_secs(6));
            async { Ok::<_, Error>(KEY.to_owned()) }
        })
    });

    let token = source.token().await.unwrap();

    assert_eq!(token.expires_at(), SystemTime::UNIX_EPOCH + house.clock.now() + Duration::from_secs(5));
}

#[tokio::test]
async fn not_everyone_renews_in_the_same_moment() {
    let house = House::open().await;
    let sources: Vec<_> = (0..24).map(|_| house.source()).collect();
    for source in &sources {
        source.token().await.unwrap();
        source.token().await.unwrap();
    }

    house.advance(224);
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_eq!(house.trades(), 24);
    let mut counts = Vec::new();
    for _ in 0..16 {
        house.advance(2);
        tokio::time::sleep(Duration::from_millis(10)).await;
        counts.push(house.trades());
    }
    house.until(|house| house.trades() == 48).await;
    counts.dedup();
    assert!(counts.len() > 4, "{counts:?}");
}

#[tokio::test]
async fn a_token_that_nobody_uses_is_not_renewed() {
    let house = House::open().await;
    let source = house.source();
    source.token().await.unwrap();
    source.token().await.unwrap();
    house.advance(256);
    house.until(|house| house.trades() == 2).await;

    for _ in 0..20 {
        house.advance(60);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }

    assert_eq!(house.trades(), 2);
    assert_eq!(source.token().await.unwrap().reveal(), "token-3");
}

#[tokio::test]
async fn a_token_that_is_about_to_end_is_not_handed_out() {
    let house = House::open().await;
    let source = house.source();
    source.token().await.unwrap();
    house.answers_first([Reply::BreaksOff]);

    house.advance(294);
    assert_eq!(source.token().await.unwrap().reveal(), "token-1");
    house.until(|house| house.trades() == 2).await;
    house.advance(2);
    let caller = tokio::spawn(async move { source.token().await.unwrap().reveal().to_owned() });

    assert_eq!(house.advance_until_done(5, caller).await, "token-3");
}

#[tokio::test]
async fn a_machine_that_slept_does_not_show_a_dead_token() {
    let house = House::open().await;
    let source = house.source();
    source.token().await.unwrap();

    house.advance(1);
    house.clock.set(crate::support::NOW + 3600);

    assert_eq!(source.token().await.unwrap().reveal(), "token-2");
}

#[tokio::test]
async fn short_lives_are_renewed_a_second_apart_at_most() {
    let house = House::open().await;
    house.answers(Reply::Trade(1));
    let source = house.source();

    for number in 1..=5 {
        assert_eq!(source.token().await.unwrap().reveal(), format!("token-{number}"));
        assert_eq!(source.token().await.unwrap().reveal(), format!("token-{number}"));
        house.advance(1);
    }
}

#[tokio::test]
async fn a_token_that_dies_within_a_second_is_not_followed_by_another_one_in_the_same_second() {
    let house = House::open().await;
    house.answers(Reply::Trade(1));
    let source = house.source();
    source.token().await.unwrap();

    house.clock.advance(Duration::from_millis(950));
    let caller = tokio::spawn(async move { source.token().await.unwrap().reveal().to_owned() });
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(house.trades(), 1);
    house.clock.advance(Duration::from_millis(50));

    assert_eq!(caller.await.unwrap(), "token-2");
}
