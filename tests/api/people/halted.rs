//! Sign-ins that go no further: no new proof, a provider that was switched off, too many at once.

use std::time::Duration;

use hallpass::flow::ProviderWish;
use hallpass::limit;

use crate::support::{ACME, Ask, Browser, NOW, Portal, Program, Reply, at_each_node};

/// It ends on a page: nobody is signed in by it, and nothing goes back to the app.
fn assert_stops(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.stop(), (status, code.to_owned()));
    assert_eq!(reply.header("location"), None, "{reply:?}");
    assert!(!reply.cookies().iter().any(|line| line.starts_with("hallpass-session=")), "{reply:?}");
}

#[tokio::test]
async fn who_shall_prove_it_again_and_did_not_gets_neither_a_session_nor_a_code() {
    let portal = Portal::open().await;
    let skew = i64::try_from(limit::UPSTREAM_SKEW.as_secs()).unwrap();
    let (mut known, mut stranger) = (portal.browser_of("ada-1").await, Browser::new(&portal.house));

    for browser in [&mut known, &mut stranger] {
        for auth_time in [0, NOW - 3600, NOW - skew - 1] {
            let before = browser.cookies.get("hallpass-session").cloned();
            portal.provider.says("claims", "auth_time", auth_time);
            let asked = browser.get(&Portal::request(&[("prompt", "login")])).await;
            let reply = portal.sign_in(browser, asked.location()).await;

            assert_stops(&reply, 403, "not_reauthenticated");
            assert_eq!(browser.cookies.get("hallpass-session"), before.as_ref());
            let again = browser.get(asked.location()).await;
            assert_eq!(again.status, 200, "the request waits for somebody who does");
            portal.provider.says("claims", "auth_time", NOW - skew);
            let reply = portal.sign_in(browser, asked.location()).await;
            assert!(reply.location().contains("/consent?"), "{reply:?}");
        }
    }
}

#[tokio::test]
async fn who_may_have_signed_in_long_ago_is_asked_for_no_new_proof() {
    let portal = Portal::open().await;
    portal.provider.says("claims", "auth_time", NOW - 3600);

    let reply = portal.authorize(&mut Browser::new(&portal.house), &[]).await;

    assert!(reply.sent("code").is_some(), "{reply:?}");
}

#[tokio::test]
async fn a_provider_that_was_switched_off_is_sent_nobody_and_believed_nothing() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let page = browser.get("/login").await;
    let back = portal.back(&mut browser).await;

    Program::beside(&portal.house, &["providers", "disable", ACME]).good().await;
    let leaves = browser.submit(&page, "/login", &[("provider", ACME)]).await;
    let came = browser.get(back.as_str()).await;

    assert_stops(&leaves, 404, "no_provider");
    assert_stops(&came, 404, "no_provider");
    assert!(portal.provider.asked("/token").is_empty(), "its code was not shown");
    let enabled = ProviderWish { is_disabled: Some(false), ..ProviderWish::default() };
    portal.house.flows.update_provider(ACME, &enabled).await.unwrap();
    assert_stops(&browser.get(back.as_str()).await, 400, "login_state");
    assert_eq!((portal.users().await, portal.is_signed_in(&mut browser).await), (0, false));
    assert_eq!(portal.come_in(&mut browser).await.status, 303);
}

#[tokio::test]
async fn who_begins_too_often_waits_and_their_neighbours_do_not() {
    let portal = Portal::with(|settings| {
        settings.sign_in.rate = 1;
        settings.server.trusted_proxies = vec!["127.0.0.1/32".to_owned()];
    })
    .await;
    let from = |target: &str, address: &str| Ask::get(target).header("X-Forwarded-For", address);
    let begin_once = async |address: &str| Browser::new(&portal.house).send(from(&Portal::request(&[]), address)).await;
    let begin = async |address: &str| at_each_node(async || begin_once(address).await).await;
    let assert_waits = |reply: &Reply| {
        assert_stops(reply, 429, "temporarily_unavailable");
        assert_eq!(reply.header("retry-after"), Some("1"), "{reply:?}");
    };

    for (own, same, others) in [
        ("192.0.2.1", "192.0.2.1", ["192.0.2.2", "2001:db8::1"]),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", ["2001:db8:1:3::1", "198.51.100.7"]),
    ] {
        assert_eq!(begin(own).await.status, 303, "{own}");
        assert_waits(&begin(same).await);
        assert_waits(&begin(own).await);
        for other in others {
            assert_eq!(begin(other).await.status, 303, "{other} is not {own}");
        }
        portal.house.advance(Duration::from_secs(1));
        assert_eq!(begin(same).await.status, 303, "a second later");
        portal.house.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn who_leaves_for_a_provider_too_often_waits_as_well() {
    let portal = Portal::with(|settings| settings.sign_in.rate = 1).await;
    let mut browser = Browser::new(&portal.house);
    let page = browser.get("/login").await;
    let mut leave = async || at_each_node(async || browser.submit(&page, "/login", &[("provider", ACME)]).await).await;

    let (first, second) = (leave().await, leave().await);
    portal.house.advance(Duration::from_secs(1));
    let third = leave().await;

    assert_eq!((first.status, third.status), (303, 303));
    assert_stops(&second, 429, "temporarily_unavailable");
    assert_eq!(second.header("retry-after"), Some("1"), "{second:?}");
}

#[tokio::test]
async fn who_is_signed_in_is_counted_by_who_they_are() {
    let portal = Portal::with(|settings| settings.sign_in.rate = 1).await;
    let mut ada = portal.browser_of("ada-1").await;
    portal.house.advance(Duration::from_secs(1));
    let mut bob = portal.browser_of("bob-1").await;

    let first = at_each_node(async || ada.get(&Portal::request(&[])).await).await;
    let second = at_each_node(async || ada.get(&Portal::request(&[("prompt", "none")])).await).await;
    let other = at_each_node(async || bob.get(&Portal::request(&[])).await).await;

    assert_eq!((first.status, other.status), (303, 303), "an address may be many people's");
    assert_stops(&second, 429, "temporarily_unavailable");
}
