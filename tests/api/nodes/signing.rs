//! A key that signs is at hand on every node, however it came to be.

use hallpass::credential::ApiKey;
use hallpass::flow::{Caller, Form, ResourceWish, Scheme, ShownKey, TokenRequest};

use super::quiet_node;
use crate::support::{House, ORDERS, SHOP, owned};

#[tokio::test]
async fn who_needs_a_key_that_was_just_made_elsewhere_gets_its_signature_before_the_log_is_read() {
    let house = House::open().await;
    let node = quiet_node(&house, house.database.url()).await;
    let wish = ResourceWish {
        scopes: Some(owned(&["orders:read"])),
        profile: Some("modern".to_owned()),
        ..ResourceWish::default()
    };
    house.flows.create_resource(ORDERS, &wish).await.unwrap();
    house.app(SHOP, &["orders:read"], &[ORDERS]).await;
    let key = house.key(SHOP, &["orders:read"]).await;

    let shown = ApiKey::parse(node.prefix(), &key.text);
    let request = TokenRequest {
        caller: Caller::Key(ShownKey { scheme: Scheme::Bearer, client_ids: vec![], key: shown }),
        form: Form::new(vec![("grant_type".to_owned(), "client_credentials".to_owned())]).unwrap(),
        from: None,
    };
    let issued = node.exchange(&request).await.unwrap();

    assert!(house.verify(&issued.access_token, ORDERS).await.is_ok());
}
