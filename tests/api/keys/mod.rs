//! API keys: what they may be, how long they live, from where and how often they work.

mod pepper;
mod rotation;

use std::time::Duration;

use hallpass::config::Span;
use hallpass::flow::{Declined, KeyWish, RevokeWish, RotateWish};
use hallpass::policy::lifetime::Expiry;

use crate::support::{Ask, BILLING, House, Key, NOW, ORDERS, SHOP, at_each_node, owned};

const DAY: Duration = Duration::from_hours(24);

const SECOND: Duration = Duration::from_secs(1);

async fn expires_at(house: &House, key: &Key) -> Option<i64> {
    house.flows.find_key(&key.id).await.unwrap().0.expires_at
}

async fn status(house: &House, key: &Key) -> u16 {
    house.exchange(key, &[]).await.status
}

fn for_ever() -> KeyWish {
    KeyWish { expiry: Expiry::Never, ..House::wish(SHOP, &[]) }
}

#[tokio::test]
async fn a_key_gets_nothing_that_its_app_does_not_have() {
    let (house, _) = House::with_shop().await;
    house.resource(BILLING, &["billing:read"]).await;

    let scope = house.flows.create_key(&House::wish(SHOP, &["orders:read", "billing:read"])).await;
    let wish = KeyWish { resources: Some(owned(&[ORDERS, BILLING])), ..House::wish(SHOP, &[]) };
    let resource = house.flows.create_key(&wish).await;
    let app = house.flows.create_key(&House::wish("shpo", &[])).await;

    assert!(matches!(scope, Err(Declined::Outside { what: "scope", name, .. }) if name == "billing:read"));
    assert!(matches!(resource, Err(Declined::Outside { what: "resource", name, .. }) if name == BILLING));
    assert!(matches!(app, Err(Declined::NoSuch { nearest: Some(nearest), .. }) if nearest == SHOP));
}

#[tokio::test]
async fn a_key_lives_for_ninety_days_unless_somebody_says_otherwise() {
    let (house, key) = House::with_shop().await;
    let brief = house.key_as(&KeyWish { expiry: Expiry::After(DAY), ..House::wish(SHOP, &[]) }).await;
    let endless = house.key_as(&for_ever()).await;

    assert_eq!(expires_at(&house, &key).await, Some(NOW + 90 * 86_400));
    assert_eq!(expires_at(&house, &brief).await, Some(NOW + 86_400));
    assert_eq!(expires_at(&house, &endless).await, None);
    house.advance(90 * DAY - SECOND);
    assert_eq!(status(&house, &key).await, 200);
    house.advance(SECOND);
    assert_eq!((status(&house, &key).await, status(&house, &endless).await), (401, 200));
}

#[tokio::test]
async fn an_operator_sets_the_default_and_the_maximum_and_may_forbid_never() {
    let house = House::with(|settings| {
        settings.keys.expiry = Span::from(7 * DAY);
        settings.keys.max_expiry = Some(Span::from(30 * DAY));
    })
    .await;
    let key = house.furnish().await;
    let wish = |expiry| KeyWish { expiry, ..House::wish(SHOP, &[]) };

    assert_eq!(expires_at(&house, &key).await, Some(NOW + 7 * 86_400));
    assert!(house.flows.create_key(&wish(Expiry::After(30 * DAY))).await.is_ok());
    for expiry in [Expiry::Never, Expiry::After(30 * DAY + SECOND)] {
        assert!(matches!(house.flows.create_key(&wish(expiry)).await, Err(Declined::TooLong { .. })), "{expiry:?}");
    }
    let wish = RotateWish { overlap: None, is_leak: false, expiry: Expiry::Never, by: "test".to_owned() };
    assert!(matches!(house.flows.rotate_key(&key.id, &wish).await, Err(Declined::TooLong { .. })));
}

#[tokio::test]
async fn several_keys_of_an_app_live_at_once() {
    let (house, first) = House::with_shop().await;
    let second = house.key(SHOP, &["orders:read"]).await;

    house.revoke(&first).await;

    assert_eq!((status(&house, &first).await, status(&house, &second).await), (401, 200));
}

#[tokio::test]
async fn switching_off_can_be_undone_and_revoking_can_not() {
    let (house, key) = House::with_shop().await;

    house.flows.disable_key(&key.id, true).await.unwrap();
    assert_eq!(status(&house, &key).await, 401);
    house.flows.disable_key(&key.id, false).await.unwrap();
    assert_eq!(status(&house, &key).await, 200);

    house.revoke(&key).await;
    assert_eq!(status(&house, &key).await, 401);
    assert!(matches!(house.flows.disable_key(&key.id, false).await, Err(Declined::Spent { .. })));
    let wish = RevokeWish { reason: "again".to_owned(), by: "test".to_owned() };
    assert!(matches!(house.flows.revoke_key(&key.id, &wish).await, Err(Declined::Spent { .. })));
    assert_eq!(house.flows.find_key(&key.id).await.unwrap().0.revoked_reason.as_deref(), Some("test"));
}

#[tokio::test]
async fn a_key_tied_to_networks_works_from_there_alone() {
    let house = House::with(|settings| settings.server.trusted_proxies = owned(&["127.0.0.1/32", "10.0.0.0/8"])).await;
    house.furnish().await;
    let wish = KeyWish { networks: owned(&["192.0.2.0/24", "2001:db8::/32"]), ..House::wish(SHOP, &[]) };
    let key = house.key_as(&wish).await;

    for (forwarded, expected) in [
        ("192.0.2.7", 200),
        ("::ffff:192.0.2.7", 200),
        ("2001:db8::1", 200),
        ("203.0.113.1, 192.0.2.7", 200),
        ("192.0.2.7, 10.1.2.3", 200),
        ("192.0.3.7", 401),
        ("2001:db9::1", 401),
        ("192.0.2.7, 203.0.113.1", 401),
        ("192.0.2.7, nonsense", 401),
        ("", 401),
    ] {
        let reply = house.send(&Ask::exchange(&key, &[]).header("X-Forwarded-For", forwarded)).await;

        assert_eq!(reply.status, expected, "{forwarded}");
    }
    let several =
        Ask::exchange(&key, &[]).header("X-Forwarded-For", "192.0.2.7").header("X-Forwarded-For", "203.0.113.1");
    assert_eq!(house.send(&several).await.status, 401, "several lines are one list");
}

#[tokio::test]
async fn nobody_but_a_trusted_proxy_is_believed_about_addresses() {
    let (house, _) = House::with_shop().await;
    let far = house.key_as(&KeyWish { networks: owned(&["192.0.2.0/24"]), ..House::wish(SHOP, &[]) }).await;
    let near = house.key_as(&KeyWish { networks: owned(&["127.0.0.0/8"]), ..House::wish(SHOP, &[]) }).await;

    for (key, expected) in [(&far, 401), (&near, 200)] {
        let ask = Ask::exchange(key, &[]).header("X-Forwarded-For", "192.0.2.7").header("Forwarded", "for=192.0.2.7");

        assert_eq!(house.send(&ask).await.status, expected);
    }
}

#[tokio::test]
async fn what_is_no_network_is_refused() {
    let (house, _) = House::with_shop().await;

    for network in ["", "nowhere", "10.0.0.0/33", "10.0.0", "10.0.0.0/8 ", "::/129"] {
        let wish = KeyWish { networks: owned(&[network]), ..House::wish(SHOP, &[]) };

        assert!(matches!(house.flows.create_key(&wish).await, Err(Declined::Invalid(_))), "{network}");
    }
}

#[tokio::test]
async fn an_exchange_storm_with_one_key_gets_429_and_others_are_unaffected() {
    let (house, free) = House::with_shop().await;
    let limited = |rate| KeyWish { rate_limit: Some(rate), ..House::wish(SHOP, &[]) };
    let (slow, other) = (house.key_as(&limited(3)).await, house.key_as(&limited(3)).await);

    let status = async |key| at_each_node(async || house.exchange(key, &[]).await).await.status;

    for _ in 0..3 {
        assert_eq!(status(&slow).await, 200);
    }
    let storm = house.exchange(&slow, &[]).await;
    assert_eq!(storm.refusal(), (429, "temporarily_unavailable".to_owned()));
    assert_eq!(storm.header("retry-after"), Some("1"));
    assert_eq!((status(&free).await, status(&other).await), (200, 200));

    house.advance(Duration::from_millis(334));
    assert_eq!((status(&slow).await, status(&slow).await), (200, 429));
    house.advance(SECOND);
    for _ in 0..3 {
        assert_eq!(status(&slow).await, 200);
    }
    assert_eq!(status(&slow).await, 429);
}
