//! Who asks, and where the answer may go: until both are known, nobody is sent anywhere.

use hallpass::flow::{AppWish, Declined};

use super::{ask, assert_stops, query};
use crate::support::{Browser, CALLBACK, LOOPBACK, NATIVE, PORTAL, Portal, Program, Token, owned};

#[tokio::test]
async fn an_unknown_app_gets_a_page_and_nobody_is_sent_to_it() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);

    for client_id in ["nobody", "Portal", "portal ", " portal", "portal\r\nX: y", "pörtal", "usr_1", "%"] {
        let reply = browser.get(&Portal::request(&[("client_id", client_id)])).await;
        assert_stops(&reply, "unknown_app", client_id);
    }
    let missing = browser.get(&Portal::request(&[("client_id", "")])).await;
    assert_stops(&missing, "unknown_app", "none");
    for again in ["&client_id=portal", "&client_id=nobody", "&client_id="] {
        assert_stops(&ask(&mut browser, &query(again)).await, "unknown_app", again);
    }
}

#[tokio::test]
async fn no_app_can_be_called_like_a_person() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let ada = Token::read(&tokens.access).claims["sub"].as_str().unwrap().to_owned();

    // RFC 9700, section 4.15: the `sub` of an app's own token is its name.
    for name in [ada.as_str(), &ada.to_lowercase(), "usr_", "usr_x", "usr_0000000000000000000000"] {
        let outcome = portal.house.flows.create_app(name, &Portal::wish()).await;
        assert!(matches!(outcome, Err(Declined::Invalid(_))), "{name}: {outcome:?}");
        let outcome = Program::beside(&portal.house, &["apps", "create", name]).run().await;
        assert_eq!(outcome.code, Some(2), "{name}: {outcome:?}");
    }
    portal.another("usr-x", |_| ()).await;
    assert_eq!(portal.house.flows.list_apps().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_disabled_app_gets_a_page_and_so_does_who_was_on_the_way_to_it() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let login = browser.get(&Portal::request(&[])).await.location().to_owned();

    portal.house.change_app(PORTAL, AppWish { is_disabled: Some(true), ..AppWish::default() }).await;
    let fresh = browser.get(&Portal::request(&[])).await;
    let waiting = browser.get(&login).await;

    assert_stops(&fresh, "unknown_app", "a fresh request");
    assert_stops(&waiting, "unknown_app", "one that waits");
}

#[tokio::test]
async fn a_redirect_uri_must_be_there_once_and_registered() {
    let portal = Portal::open().await;
    portal.another("other", |wish| wish.redirect_uris = Some(owned(&["https://other.example/cb"]))).await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    let missing = browser.get(&Portal::request(&[("redirect_uri", "")])).await;
    assert_stops(&missing, "unregistered_redirect", "none, though only one is registered");
    for again in [&format!("&redirect_uri={CALLBACK}"), "&redirect_uri=https://evil.test", "&redirect_uri="] {
        assert_stops(&ask(&mut browser, &query(again)).await, "unregistered_redirect", again);
    }
    let others = browser.get(&Portal::request(&[("redirect_uri", "https://other.example/cb")])).await;
    assert_stops(&others, "unregistered_redirect", "another app's");
    let mine = browser.get(&Portal::request(&[("client_id", "other")])).await;
    assert_stops(&mine, "unregistered_redirect", "the portal's, asked by another");
}

#[tokio::test]
async fn nothing_that_resembles_a_registered_address_is_gone_to() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    for uri in [
        "https://evil.test/callback",
        "https://www.portal.example/callback",
        "https://portal.example.evil.test/callback",
        "https://portal.example@evil.test/callback",
        "https://evil.test#@portal.example/callback",
        "https://evil.test\\@portal.example/callback",
        "https://portal.example%2eevil.test/callback",
        "https://portal.example%00.evil.test/callback",
        "https://portal.example/callback\r\nSet-Cookie: x=1",
        "https://portal.example/callback%0d%0aSet-Cookie:x",
        "https://portal.example/callback/../evil",
        "https://portal.example/callback/%2e%2e/x",
        "https://portal.example/callback/..;/x",
        "https://portal.example/callback%2fx",
        "https://portal.example/callback//",
        "https://portal.example//callback",
        "https://portal.example/callback/",
        "https://portal.example/CALLBACK",
        "https://portal.example/callback?",
        "https://portal.example/callback?x=1",
        "https://portal.example/callback#f",
        "https://portal.example/callback;param",
        "https://portal.example/callback ",
        " https://portal.example/callback",
        "https://portal.example./callback",
        "https://portal.example:443/callback",
        "https://user@portal.example/callback",
        "https://user:x@portal.example/callback",
        "https://PORTAL.example/callback",
        "HTTPS://portal.example/callback",
        "http://portal.example/callback",
        "//portal.example/callback",
        "/callback",
        "javascript:alert(1)//https://portal.example/callback",
        "data:text/html,x",
        "https://portal.example/callback https://evil.test",
    ] {
        let reply = browser.get(&Portal::request(&[("redirect_uri", uri)])).await;
        assert_stops(&reply, "unregistered_redirect", uri);
        assert!(!reply.text().contains("evil.test"), "{uri} is not echoed");
    }
}

#[tokio::test]
async fn a_loopback_address_may_have_any_port_and_nothing_else() {
    let portal = Portal::open().await;
    portal.with_native().await;
    let mut browser = Browser::new(&portal.house);
    let ask = |uri: &str| Portal::request(&[("client_id", NATIVE), ("redirect_uri", uri)]);

    for uri in [LOOPBACK, "http://127.0.0.1:1/callback", "http://127.0.0.1:65535/callback"] {
        let reply = browser.get(&format!("{}&prompt=none", ask(uri))).await;
        assert!(reply.location().starts_with(&format!("{uri}?error=login_required&")), "{reply:?}");
    }
    for uri in [
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:080/callback",
        "http://127.0.0.1:1@evil.test/callback",
        "http://127.0.0.1:1/callback/x",
        "http://127.0.0.1.evil.test/callback",
        "https://127.0.0.1/callback",
        "http://localhost/callback",
        "http://localhost:1/callback",
        "http://[::1]/callback",
        "http://[::ffff:127.0.0.1]/callback",
        "http://0x7f000001/callback",
        "http://2130706433/callback",
        "http://127.1/callback",
        "http://127.0.0.2/callback",
        "http://0/callback",
        "http://0.0.0.0/callback",
    ] {
        assert_stops(&browser.get(&ask(uri)).await, "unregistered_redirect", uri);
    }
}

#[tokio::test]
async fn a_redirect_uri_that_the_app_loses_meanwhile_is_gone_to_no_more() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let login = browser.get(&Portal::request(&[])).await.location().to_owned();

    let elsewhere = Some(owned(&["https://portal.example/elsewhere"]));
    portal.house.change_app(PORTAL, AppWish { redirect_uris: elsewhere, ..AppWish::default() }).await;

    assert_stops(&browser.get(&login).await, "unregistered_redirect", "the sign-in page");
}

#[tokio::test]
async fn an_app_keeps_nothing_that_an_app_of_its_new_kind_could_not_have() {
    let portal = Portal::open().await;
    portal
        .another("phone", |wish| {
            wish.is_public = Some(true);
            wish.redirect_uris = Some(owned(&["com.example.phone:/callback"]));
        })
        .await;
    let kind = |is_public| AppWish { is_public: Some(is_public), ..AppWish::default() };
    let grants = Some(owned(&["client_credentials", "authorization_code"]));
    portal.house.change_app(PORTAL, AppWish { grant_types: grants, ..AppWish::default() }).await;

    let confidential = portal.house.flows.update_app("phone", &kind(false)).await.unwrap_err();
    let public = portal.house.flows.update_app(PORTAL, &kind(true)).await.unwrap_err();

    assert!(confidential.to_string().contains("com.example.phone:/callback"), "{confidential}");
    assert!(public.to_string().contains("credentials"), "{public}");
}
