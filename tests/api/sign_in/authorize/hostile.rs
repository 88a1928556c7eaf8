//! Requests that want more than an answer: header lines, markup, another issuer, what a database can't hold.

use hallpass::flow::{AppWish, ResourceWish};
use serde_json::json;

use super::{ask, assert_goes_back, query};
use crate::support::{Ask, Browser, CALLBACK, ORDERS, PORTAL, Portal, Reply, Wire};

const SCRIPT: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;";

/// The headers of everything that a browser shows or follows.
#[track_caller]
fn assert_protected(reply: &Reply, what: &str) {
    let csp = reply.header("content-security-policy").unwrap_or_else(|| panic!("{what}: {reply:?}"));
    for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(csp.contains(rule), "{what}: {csp}");
    }
    assert!(!csp.contains("unsafe") && !csp.contains("http") && !csp.contains('*'), "{what}: {csp}");
    for (name, value) in [
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{what}");
    }
}

/// Nothing on the page comes from elsewhere, and nothing that somebody said became markup.
#[track_caller]
fn assert_inert(reply: &Reply, what: &str) {
    let page = reply.text();
    assert!(!page.contains("<script>") && !page.contains("<img src=x"), "{what}: {page}");
    for source in page.split(" src=\"").skip(1).chain(page.split("<link ").skip(1)) {
        assert!(!source.split('>').next().unwrap().contains("//"), "{what}: {source}");
    }
    assert_protected(reply, what);
}

#[tokio::test]
async fn line_breaks_stay_in_the_value_they_came_in() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;
    let broken = "s\r\nSet-Cookie: x=1\r\n\r\n<html>";

    let good = browser.get(&Portal::request(&[("state", broken)])).await;
    let bad = browser.get(&Portal::request(&[("state", broken), ("prompt", broken)])).await;
    let in_scope = browser.get(&Portal::request(&[("scope", broken)])).await;

    for reply in [&good, &bad] {
        assert_eq!((reply.status, reply.sent("state").as_deref()), (303, Some(broken)), "{reply:?}");
        assert!(!reply.location().contains(['\r', '\n', ' ', '<']), "{reply:?}");
        assert_eq!(reply.header("set-cookie"), None, "{reply:?}");
        assert!(reply.body.is_empty());
    }
    assert!(good.sent("code").is_some());
    assert_goes_back(&portal, &in_scope, "invalid_scope", "a line break in the scope");
    assert!(!in_scope.location().contains("Set-Cookie"), "nothing of it is echoed");
}

#[tokio::test]
async fn any_state_comes_back_as_it_was() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;
    let long = "x".repeat(4000);

    for state in ["a&b=c#d", "%2e%00%", "ä ö+ü", "{\"a\":\"b\"}", SCRIPT, &long, "&code=evil&iss=evil"] {
        let reply = browser.get(&Portal::request(&[("state", state)])).await;

        assert_eq!(reply.sent("state").as_deref(), Some(state));
        assert!(reply.location().starts_with(&format!("{CALLBACK}?code=hp_code_")), "{reply:?}");
        assert_eq!(reply.sent("iss").as_deref(), Some(portal.house.issuer()));
    }
    let none = browser.get(&Portal::request(&[("state", "")])).await;
    assert_eq!((none.sent("state"), none.sent("iss").is_some()), (None, true));
}

#[tokio::test]
async fn who_is_named_as_host_is_not_believed() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let spoofed = |ask: Ask| {
        ask.header("Host", "evil.test")
            .header("X-Forwarded-Host", "evil.test")
            .header("X-Forwarded-Proto", "gopher")
            .header("Forwarded", "host=evil.test;proto=https")
            .header("X-Original-URL", "/evil")
    };

    let away = browser.send(spoofed(Ask::get(&Portal::request(&[])))).await;
    let path = away.location().strip_prefix(portal.house.issuer()).unwrap().to_owned();
    let page = browser.send(spoofed(Ask::get(&path))).await;
    let back = browser.send(spoofed(Ask::get(&Portal::request(&[("prompt", "none")])))).await;
    let halted = browser.send(spoofed(Ask::get("/oauth/authorize"))).await;

    for reply in [&away, &page, &back, &halted] {
        assert!(!format!("{reply:?}").contains("evil") && !format!("{reply:?}").contains("gopher"), "{reply:?}");
    }
    assert_goes_back(&portal, &back, "login_required", "spoofed");
}

#[tokio::test]
async fn what_anybody_wrote_is_text_on_every_page() {
    let portal = Portal::open().await;
    portal.house.change_app(PORTAL, AppWish { name: Some(SCRIPT.to_owned()), ..AppWish::default() }).await;
    let words = [("orders:read".to_owned(), SCRIPT.to_owned())].into();
    let wish = ResourceWish { name: Some(SCRIPT.to_owned()), scope_words: Some(words), ..ResourceWish::default() };
    portal.house.change_resource(ORDERS, wish).await;
    portal.person(json!({ "sub": "ada-1", "name": SCRIPT, "email": SCRIPT, "preferred_username": SCRIPT }));
    let mut browser = Browser::new(&portal.house);

    let away = browser.get(&Portal::request(&[("login_hint", SCRIPT), ("ui_locales", SCRIPT)])).await;
    let login = browser.get(away.location()).await;
    let signed_in = portal.sign_in(&mut browser, away.location()).await;
    let consent = browser.get(signed_in.location()).await;
    let posted = portal.authorize(&mut browser, &[("response_mode", "form_post"), ("state", SCRIPT)]).await;
    let halted = browser.get(&Portal::request(&[("client_id", SCRIPT)])).await;

    for (what, page) in [("login", &login), ("consent", &consent), ("form_post", &posted), ("error", &halted)] {
        assert_inert(page, what);
    }
    for redirect in [&away, &signed_in] {
        assert_protected(redirect, "a redirect");
    }
    assert!(consent.text().contains("alert(1)"), "the names are shown: {}", consent.text());
    let state = posted.hidden().into_iter().find(|(name, _)| name == "state").unwrap().1;
    assert_eq!(state, SCRIPT);
}

#[tokio::test]
async fn an_apps_home_is_on_the_web() {
    let portal = Portal::open().await;

    for uri in ["javascript:alert(1)", "data:text/html,x", "http://portal.example", "https://a@portal.example", "//x"] {
        let wish = AppWish { home_uri: Some(Some(uri.to_owned())), ..AppWish::default() };
        assert!(portal.house.flows.update_app(PORTAL, &wish).await.is_err(), "{uri}");
    }
}

#[tokio::test]
async fn what_no_database_holds_is_refused_before_it_gets_there() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    for name in ["client_id", "redirect_uri", "state", "nonce", "scope", "login_hint", "ui_locales", "x"] {
        let plain = Portal::request(&[(name, "")]);
        let reply = browser.get(&format!("{plain}&{name}=a%00b")).await;

        assert_eq!((reply.status, reply.header("location")), (400, None), "{name}: {reply:?}");
        assert_protected(&reply, name);
    }
    for target in
        ["/login?request=%00", "/consent?request=%00", "/oauth/logout?client_id=%00", "/login/callback/acme?state=%00"]
    {
        let reply = browser.get(target).await;
        assert_eq!(reply.status, 400, "{target}: {reply:?}");
    }
    let public = Ask::token(&[("client_id", "\0")]);
    assert_eq!(portal.house.send(&public).await.refusal(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn a_long_nonce_is_kept_whole() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let nonce = "n-ä€😀".repeat(200);

    let tokens = portal.tokens(&mut browser, &[("nonce", &nonce)]).await;

    assert_eq!(crate::support::Token::read(&tokens.id).claims["nonce"], nonce);
}

#[tokio::test]
async fn an_answer_can_be_posted() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);

    let posted = portal.authorize(&mut browser, &[("response_mode", "form_post")]).await;
    let refused = ask(&mut browser, &query("&response_mode=form_post&prompt=x")).await;

    let field = |reply: &Reply, name: &str| reply.hidden().into_iter().find(|(own, _)| own == name).map(|pair| pair.1);
    for reply in [&posted, &refused] {
        assert_eq!((reply.status, reply.header("location")), (200, None), "{reply:?}");
        assert!(reply.text().contains(&format!("method=\"post\" action=\"{CALLBACK}\"")), "{}", reply.text());
        assert_eq!(field(reply, "state").as_deref(), Some("s-1"));
        assert_eq!(field(reply, "iss").as_deref(), Some(portal.house.issuer()));
        assert_inert(reply, "form_post");
    }
    assert_eq!((field(&refused, "error").as_deref(), field(&refused, "code")), (Some("invalid_request"), None));
    assert_eq!(portal.redeem(&field(&posted, "code").unwrap(), &[]).await.status, 200);
}

#[tokio::test]
async fn what_a_stranger_writes_into_a_body_says_nothing_about_the_connection() {
    let portal = Portal::open().await;
    let path =
        Portal::request(&[("response_mode", "form_post"), ("prompt", "x"), ("state", "\r\nconnection: close\r\n\r\n")]);
    let mut wire = Wire::open(portal.house.address).await;
    let kept = |path: &str| Ask::get(path).header("Connection", "keep-alive").bytes();

    wire.write(kept(&path)).await.unwrap();
    let page = wire.reply().await.unwrap();
    wire.write(kept("/livez")).await.unwrap();
    let next = wire.reply().await;

    assert!(page.text().contains("\r\nconnection: close\r\n"), "{page:?}");
    assert_eq!(next.map(|reply| reply.status), Some(200), "the next request is answered");
}
