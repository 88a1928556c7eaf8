//! A key that takes over from another.

use std::time::Duration;

use hallpass::flow::{AppWish, Declined, KeyWish, RotateWish};
use hallpass::policy::lifetime::Expiry;

use super::{DAY, SECOND, expires_at, for_ever, status};
use crate::support::{House, NOW, ORDERS, SHOP, owned};

#[tokio::test]
async fn a_rotated_key_goes_on_for_a_day_beside_its_successor() {
    let (house, old) = House::with_shop().await;

    let new = house.rotate(&old, None, false).await;

    assert_eq!((status(&house, &old).await, status(&house, &new).await), (200, 200));
    house.advance(DAY - SECOND);
    assert_eq!(status(&house, &old).await, 200);
    house.advance(SECOND);
    assert_eq!((status(&house, &old).await, status(&house, &new).await), (401, 200));
    let (row, usage) = house.flows.find_key(&old.id).await.unwrap();
    assert_eq!(row.rotated_to, Some(new.id.clone()));
    assert!(usage.is_none(), "not flushed yet");
    house.flush_uses().await;
    let usage = house.flows.find_key(&old.id).await.unwrap().1.unwrap();
    assert_eq!((usage.uses, usage.last_used_at), (2, NOW + 86_399), "whether the old one is still in use");
}

#[tokio::test]
async fn an_overlap_never_goes_beyond_the_old_keys_own_end() {
    let (house, _) = House::with_shop().await;
    let brief = KeyWish { expiry: Expiry::After(Duration::from_hours(1)), ..House::wish(SHOP, &[]) };

    for (wish, overlap, end) in [
        (&brief, None, NOW + 3600),
        (&brief, Some(7 * DAY), NOW + 3600),
        (&brief, Some(Duration::from_mins(1)), NOW + 60),
        (&brief, Some(Duration::ZERO), NOW),
        (&for_ever(), Some(DAY), NOW + 86_400),
    ] {
        let old = house.key_as(wish).await;
        let new = house.rotate(&old, overlap, false).await;

        assert_eq!(expires_at(&house, &old).await, Some(end), "{overlap:?}");
        assert_eq!(status(&house, &old).await, if end == NOW { 401 } else { 200 });
        assert_eq!(status(&house, &new).await, 200);
    }
}

#[tokio::test]
async fn a_leaked_key_has_no_overlap() {
    let (house, old) = House::with_shop().await;
    status(&house, &old).await;

    let new = house.rotate(&old, Some(DAY), true).await;

    assert_eq!((status(&house, &old).await, status(&house, &new).await), (401, 200));
    let row = house.flows.find_key(&old.id).await.unwrap().0;
    assert_eq!((row.revoked_at, row.revoked_reason.as_deref()), (Some(NOW), Some("leaked")));
}

#[tokio::test]
async fn a_successor_takes_over_everything_but_what_the_app_lost() {
    let house = House::open().await;
    house.furnish_two().await;
    let wish = KeyWish {
        note: Some("for the till".to_owned()),
        networks: owned(&["127.0.0.0/8"]),
        rate_limit: Some(50),
        environment: hallpass::credential::Environment::Test,
        ..House::wish(SHOP, &["orders:read", "orders:write"])
    };
    let old = house.key_as(&wish).await;
    let less =
        AppWish { scopes: Some(owned(&["orders:read"])), resources: Some(owned(&[ORDERS])), ..AppWish::default() };
    house.change_app(SHOP, less).await;

    let new = house.rotate(&old, None, false).await;

    let row = house.flows.find_key(&new.id).await.unwrap().0;
    assert_eq!((&*row.scopes, &*row.resources, &*row.networks), ("orders:read", ORDERS, "127.0.0.0/8"));
    assert_eq!((row.note.as_deref(), row.rate_limit, &*row.environment), (Some("for the till"), Some(50), "test"));
    assert_eq!(row.rotated_from, Some(old.id));
}

#[tokio::test]
async fn a_key_is_rotated_once_and_not_after_it_was_revoked() {
    let (house, key) = House::with_shop().await;
    let revoked = house.key(SHOP, &[]).await;
    house.revoke(&revoked).await;
    house.rotate(&key, None, false).await;

    for spent in [key, revoked] {
        let wish = RotateWish { overlap: None, is_leak: false, expiry: Expiry::Default, by: "test".to_owned() };
        assert!(matches!(house.flows.rotate_key(&spent.id, &wish).await, Err(Declined::Spent { .. })));
    }
    assert_eq!(house.flows.list_keys(Some(SHOP)).await.unwrap().len(), 3, "a refused rotation makes no key");
}

#[tokio::test]
async fn of_two_who_rotate_a_key_at_once_one_succeeds() {
    let (house, key) = House::with_shop().await;
    let other = house.beside().await;
    let wish = RotateWish { overlap: None, is_leak: false, expiry: Expiry::Default, by: "test".to_owned() };

    let (here, there) = tokio::join!(house.flows.rotate_key(&key.id, &wish), other.flows.rotate_key(&key.id, &wish));

    assert_eq!(u8::from(here.is_ok()) + u8::from(there.is_ok()), 1);
    assert_eq!(house.flows.list_keys(Some(SHOP)).await.unwrap().len(), 2);
}
