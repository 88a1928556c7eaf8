//! What a node is shown of an app that was just made elsewhere, before it has read of that in the log.

use std::sync::Arc;

use hallpass::flow::{Caller, Flows, Refusal};
use hallpass::store::ChangeKind;
use sea_orm::{ConnectionTrait, Database};

use super::{exchange, quiet_node};
use crate::support::{House, SHOP};

/// A node that was asked for the shop before there was one: it remembers for a while that there is none.
async fn early(house: &House) -> Arc<Flows> {
    let node = quiet_node(house, house.database.url()).await;
    let stranger = Caller::Public { client_id: SHOP.to_owned() };
    let refused = node.authenticate(&stranger, None, house.clock.now()).await;
    assert!(matches!(refused, Err(Refusal::NoCredential)), "{refused:?}");
    node
}

#[tokio::test]
async fn a_key_says_that_its_app_is_there_whatever_a_stranger_has_asked_for_before() {
    let house = House::open().await;
    let node = early(&house).await;

    let key = house.furnish().await;

    exchange(&node, &key).await.unwrap();
}

#[tokio::test]
async fn so_does_a_token() {
    let house = House::open().await;
    let node = early(&house).await;
    let key = house.furnish().await;
    let token = exchange(&house.flows, &key).await.unwrap();

    let read = node.read_access_token(&token).await;

    assert_eq!(read.unwrap().claims.client_id, SHOP);
}

#[tokio::test]
async fn the_key_of_an_app_that_was_deleted_by_hand_is_refused_also_where_it_is_still_in_memory() {
    let (house, key) = House::with_shop().await;
    let node = quiet_node(&house, house.database.url()).await;
    let token = exchange(&node, &key).await.unwrap();
    let connection = Database::connect(house.database.url()).await.unwrap();

    for table in ["api_key", "app"] {
        connection.execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
    }
    node.store().forget(ChangeKind::App, SHOP);

    for _ in 0..2 {
        let refused = exchange(&node, &key).await;
        assert!(matches!(refused, Err(Refusal::BadCredential { .. })), "{refused:?}");
        let refused = node.read_access_token(&token).await;
        assert!(matches!(refused, Err(Refusal::BadToken(_))), "{refused:?}");
    }
}
