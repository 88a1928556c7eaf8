//! API keys: what they may be, how long they live, how they are replaced, from where and how often they work.

use std::time::Duration;

use hallpass::config::Span;
use hallpass::flow::{AppWish, Declined, KeyWish, RevokeWish, RotateWish};
use hallpass::policy::lifetime::Expiry;

use crate::support::{Ask, BILLING, House, Key, NOW, ORDERS, Program, SHOP, owned, within};

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
    house.flows.flush_uses().await.unwrap();
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

    for _ in 0..3 {
        assert_eq!(status(&house, &slow).await, 200);
    }
    let storm = house.exchange(&slow, &[]).await;
    assert_eq!(storm.refusal(), (429, "temporarily_unavailable".to_owned()));
    assert_eq!(storm.header("retry-after"), Some("1"));
    assert_eq!((status(&house, &free).await, status(&house, &other).await), (200, 200));

    house.advance(Duration::from_millis(334));
    assert_eq!((status(&house, &slow).await, status(&house, &slow).await), (200, 429));
    house.advance(SECOND);
    for _ in 0..3 {
        assert_eq!(status(&house, &slow).await, 200);
    }
    assert_eq!(status(&house, &slow).await, 429);
}

#[tokio::test]
async fn each_key_moves_to_a_new_pepper_after_its_next_use() {
    let (house, used) = House::with_shop().await;
    let idle = house.key(SHOP, &[]).await;
    let row = async |key: &Key| house.flows.find_key(&key.id).await.unwrap().0;
    let before = row(&used).await;

    assert_eq!(house.flows.rotate_pepper().await.unwrap(), 2);
    assert_eq!(status(&house, &used).await, 200);
    house.flows.flush_uses().await.unwrap();
    let made_after = house.key(SHOP, &[]).await;

    let after = row(&used).await;
    assert_eq!((before.pepper_id, after.pepper_id), (1, 2));
    assert_ne!(before.secret_hash, after.secret_hash);
    assert_eq!((row(&idle).await.pepper_id, row(&made_after).await.pepper_id), (1, 2));
    let house = house.restart().await;
    for key in [&used, &idle, &made_after] {
        assert_eq!(status(&house, key).await, 200);
    }
}

#[tokio::test]
async fn a_pepper_replaced_by_another_process_is_followed() {
    let (house, old) = House::with_shop().await;

    Program::beside(&house, &["pepper", "rotate"]).good().await;
    let new = Program::beside(&house, &["keys", "create", SHOP, "--name", "new"]).good().await;

    let ask = Ask::token(&[]).bearer(new.stdout.trim());
    assert!(within(SECOND, async || house.send(&ask).await.status == 200).await);
    assert_eq!(status(&house, &old).await, 200);
}

#[tokio::test]
async fn a_wrong_secret_under_a_new_pepper_moves_nothing() {
    let (house, key) = House::with_shop().await;
    house.flows.rotate_pepper().await.unwrap();
    let before = house.flows.find_key(&key.id).await.unwrap().0;

    house.flows.disable_key(&key.id, true).await.unwrap();
    assert_eq!(status(&house, &key).await, 401);
    house.flows.flush_uses().await.unwrap();

    assert_eq!(house.flows.find_key(&key.id).await.unwrap().0.secret_hash, before.secret_hash);
}
