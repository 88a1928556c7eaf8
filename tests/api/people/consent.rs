//! Consent: who is asked, what they see, and that nothing but their word on that page counts.

use std::collections::BTreeMap;

use hallpass::flow::{AppWish, ResourceWish};
use serde_json::json;

use super::csrf_token;
use crate::support::{BILLING, Browser, ORDERS, PORTAL, Portal, Reply, owned};

fn gone() -> (u16, String) {
    (400, "request_expired".to_owned())
}

fn is_asked(reply: &Reply) -> bool {
    reply.location().contains("/consent?")
}

/// Somebody who is signed in and is asked: their browser and the address of the page.
async fn asked(portal: &Portal, subject: &str, more: &[(&str, &str)]) -> (Browser, String) {
    let mut browser = portal.browser_of(subject).await;
    let reply = browser.get(&Portal::request(more)).await;
    assert!(is_asked(&reply), "{reply:?}");
    let location = reply.location().to_owned();
    (browser, location)
}

#[tokio::test]
async fn what_was_allowed_is_remembered_for_the_person_the_app_and_the_scopes() {
    let portal = Portal::open().await;
    portal.connect("wiki").await;
    let (mut ada, page) = asked(&portal, "ada-1", &[]).await;
    portal.allow(&mut ada, &page).await;
    let mut bob = portal.browser_of("bob-1").await;

    let same = ada.get(&Portal::request(&[])).await;
    let fewer = ada.get(&Portal::request(&[("scope", "openid")])).await;
    let more = ada.get(&Portal::request(&[("scope", "openid orders:write")])).await;
    let offline = ada.get(&Portal::request(&[("scope", "openid offline_access")])).await;
    let by_name = ada.get(&Portal::request(&[("claims", r#"{"userinfo":{"groups":null}}"#)])).await;
    let other_app = ada.get(&Portal::request(&[("client_id", "wiki")])).await;
    let other_person = bob.get(&Portal::request(&[])).await;

    assert!(same.sent("code").is_some() && fewer.sent("code").is_some());
    for reply in [&more, &offline, &by_name, &other_app, &other_person] {
        assert!(is_asked(reply), "{reply:?}");
    }
    let page = ada.get(more.location()).await;
    assert!(page.text().contains("What is new is marked") && page.text().contains("orders:write"));
}

#[tokio::test]
async fn what_was_allowed_at_one_resource_is_asked_again_for_another() {
    let portal = Portal::open().await;
    let wish = ResourceWish {
        scopes: Some(owned(&["orders:read"])),
        claims: Some(owned(&["groups"])),
        ..ResourceWish::default()
    };
    portal.house.flows.create_resource(BILLING, &wish).await.unwrap();
    let resources = Some(owned(&[ORDERS, BILLING]));
    portal.change_app(AppWish { resources, ..AppWish::default() }).await;
    let request = |resource| [("scope", "openid orders:read"), ("resource", resource)];
    let mut browser = portal.browser_of("ada-1").await;
    portal.code(&mut browser, &request(ORDERS)).await;

    let same = browser.get(&Portal::request(&request(ORDERS))).await;
    let other = browser.get(&Portal::request(&request(BILLING))).await;
    let unnamed = browser.get(&Portal::request(&[("scope", "openid orders:read")])).await;
    let silent = browser.get(&Portal::request(&[("scope", "openid"), ("resource", BILLING), ("prompt", "none")])).await;
    portal.code(&mut browser, &request(BILLING)).await;
    let both = browser.get(&Portal::request(&[("scope", "openid orders:read")])).await;

    assert!(same.sent("code").is_some() && is_asked(&other) && is_asked(&unnamed), "{other:?}");
    assert_eq!(silent.sent("error").as_deref(), Some("consent_required"));
    assert!(both.sent("code").is_some(), "{both:?}");
}

#[tokio::test]
async fn a_token_is_for_no_resource_that_did_not_stand_on_the_page() {
    let portal = Portal::open().await;
    let mut browser = portal.browser_of("ada-1").await;
    let page = browser.get(&Portal::request(&[("scope", "openid")])).await.location().to_owned();
    let page = browser.get(&page).await;
    let tokens = portal.tokens(&mut browser, &[("scope", "openid offline_access orders:read")]).await;
    portal.house.resource(BILLING, &["orders:read"]).await;
    let resources = Some(owned(&[ORDERS, BILLING]));
    portal.change_app(AppWish { resources, ..AppWish::default() }).await;

    let refreshed = crate::support::Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    let elsewhere = portal.refresh(&refreshed.refresh, &[("resource", BILLING)]).await;

    assert!(page.text().contains(ORDERS), "the app's only resource, which the token will be for: {}", page.text());
    assert!(portal.house.verify(&refreshed.access, ORDERS).await.is_ok());
    assert_eq!(elsewhere.refusal(), (400, "invalid_target".to_owned()));
}

#[tokio::test]
async fn what_was_allowed_grows_and_is_never_asked_twice() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[("scope", "openid orders:read")]).await;
    portal.code(&mut browser, &[("scope", "openid orders:write")]).await;

    let both = browser.get(&Portal::request(&[("scope", "openid orders:read orders:write")])).await;

    assert!(both.sent("code").is_some(), "{both:?}");
}

#[tokio::test]
async fn two_pages_allowed_at_once_are_both_answered() {
    let portal = Portal::open().await;
    for round in 0..5 {
        let mut browser = portal.browser_of(&format!("person-{round}")).await;
        let user = portal.user_in(&browser).await;
        let mut sent = Vec::new();
        for scope in ["openid orders:read", "openid orders:write", "openid profile", "openid email"] {
            let waits = browser.get(&Portal::request(&[("scope", scope)])).await;
            let page = browser.get(waits.location()).await;
            let mut browser = browser.clone();
            sent.push(async move { browser.submit(&page, "/consent", &[("decision", "allow")]).await });
        }

        let replies = futures_util::future::join_all(sent).await;

        for reply in &replies {
            assert_eq!(reply.status, 303, "{reply:?}");
            assert!(reply.sent("code").is_some(), "{reply:?}");
        }
        let connected = portal.house.flows.list_connected_apps(&user).await.unwrap();
        let [one] = connected.as_slice() else { panic!("one grant: {connected:?}") };
        let kept: std::collections::BTreeSet<&str> = one.grant.scopes.split(' ').collect();
        assert_eq!(kept, ["email", "openid", "orders:read", "orders:write", "profile"].into());
    }
}

#[tokio::test]
async fn a_public_app_is_always_asked_for_and_the_operators_own_never() {
    let portal = Portal::open().await;
    portal.connect("native").await;
    portal.connect("house").await;
    let public = AppWish {
        is_public: Some(true),
        redirect_uris: Some(owned(&["http://127.0.0.1/cb", "com.example.app:/cb"])),
        ..AppWish::default()
    };
    portal.house.change_app("native", public).await;
    portal.house.change_app("house", AppWish { is_first_party: Some(true), ..AppWish::default() }).await;
    let mut browser = portal.browser_of("ada-1").await;

    for uri in ["http://127.0.0.1:4711/cb", "com.example.app:/cb", "http://127.0.0.1:4711/cb"] {
        let more = [("client_id", "native"), ("redirect_uri", uri)];
        let reply = browser.get(&Portal::request(&more)).await;
        assert!(is_asked(&reply), "{uri}: {reply:?}");
        let page = browser.get(reply.location()).await;
        assert!(page.text().contains("Allow this only if you have just started it yourself"), "{uri}");
        let allowed = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
        assert!(allowed.location().starts_with(uri), "{allowed:?}");
    }
    let silent = browser
        .get(&Portal::request(&[
            ("client_id", "native"),
            ("redirect_uri", "http://127.0.0.1:1/cb"),
            ("prompt", "none"),
        ]))
        .await;
    let own = browser.get(&Portal::request(&[("client_id", "house")])).await;
    let eager = browser.get(&Portal::request(&[("client_id", "house"), ("prompt", "consent")])).await;

    assert_eq!(silent.sent("error").as_deref(), Some("consent_required"), "nobody may get it without a word");
    assert!(own.sent("code").is_some() && eager.sent("code").is_some(), "{own:?} {eager:?}");
}

#[tokio::test]
async fn an_app_may_have_the_person_asked_again() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    let again = browser.get(&Portal::request(&[("prompt", "consent")])).await;
    let allowed = portal.allow(&mut browser, again.location()).await;

    assert!(is_asked(&again) && allowed.sent("code").is_some());
}

#[tokio::test]
async fn a_no_goes_back_to_the_app_and_nothing_is_remembered() {
    let portal = Portal::open().await;
    let (mut browser, address) = asked(&portal, "ada-1", &[]).await;
    let page = browser.get(&address).await;

    let denied = browser.submit(&page, "/consent", &[("decision", "deny")]).await;
    let changed_mind = browser.submit(&page, "/consent", &[("decision", "allow")]).await;

    assert_eq!(denied.status, 303);
    assert_eq!(denied.sent("error").as_deref(), Some("access_denied"));
    assert_eq!((denied.sent("state").as_deref(), denied.sent("code")), (Some("s-1"), None));
    assert_eq!(denied.sent("iss").as_deref(), Some(portal.house.issuer()));
    assert_eq!(changed_mind.stop(), gone());
    assert!(portal.house.flows.list_connected_apps(&portal.user_in(&browser).await).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_page_is_answered_once_however_often_it_is_sent() {
    let portal = Portal::open().await;
    let (mut browser, address) = asked(&portal, "ada-1", &[]).await;
    let page = browser.get(&address).await;

    let mut sent = Vec::new();
    for _ in 0..20 {
        let (mut browser, page) = (browser.clone(), page.clone());
        sent.push(async move { browser.submit(&page, "/consent", &[("decision", "allow")]).await.status });
    }
    let mut statuses = futures_util::future::join_all(sent).await;
    statuses.sort_unstable();

    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 19, "{statuses:?}");
    assert_eq!(browser.submit(&page, "/consent", &[("decision", "allow")]).await.stop(), gone());
}

#[tokio::test]
async fn a_request_of_another_browser_is_not_there() {
    let portal = Portal::open().await;
    let (mut ada, address) = asked(&portal, "ada-1", &[]).await;
    let mut mallory = portal.browser_of("mallory").await;
    let request = address.split_once("request=").unwrap().1.to_owned();
    let csrf = csrf_token(&mallory, &portal.user_in(&mallory).await);

    let seen = mallory.get(&address).await;
    let fields = [("request", &*request), ("csrf", &csrf), ("decision", "allow")];
    let allowed = mallory.post("/consent", &fields).await;
    let denied = mallory.post("/consent", &[fields[0], fields[1], ("decision", "deny")]).await;
    let to_login = mallory.get(&format!("/login?request={request}")).await;

    for reply in [&seen, &allowed, &denied, &to_login] {
        assert_eq!(reply.stop(), gone());
    }
    assert!(portal.allow(&mut ada, &address).await.sent("code").is_some(), "Ada's request waits on");
}

#[tokio::test]
async fn a_page_that_was_shown_to_one_person_allows_nothing_for_another() {
    let portal = Portal::open().await;
    let (mut browser, address) = asked(&portal, "ada-1", &[]).await;
    let page_of_ada = browser.get(&address).await;
    portal.is_at_provider("bob-1");
    portal.come_in(&mut browser).await;
    let bob = portal.user_in(&browser).await;

    let sent = browser.submit(&page_of_ada, "/consent", &[("decision", "allow")]).await;
    let key = browser.submit(&page_of_ada, "/account/sessions/end-others", &[]).await;

    assert_eq!((sent.stop(), key.stop()), ((403, "csrf".to_owned()), (403, "csrf".to_owned())));
    assert!(portal.house.flows.list_connected_apps(&bob).await.unwrap().is_empty());
    let page_of_bob = browser.get(&address).await;
    assert!(page_of_bob.text().contains("The name of bob-1"));
    let allowed = browser.submit(&page_of_bob, "/consent", &[("decision", "allow")]).await;
    assert!(allowed.sent("code").is_some(), "{allowed:?}");
}

#[tokio::test]
async fn what_else_a_form_says_changes_nothing() {
    let portal = Portal::open().await;
    portal.connect("wiki").await;
    let (mut browser, address) = asked(&portal, "ada-1", &[("scope", "openid orders:read")]).await;
    let page = browser.get(&address).await;
    let tampered = [
        ("decision", "allow"),
        ("scope", "openid orders:read orders:write offline_access"),
        ("client_id", "wiki"),
        ("redirect_uri", "https://evil.example/cb"),
        ("resource", "https://billing.example"),
        ("state", "s-2"),
        ("user", "usr_other"),
        ("code_challenge", ""),
    ];

    let reply = browser.submit(&page, "/consent", &tampered).await;
    let redeemed = portal.redeem(&reply.sent("code").unwrap(), &[]).await;

    assert!(reply.location().starts_with(crate::support::CALLBACK));
    assert_eq!(reply.sent("state").as_deref(), Some("s-1"));
    assert_eq!(redeemed.json()["scope"], "openid orders:read");
    let claims = portal.house.verify(&redeemed.token(), ORDERS).await.unwrap();
    assert_eq!((&*claims.client_id, claims.aud.has("https://billing.example")), (PORTAL, false));
    for decision in ["", "maybe", "ALLOW"] {
        let (mut browser, address) = asked(&portal, "bob-1", &[]).await;
        let page = browser.get(&address).await;
        let reply = browser.submit(&page, "/consent", &[("decision", decision)]).await;
        assert_eq!(reply.stop().0, 403, "{decision}");
    }
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_as_whom_and_where_it_leads() {
    let portal = Portal::open().await;
    let words = BTreeMap::from([("orders:read".to_owned(), "See your orders".to_owned())]);
    let wish =
        ResourceWish { name: Some("Orders API".to_owned()), scope_words: Some(words), ..ResourceWish::default() };
    portal.house.change_resource(ORDERS, wish).await;
    let scope = ("scope", "openid profile email orders:read offline_access");
    let (mut browser, address) = asked(&portal, "ada-1", &[scope]).await;

    let page = browser.get(&address).await;

    for seen in [
        "Portal",
        "The name of ada-1",
        "ada-1@acme.example",
        "through \u{2068}Acme\u{2069}",
        "Orders API",
        ORDERS,
        "See your orders",
        "orders:read",
        "Go on while you are away",
        "portal.example",
    ] {
        assert!(page.text().contains(seen), "{seen}: {}", page.text());
    }
    assert!(!page.text().contains("orders:write"), "what was not asked is not shown");
    assert!(!page.text().contains("Allow this only if you have just started it yourself"));
}

#[tokio::test]
async fn names_and_words_of_others_are_text_and_never_markup() {
    let portal = Portal::open().await;
    let evil =
        |what: &str| format!("</title><script src=\"//evil.test/{what}\"></script><img src=x onerror=\"{what}()\">'&");
    let words = BTreeMap::from([("orders:read".to_owned(), evil("words"))]);
    let wish = ResourceWish { name: Some(evil("resource")), scope_words: Some(words), ..ResourceWish::default() };
    portal.house.change_resource(ORDERS, wish).await;
    portal.change_app(AppWish { name: Some(evil("app")), ..AppWish::default() }).await;
    let (mut browser, address) = asked(&portal, "ada-1", &[]).await;
    portal.provider.state().person = json!({
        "sub": "evil", "name": evil("name"), "email": "a\"><script>mail()</script>@acme.example", "email_verified": true,
        "preferred_username": evil("username"), "groups": [evil("group")],
    });
    portal.come_in(&mut browser).await;

    let consent = browser.get(&address).await;
    portal.allow(&mut browser, &address).await;
    let mut pages = vec![consent];
    for path in ["/account", "/account/sessions", "/account/apps", "/account/keys", "/oauth/logout"] {
        pages.push(browser.get(path).await);
    }

    for page in pages {
        let text = page.text();
        assert_eq!(page.status, 200, "{page:?}");
        for markup in ["<script src=\"//evil", "<img src=x", "<script>mail", "onerror=\""] {
            assert!(!text.contains(markup), "{markup}: {text}");
        }
    }
}
