//! For whom a token is.

use std::time::Duration;

use hallpass::config::Span;
use hallpass::flow::{AppWish, ResourceWish};
use serde_json::{Value, json};

use crate::support::{BILLING, House, ORDERS, SHOP, Token, owned};

#[tokio::test]
async fn resources_and_audiences_may_come_several_times_and_equal_ones_count_once() {
    let house = House::open().await;
    let key = house.furnish_two().await;
    let one = |resource: &str| Value::from(resource);
    let both = || json!([ORDERS, BILLING]);

    for (fields, aud) in [
        (vec![("resource", ORDERS)], one(ORDERS)),
        (vec![("audience", BILLING)], one(BILLING)),
        (vec![("resource", ORDERS), ("resource", ORDERS)], one(ORDERS)),
        (vec![("resource", ORDERS), ("audience", ORDERS)], one(ORDERS)),
        (vec![("resource", ORDERS), ("resource", BILLING)], both()),
        (vec![("resource", ORDERS), ("audience", BILLING), ("resource", BILLING)], both()),
        (vec![("audience", ORDERS), ("audience", BILLING), ("audience", ORDERS)], both()),
        (vec![("resource", ""), ("resource", BILLING)], one(BILLING)),
    ] {
        let token = house.exchange(&key, &fields).await.token();

        assert_eq!(Token::read(&token).claims["aud"], aud, "{fields:?}");
        assert!(house.verify(&token, aud.as_str().unwrap_or(BILLING)).await.is_ok());
    }
}

#[tokio::test]
async fn over_several_resources_the_scopes_are_a_union_and_the_shortest_life_counts() {
    let house = House::open().await;
    let key = house.furnish_two().await;
    let lifetime = Some(Span::from(Duration::from_mins(2)));
    house.change_resource(BILLING, ResourceWish { token_lifetime: lifetime, ..ResourceWish::default() }).await;

    let reply = house.exchange(&key, &[("resource", ORDERS), ("resource", BILLING)]).await;

    assert_eq!(reply.json()["scope"], "orders:read orders:write billing:read");
    assert_eq!(reply.json()["expires_in"], 120);
}

#[tokio::test]
async fn resources_whose_tokens_look_different_are_asked_for_one_at_a_time() {
    let house = House::open().await;
    let key = house.furnish_two().await;
    house
        .change_resource(BILLING, ResourceWish { profile: Some("modern".to_owned()), ..ResourceWish::default() })
        .await;

    let both = house.exchange(&key, &[("resource", ORDERS), ("resource", BILLING)]).await;
    let one = house.exchange(&key, &[("resource", BILLING)]).await;

    assert_eq!(both.refusal(), (400, "invalid_target".to_owned()));
    assert_eq!(Token::read(&one.token()).header["alg"], "EdDSA");
}

#[tokio::test]
async fn without_a_resource_the_token_is_for_the_only_one_or_the_default_or_nobody() {
    let house = House::open().await;
    let both = house.furnish_two().await;
    let one = hallpass::flow::KeyWish { resources: Some(owned(&[BILLING])), ..House::wish(SHOP, &["billing:read"]) };
    let one = house.key_as(&one).await;
    let default_is =
        |default: Option<&str>| AppWish { default_resource: Some(default.map(str::to_owned)), ..AppWish::default() };

    let ambiguous = house.exchange(&both, &[]).await;
    house.change_app(SHOP, default_is(Some(ORDERS))).await;
    let by_default = house.exchange(&both, &[]).await;
    let only = house.exchange(&one, &[]).await;
    house.change_app(SHOP, default_is(None)).await;
    let again = house.exchange(&both, &[]).await;

    assert_eq!(ambiguous.refusal(), (400, "invalid_target".to_owned()));
    assert_eq!(Token::read(&by_default.token()).claims["aud"], ORDERS);
    assert_eq!(Token::read(&only.token()).claims["aud"], BILLING, "the key's only resource comes before the default");
    assert_eq!(again.refusal(), (400, "invalid_target".to_owned()));
}

#[tokio::test]
async fn a_resource_that_is_not_the_keys_own_is_an_invalid_target() {
    let (house, key) = House::with_shop().await;
    house.resource(BILLING, &["billing:read"]).await;
    house.app("other", &["billing:read"], &[BILLING]).await;

    for (name, value) in [
        ("resource", BILLING),
        ("resource", "https://nowhere.example"),
        ("resource", "https://orders.example/"),
        ("resource", "https://orders.example#fragment"),
        ("resource", "HTTPS://orders.example"),
        ("resource", "/relative"),
        ("resource", "orders"),
        ("resource", "https://orders.example https://billing.example"),
        ("audience", BILLING),
        ("audience", "orders"),
    ] {
        let alone = house.exchange(&key, &[(name, value)]).await;
        let beside = house.exchange(&key, &[("resource", ORDERS), (name, value)]).await;

        assert_eq!(alone.refusal(), (400, "invalid_target".to_owned()), "{value}");
        assert_eq!(beside.refusal(), (400, "invalid_target".to_owned()), "{value}");
    }
}

#[tokio::test]
async fn resource_and_audience_that_conflict_are_an_invalid_target() {
    let house = House::open().await;
    let key = house.furnish_two().await;

    let reply = house.exchange(&key, &[("resource", ORDERS), ("audience", "https://elsewhere.example")]).await;

    assert_eq!(reply.refusal(), (400, "invalid_target".to_owned()));
}
