//! A key that signs is at hand on every node, however it came to be.

use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use futures_util::future::join_all;
use hallpass::flow::{Refusal, ResourceWish};
use hallpass::limit;
use sea_orm::{ConnectionTrait, Database};
use tokio::time::sleep;

use super::{exchange, quiet_node, quiet_node_with};
use crate::support::{House, Key, ORDERS, SHOP, owned};

/// A shop whose tokens need a signing key of another kind than the house has had so far.
async fn furnish_modern(house: &House) -> Key {
    let wish = ResourceWish {
        scopes: Some(owned(&["orders:read"])),
        profile: Some("modern".to_owned()),
        ..ResourceWish::default()
    };
    house.flows.create_resource(ORDERS, &wish).await.unwrap();
    house.app(SHOP, &["orders:read"], &[ORDERS]).await;
    house.key(SHOP, &["orders:read"]).await
}

#[tokio::test]
async fn who_needs_a_key_that_was_just_made_elsewhere_gets_its_signature_before_the_log_is_read() {
    let house = House::open().await;
    let node = quiet_node(&house, house.database.url()).await;
    let key = furnish_modern(&house).await;

    let token = exchange(&node, &key).await.unwrap();

    assert!(house.verify(&token, ORDERS).await.is_ok());
}

#[tokio::test]
async fn who_can_not_know_whether_its_signing_key_was_withdrawn_does_not_sign_with_it() {
    let (house, key) = House::with_shop().await;
    let node = quiet_node_with(&house, house.database.url(), limit::OUTAGE_GRACE).await;
    exchange(&node, &key).await.unwrap();
    let connection = Database::connect(house.database.url()).await.unwrap();
    let rename = async |old: &str, new: &str| {
        connection.execute_unprepared(&format!("ALTER TABLE {old} RENAME TO {new}")).await.unwrap();
    };

    // The log tells of a change to the keys that this node can not read.
    house.flows.replace_signing_keys().await.unwrap();
    rename("signing_key", "gone").await;
    assert!(node.follow().await.is_err());
    sleep(limit::OUTAGE_GRACE + limit::FOLLOW_STALE).await;
    let refused = exchange(&node, &key).await;
    rename("gone", "signing_key").await;

    assert!(matches!(refused, Err(Refusal::Unavailable(_))), "{refused:?}");
    let token = exchange(&node, &key).await.unwrap();
    assert!(house.verify(&token, ORDERS).await.is_ok(), "and with the new one it does");
}

#[tokio::test]
async fn who_knows_that_the_signing_keys_changed_does_not_sign_before_it_has_read_how() {
    let (house, key) = House::with_shop().await;
    let node = quiet_node(&house, house.database.url()).await;
    let token = exchange(&node, &key).await.unwrap();
    let connection = Database::connect(house.database.url()).await.unwrap();
    let rename = async |old: &str, new: &str| {
        connection.execute_unprepared(&format!("ALTER TABLE {old} RENAME TO {new}")).await.unwrap();
    };

    house.flows.replace_signing_keys().await.unwrap();
    rename("signing_key", "gone").await;
    assert!(node.follow().await.is_err(), "the log tells of a change that can not be read");
    let refused = exchange(&node, &key).await;
    let unread = node.read_access_token(&token).await;
    rename("gone", "signing_key").await;

    assert!(matches!(refused, Err(Refusal::Unavailable(_))), "{refused:?}");
    assert!(
        matches!(unread, Err(Refusal::Unavailable(_))),
        "nor does it believe what others may have signed: {unread:?}"
    );
    assert!(matches!(node.read_access_token(&token).await, Err(Refusal::BadToken(_))), "its key was withdrawn");
    let token = exchange(&node, &key).await.unwrap();
    assert!(house.verify(&token, ORDERS).await.is_ok(), "and with the new one it signs");
}

#[tokio::test]
async fn who_shows_a_token_of_a_key_that_was_just_made_elsewhere_is_believed_before_the_log_is_read() {
    let house = House::open().await;
    let node = quiet_node(&house, house.database.url()).await;
    let key = furnish_modern(&house).await;
    let token = exchange(&house.flows, &key).await.unwrap();

    let read = node.read_access_token(&token).await;

    assert_eq!(read.unwrap().claims.client_id, SHOP);
}

#[tokio::test]
async fn made_up_keys_cost_one_reading_for_all_and_the_next_one_a_quarter_of_a_second_later() {
    let house = House::open().await;
    let node = quiet_node(&house, house.database.url()).await;
    let made_up = |number: usize| format!("{}.e30.eA", BASE64URL.encode(format!(r#"{{"kid":"{number}"}}"#)));
    let show = async |number: usize| {
        let read = node.read_access_token(&made_up(number)).await;
        assert!(matches!(read, Err(Refusal::BadToken(_))), "{read:?}");
    };

    let began = Instant::now();
    join_all((0..100).map(show)).await;
    let for_all = began.elapsed();
    show(100).await;
    let with_another = began.elapsed();

    assert!(for_all < 20 * limit::FOLLOW_EVERY, "{for_all:?}");
    assert!(with_another >= limit::FOLLOW_EVERY, "{with_another:?}");
}

#[tokio::test]
async fn while_the_signing_keys_can_not_be_read_nobody_is_told_that_their_token_is_none_of_ours() {
    let house = House::open().await;
    let node = quiet_node(&house, house.database.url()).await;
    let key = furnish_modern(&house).await;
    let token = exchange(&house.flows, &key).await.unwrap();
    let connection = Database::connect(house.database.url()).await.unwrap();
    let rename = async |old: &str, new: &str| {
        connection.execute_unprepared(&format!("ALTER TABLE {old} RENAME TO {new}")).await.unwrap();
    };

    rename("signing_key", "gone").await;
    let read = join_all((0..20).map(|_| node.read_access_token(&token))).await;
    rename("gone", "signing_key").await;

    assert!(read.iter().all(|read| matches!(read, Err(Refusal::Unavailable(_)))), "{read:?}");
    assert!(node.read_access_token(&token).await.is_ok());
}
