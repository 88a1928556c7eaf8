//! What the person is asked, whatever we know: `prompt`, `max_age`, and who it shall be.

use std::time::Duration;

use serde_json::json;

use super::{ask, assert_asks, assert_goes_back, query};
use crate::support::{ACME, Browser, NATIVE, NOW, PORTAL, Portal, Token, owned};

fn signed_in_at(tokens: &crate::support::Tokens) -> i64 {
    Token::read(&tokens.id).number("auth_time")
}

#[tokio::test]
async fn who_may_not_be_asked_is_not_asked() {
    let portal = Portal::open().await;
    portal.with_native().await;
    let mut browser = Browser::new(&portal.house);
    let none = [("prompt", "none")];

    let stranger = browser.get(&Portal::request(&none)).await;
    portal.code(&mut browser, &[("scope", "openid")]).await;
    let known = browser.get(&Portal::request(&[("prompt", "none"), ("scope", "openid")])).await;
    let more = browser.get(&Portal::request(&none)).await;
    let public = [("client_id", NATIVE), ("redirect_uri", crate::support::LOOPBACK), ("prompt", "none")];
    portal.authorize(&mut browser, &public[..2]).await;
    let public = browser.get(&Portal::request(&public)).await;

    assert_goes_back(&portal, &stranger, "login_required", "nobody is signed in");
    assert!(known.sent("code").is_some(), "{known:?}");
    assert_goes_back(&portal, &more, "consent_required", "more than was allowed");
    assert_eq!(public.sent("error").as_deref(), Some("consent_required"), "a public app always asks");
}

#[tokio::test]
async fn prompt_login_is_a_new_sign_in() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;
    portal.house.advance(Duration::from_secs(30));

    let reply = browser.get(&Portal::request(&[("prompt", "login")])).await;
    let again = browser.get(reply.location()).await;
    let tokens = portal.tokens(&mut browser, &[("prompt", "login")]).await;

    assert_asks(&portal, &reply, "login");
    assert_eq!(again.status, 200);
    assert_eq!(signed_in_at(&tokens), NOW + 30);
    let asked = portal.provider.asked("/authorize").last().unwrap().parameter("prompt");
    assert_eq!(asked.as_deref(), Some("login"), "the provider is told to ask as well");
}

#[tokio::test]
async fn a_page_that_waits_for_a_new_sign_in_can_not_be_passed_by() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;
    let login = browser.get(&Portal::request(&[("prompt", "login")])).await.location().to_owned();
    let consent = browser.get(&login.replace("/login?", "/consent?")).await;

    let as_before = browser.submit(&consent, "/login/continue", &[]).await;
    let allowed = browser.submit(&consent, "/consent", &[("decision", "allow")]).await;

    assert_asks(&portal, &as_before, "login");
    assert_asks(&portal, &allowed, "login");
}

#[tokio::test]
async fn an_old_session_is_no_new_sign_in_though_its_cookie_was_left_out_of_the_request() {
    let portal = Portal::open().await;
    portal.provider.omits("claims", "auth_time");
    for wish in [("prompt", "login"), ("max_age", "0"), ("max_age", "20"), ("prompt", "select_account")] {
        let mut browser = Browser::new(&portal.house);
        portal.code(&mut browser, &[]).await;
        portal.house.advance(Duration::from_secs(21));
        let session = browser.cookies.remove("hallpass-session").expect("a session");
        let login = browser.get(&Portal::request(&[wish])).await.location().to_owned();
        browser.cookies.insert("hallpass-session".to_owned(), session);

        let page = browser.get(&login).await;
        let consent = browser.get(&login.replace("/login?", "/consent?")).await;
        let allowed = browser.submit(&consent, "/consent", &[("decision", "allow")]).await;

        assert_eq!(page.status, 200, "{wish:?}");
        assert_asks(&portal, &allowed, "login");
    }
}

#[tokio::test]
async fn a_sign_in_is_as_old_as_the_provider_says() {
    let portal = Portal::open().await;
    let signed_in_before = |ago: i64| {
        portal.provider.edit("claims", move |claims| claims["auth_time"] = (NOW - ago).into());
    };
    let mut browser = Browser::new(&portal.house);
    signed_in_before(3600);
    let old = portal.tokens(&mut browser, &[]).await;
    let silent = browser.get(&Portal::request(&[("max_age", "3599"), ("prompt", "none")])).await;
    signed_in_before(-30);
    let ahead = portal.tokens(&mut Browser::new(&portal.house), &[]).await;
    signed_in_before(30);
    let slow = portal.tokens(&mut Browser::new(&portal.house), &[("max_age", "10")]).await;
    let anew = portal.tokens(&mut Browser::new(&portal.house), &[("prompt", "login")]).await;

    assert_eq!(signed_in_at(&old), NOW - 3600);
    assert_goes_back(&portal, &silent, "login_required", "they signed in an hour ago");
    assert_eq!(signed_in_at(&ahead), NOW, "a clock that is ahead");
    assert_eq!(signed_in_at(&slow), NOW - 10, "a slow clock, and never older than was asked for");
    assert_eq!(signed_in_at(&anew), NOW);
}

#[tokio::test]
async fn prompt_consent_asks_again_and_says_no_when_the_person_does() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    let reply = browser.get(&Portal::request(&[("prompt", "consent")])).await;
    let page = browser.get(reply.location()).await;
    let denied = browser.submit(&page, "/consent", &[("decision", "deny")]).await;
    let both = browser.get(&Portal::request(&[("prompt", "login consent")])).await;

    assert_asks(&portal, &reply, "consent");
    assert_goes_back(&portal, &denied, "access_denied", "no");
    assert_asks(&portal, &both, "login");
}

#[tokio::test]
async fn prompt_select_account_lets_the_person_choose() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let ada = portal.tokens(&mut browser, &[]).await;

    let reply = browser.get(&Portal::request(&[("prompt", "select_account")])).await;
    let page = browser.get(reply.location()).await;
    let same = browser.submit(&page, "/login/continue", &[]).await;
    portal.person(json!({ "sub": "bob-1", "name": "Bob" }));
    let bob = portal.tokens(&mut browser, &[("prompt", "select_account")]).await;

    assert_asks(&portal, &reply, "login");
    assert!(page.text().contains("Ada Lovelace"), "{}", page.text());
    assert!(same.sent("code").is_some(), "{same:?}");
    assert_ne!(Token::read(&bob.id).claims["sub"], Token::read(&ada.id).claims["sub"]);
    let asked = portal.provider.asked("/authorize").last().unwrap().parameter("prompt");
    assert_eq!(asked.as_deref(), Some("select_account"));
}

#[tokio::test]
async fn a_sign_in_may_be_as_old_as_max_age() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.provider.omits("claims", "auth_time");
    portal.code(&mut browser, &[]).await;
    portal.provider.edit("claims", |claims| claims["auth_time"] = claims["iat"].clone());
    portal.house.advance(Duration::from_mins(1));

    let young = browser.get(&Portal::request(&[("max_age", "60")])).await;
    let huge = browser.get(&Portal::request(&[("max_age", "9223372036854775807")])).await;
    let silent = browser.get(&Portal::request(&[("max_age", "59"), ("prompt", "none")])).await;
    let old = browser.get(&Portal::request(&[("max_age", "59")])).await;
    let tokens = portal.tokens(&mut browser, &[("max_age", "59")]).await;
    portal.house.advance(Duration::from_secs(1));
    let zero = browser.get(&Portal::request(&[("max_age", "0")])).await;

    assert!(young.sent("code").is_some() && huge.sent("code").is_some(), "{young:?} {huge:?}");
    assert_goes_back(&portal, &silent, "login_required", "too old");
    assert_asks(&portal, &old, "login");
    assert_eq!(signed_in_at(&tokens), NOW + 60);
    assert_asks(&portal, &zero, "login");
    assert_eq!(portal.provider.asked("/authorize").last().unwrap().parameter("max_age").as_deref(), Some("59"));
}

#[tokio::test]
async fn pages_speak_the_language_that_the_app_asks_for() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);

    let german = browser.get(&Portal::request(&[("ui_locales", "fr de-AT en")])).await;
    let login = browser.get(german.location()).await;
    let signed_in = portal.sign_in(&mut browser, german.location()).await;
    let consent = browser.get(signed_in.location()).await;
    let english = browser.get(&Portal::request(&[("ui_locales", "fr"), ("prompt", "login")])).await;
    let english = browser.get(english.location()).await;

    assert!(login.text().contains("Weiter mit") && login.text().contains("lang=\"de\""), "{}", login.text());
    assert!(consent.text().contains("Angemeldet als"), "{}", consent.text());
    assert!(english.text().contains("lang=\"en\""), "{}", english.text());
}

#[tokio::test]
async fn every_page_of_a_journey_is_in_its_language() {
    let portal = Portal::open().await;
    let german = ("ui_locales", "de");
    let is_german = |reply: &crate::support::Reply| reply.text().contains("lang=\"de\"");
    let mut browser = Browser::new(&portal.house);

    let unregistered = browser.get(&Portal::request(&[german, ("redirect_uri", "https://evil.example/")])).await;
    let login = browser.get(&Portal::request(&[german])).await.location().to_owned();
    let page = browser.get(&login).await;
    let nowhere = browser.submit(&page, "/login", &[("provider", "nowhere")]).await;
    let leaves = browser.submit(&page, "/login", &[("provider", ACME)]).await;
    let state = leaves.sent("state").unwrap();
    let refused = browser.get(&format!("/login/callback/{ACME}?error=access_denied&state={state}")).await;
    let posted = portal.authorize(&mut browser, &[german, ("response_mode", "form_post")]).await;
    let again = browser.get(&Portal::request(&[german, ("response_mode", "form_post")])).await;
    let leaving = browser.get("/oauth/logout?ui_locales=de").await;
    let left = browser.submit(&leaving, "/oauth/logout", &[("decision", "sign_out")]).await;
    let left = browser.get(left.location()).await;

    for reply in [&unregistered, &page, &nowhere, &refused, &posted, &again, &leaving, &left] {
        assert!(is_german(reply), "{reply:?}");
    }
}

#[tokio::test]
async fn a_provider_that_does_not_say_when_is_not_enough_where_it_matters() {
    let portal = Portal::open().await;
    portal.provider.omits("claims", "auth_time");
    for wish in [("prompt", "login"), ("max_age", "3600")] {
        let mut browser = Browser::new(&portal.house);
        let login = browser.get(&Portal::request(&[wish])).await.location().to_owned();

        let back = portal.sign_in(&mut browser, &login).await;

        assert_eq!(back.stop(), (403, "not_reauthenticated".to_owned()), "{wish:?}");
        assert!(!browser.cookies.contains_key("hallpass-session"));
    }
    assert!(portal.authorize(&mut Browser::new(&portal.house), &[]).await.sent("code").is_some());
}

#[tokio::test]
async fn who_lacks_the_role_that_an_app_asks_for_is_denied() {
    let portal = Portal::open().await;
    portal.another("staff", |wish| wish.roles = Some(owned(&["staff"]))).await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[("client_id", PORTAL)]).await;

    let reply = ask(&mut browser, &query("").replace("client_id=portal", "client_id=staff")).await;

    assert_goes_back(&portal, &reply, "access_denied", "no role");
}
