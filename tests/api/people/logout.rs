//! Leaving: an app may send a person away; whether they leave is theirs to say unless it shows a token of this session.

use std::time::Duration;

use hallpass::flow::AppWish;
use url::form_urlencoded::Serializer;

use super::{Connected, csrf_token};
use crate::support::{Ask, Browser, GOODBYE, PORTAL, Portal, Reply, owned};

fn address(parameters: &[(&str, &str)]) -> String {
    format!("/oauth/logout?{}", Serializer::new(String::new()).extend_pairs(parameters).finish())
}

/// Whether the reply is the page that asks.
fn asks(reply: &Reply) -> bool {
    reply.status == 200 && reply.text().contains("value=\"sign_out\"")
}

#[tokio::test]
async fn a_token_of_this_very_session_signs_out_at_once_and_leads_back() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, code, .. } = portal.connected().await;
    let mut stolen = browser.clone();
    let hint = ("id_token_hint", tokens.id.as_str());

    let reply = browser.get(&address(&[hint, ("post_logout_redirect_uri", GOODBYE), ("state", "a b&c=d")])).await;

    assert_eq!((reply.status, reply.location()), (303, "https://portal.example/goodbye?state=a+b%26c%3Dd"));
    assert!(!browser.cookies.contains_key("hallpass-session"));
    assert!(!portal.is_signed_in(&mut stolen).await, "the session itself has ended");
    assert_eq!(portal.redeem(&code, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
    assert!(!portal.is_active(&tokens.access).await);
}

#[tokio::test]
async fn what_holds_offline_access_outlives_the_session() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[("scope", "openid offline_access orders:read")]).await;

    browser.get(&address(&[("id_token_hint", &tokens.id)])).await;

    assert!(!portal.is_signed_in(&mut browser).await);
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.status, 200);
}

#[tokio::test]
async fn a_hint_that_expired_is_still_one() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;
    portal.house.advance(Duration::from_hours(2));

    let hint = ("id_token_hint", tokens.id.as_str());
    let reply = browser.get(&address(&[hint, ("post_logout_redirect_uri", GOODBYE)])).await;

    assert_eq!((reply.status, reply.location()), (303, GOODBYE));
}

#[tokio::test]
async fn without_a_hint_the_person_is_asked_and_may_stay() {
    let portal = Portal::open().await;
    let mut browser = portal.browser_of("ada-1").await;
    let parameters = [("client_id", PORTAL), ("post_logout_redirect_uri", GOODBYE), ("state", "s-9")];

    let page = browser.get(&address(&parameters)).await;
    let stays = browser.submit(&page, "/oauth/logout", &[("decision", "stay")]).await;
    assert!(asks(&page) && portal.is_signed_in(&mut browser).await, "{page:?}");
    let leaves = browser.submit(&page, "/oauth/logout", &[("decision", "sign_out")]).await;

    assert!(stays.location().ends_with("/account"));
    assert_eq!((leaves.status, leaves.location()), (303, "https://portal.example/goodbye?state=s-9"));
    assert!(!portal.is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn no_other_site_signs_anybody_out() {
    let portal = Portal::open().await;
    let mut browser = portal.browser_of("ada-1").await;
    let csrf = csrf_token(&browser, "");
    let form = |fields: &[(&str, &str)]| Ask::form(fields).at("/oauth/logout");

    let by_form = browser.send(form(&[]).header("Origin", "https://evil.example")).await;
    let without_token = browser.send(form(&[("decision", "sign_out")])).await;
    let from_elsewhere =
        browser.send(form(&[("decision", "sign_out"), ("csrf", &csrf)]).header("Origin", "https://evil.example")).await;
    let by_address = browser.get(&address(&[("decision", "sign_out"), ("csrf", &csrf)])).await;

    assert!(asks(&by_form) && asks(&by_address));
    assert_eq!((without_token.stop().0, from_elsewhere.stop().0), (403, 403));
    assert!(portal.is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_hint_of_another_session_or_person_or_app_signs_nobody_out() {
    let portal = Portal::open().await;
    portal.connect("wiki").await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;
    let mut bobs = Browser::new(&portal.house);
    portal.is_at_provider("bob-1");
    let bob = portal.tokens(&mut bobs, &[]).await;
    let mut elsewhere = portal.browser_of("ada-1").await;

    let another_person = browser.get(&address(&[("id_token_hint", &bob.id)])).await;
    let another_session = elsewhere.get(&address(&[("id_token_hint", &tokens.id)])).await;
    let another_app = browser.get(&address(&[("id_token_hint", &tokens.id), ("client_id", "wiki")])).await;

    assert!(asks(&another_person) && asks(&another_session));
    assert_eq!(another_app.status, 400, "{another_app:?}");
    for browser in [&mut browser, &mut bobs, &mut elsewhere] {
        assert!(portal.is_signed_in(browser).await);
    }
}

#[tokio::test]
async fn a_forged_hint_leads_nowhere_and_signs_nobody_out() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;
    let (head, rest) = tokens.id.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let forged = [
        "x".to_owned(),
        format!("{none}.{payload}."),
        format!("{none}.{payload}.{signature}"),
        format!("{head}.{payload}."),
        format!("{head}.{payload}.{}", signature.chars().rev().collect::<String>()),
        format!("{head}.{payload}X.{signature}"),
        tokens.access.clone(),
        tokens.refresh.clone(),
    ];

    for hint in &forged {
        let parameters =
            [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", GOODBYE), ("client_id", PORTAL)];
        let reply = browser.get(&address(&parameters)).await;
        assert!(reply.header("location").is_none(), "{hint}: {reply:?}");
        assert_eq!(reply.status, 400, "{hint}");
        assert!(portal.is_signed_in(&mut browser).await, "{hint}");
    }
}

#[tokio::test]
async fn only_an_address_that_the_app_registered_is_gone_to() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;

    for uri in [
        "https://evil.example/",
        "https://portal.example/goodbye/",
        "https://portal.example/goodbye?x=1",
        "https://portal.example/callback",
        "HTTPS://portal.example/goodbye",
        "https://portal.example/goodbye#f",
        "https://portal.example@evil.example/goodbye",
        "javascript:alert(1)",
        "//evil.example",
    ] {
        for more in [&[("id_token_hint", tokens.id.as_str())][..], &[("client_id", PORTAL)], &[]] {
            let reply = browser.get(&address(&[&[("post_logout_redirect_uri", uri)], more].concat())).await;
            assert!(reply.header("location").is_none(), "{uri}: {reply:?}");
            assert_eq!(reply.status, 400, "{uri}");
        }
    }
    let unnamed = browser.get(&address(&[("post_logout_redirect_uri", GOODBYE)])).await;
    assert!(unnamed.header("location").is_none(), "without an app no address is registered");
    assert!(portal.is_signed_in(&mut browser).await);

    let with_query = "https://portal.example/bye?a=1";
    let registered = Some(owned(&[GOODBYE, with_query]));
    portal.change_app(AppWish { post_logout_redirect_uris: registered, ..AppWish::default() }).await;
    let hint = ("id_token_hint", tokens.id.as_str());
    let reply = browser.get(&address(&[hint, ("post_logout_redirect_uri", with_query), ("state", "s")])).await;
    assert_eq!(reply.location(), "https://portal.example/bye?a=1&state=s");
}

#[tokio::test]
async fn an_app_may_send_a_form_and_nothing_twice() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;
    let hint = ("id_token_hint", tokens.id.as_str());

    let twice = browser.get(&address(&[hint, ("state", "a"), ("state", "b")])).await;
    let two_hints = browser.get(&address(&[hint, hint])).await;
    let is_in = portal.is_signed_in(&mut browser).await;
    let form = Ask::form(&[hint, ("post_logout_redirect_uri", GOODBYE)]).at("/oauth/logout");
    let by_form = browser.send(form.header("Origin", "https://portal.example")).await;

    assert_eq!((twice.status, two_hints.status, is_in), (400, 400, true));
    assert_eq!((by_form.status, by_form.location()), (303, GOODBYE));
}

#[tokio::test]
async fn where_people_go_is_registered_to_the_byte_ports_included() {
    let portal = Portal::open().await;
    let registered = Some(owned(&["http://127.0.0.1/goodbye"]));
    portal.change_app(AppWish { post_logout_redirect_uris: registered, ..AppWish::default() }).await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;
    let hint = ("id_token_hint", tokens.id.as_str());
    let to = |uri| address(&[hint, ("post_logout_redirect_uri", uri)]);

    let other_port = browser.get(&to("http://127.0.0.1:4711/goodbye")).await;
    let exact = browser.get(&to("http://127.0.0.1/goodbye")).await;

    assert_eq!(other_port.stop(), (400, "unregistered_redirect".to_owned()));
    assert_eq!((exact.status, exact.location()), (303, "http://127.0.0.1/goodbye"));
}

#[tokio::test]
async fn who_came_from_an_app_that_is_disabled_can_leave() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;
    portal.change_app(AppWish { is_disabled: Some(true), ..AppWish::default() }).await;

    let left = browser.get(&address(&[("id_token_hint", &tokens.id)])).await;

    assert!(left.status == 200 && left.text().contains("signed out"), "{left:?}");
    assert!(!portal.is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn who_is_not_signed_in_is_not_asked() {
    let portal = Portal::open().await;
    let Connected { tokens, .. } = portal.connected().await;
    let mut stranger = Browser::new(&portal.house);

    let bare = stranger.get("/oauth/logout").await;
    let named = stranger.get(&address(&[("client_id", PORTAL), ("post_logout_redirect_uri", GOODBYE)])).await;
    let hint = ("id_token_hint", tokens.id.as_str());
    let with_hint = stranger.get(&address(&[hint, ("post_logout_redirect_uri", GOODBYE)])).await;

    assert!(bare.status == 200 && !asks(&bare) && bare.text().contains("signed out"), "{bare:?}");
    assert_eq!((named.status, named.header("location")), (200, None), "nobody is sent on for a name alone");
    assert_eq!(with_hint.location(), GOODBYE);
}

#[tokio::test]
async fn signing_out_here_does_not_sign_out_elsewhere() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;
    let mut other = portal.browser_of("ada-1").await;
    let other_tokens = portal.tokens(&mut other, &[]).await;

    browser.get(&address(&[("id_token_hint", &tokens.id)])).await;

    assert!(portal.is_signed_in(&mut other).await);
    assert_eq!(portal.refresh(&other_tokens.refresh, &[]).await.status, 200);
}
