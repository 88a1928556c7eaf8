//! Scopes and resources: what an app asks for, and what it gets of it.

use std::collections::BTreeSet;

use hallpass::flow::{AppWish, ResourceWish};

use super::assert_goes_back;
use crate::support::{BILLING, Browser, ORDERS, PORTAL, Portal, Token, owned};

fn words(text: &str) -> BTreeSet<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// Billing beside the orders, both for the portal.
async fn with_billing(portal: &Portal, profile: &str) {
    let wish = ResourceWish {
        scopes: Some(owned(&["billing:read"])),
        profile: Some(profile.to_owned()),
        ..ResourceWish::default()
    };
    portal.house.flows.create_resource(BILLING, &wish).await.unwrap();
    let wish = AppWish {
        scopes: Some(owned(&["orders:read", "orders:write", "billing:read"])),
        resources: Some(owned(&[ORDERS, BILLING])),
        ..AppWish::default()
    };
    portal.house.change_app(PORTAL, wish).await;
}

#[tokio::test]
async fn what_we_do_not_know_is_left_out_and_the_answer_says_what_was_granted() {
    let portal = Portal::open().await;
    portal.house.resource(BILLING, &["billing:read"]).await;
    let mut browser = Browser::new(&portal.house);

    for (asked, granted) in [
        ("openid address orders:read nonsense", "openid orders:read"),
        ("orders:read orders:read orders:read", "orders:read"),
        ("openid billing:read", "openid"),
        ("OPENID orders:read", "orders:read"),
        ("orders:read orders:READ orders:rea", "orders:read"),
        ("", "orders:read orders:write"),
    ] {
        let code = portal.code(&mut browser, &[("scope", asked)]).await;
        let reply = portal.redeem(&code, &[]).await;

        assert_eq!(words(reply.json()["scope"].as_str().unwrap()), words(granted), "{asked}");
        let claims = portal.house.verify(&reply.token(), ORDERS).await.unwrap();
        assert_eq!(words(claims.scope.unwrap().as_ref()), words(granted), "{asked}");
    }
}

#[tokio::test]
async fn when_none_is_left_or_the_list_is_malformed_it_is_invalid_scope() {
    let portal = Portal::open().await;
    portal.house.resource(BILLING, &["billing:read"]).await;
    let mut browser = Browser::new(&portal.house);
    let many: Vec<String> = (0..300).map(|number| format!("s{number}")).collect();
    let long = "s".repeat(300);

    for scope in [
        "nonsense",
        "billing:read",
        "openid  profile",
        " openid",
        "openid ",
        "\"openid\"",
        "openid\\",
        "openid\tx",
        "ö",
    ] {
        let reply = browser.get(&Portal::request(&[("scope", scope)])).await;
        assert_goes_back(&portal, &reply, "invalid_scope", scope);
    }
    for scope in [many.join(" "), long] {
        let reply = browser.get(&Portal::request(&[("scope", &scope)])).await;
        assert_goes_back(&portal, &reply, "invalid_scope", &scope);
    }
}

#[tokio::test]
async fn ten_thousand_scopes_are_refused_in_no_time() {
    let portal = Portal::open().await;
    let many: Vec<String> = (0..1_500).map(|number| format!("s{number}")).collect();
    let body = format!("client_id={PORTAL}&scope={}", many.join("+"));

    let reply = portal.house.send(&crate::support::Ask::form_text(&body.repeat(3)).at("/oauth/authorize")).await;

    assert_eq!((reply.status, reply.header("location")), (413, None));
}

#[tokio::test]
async fn a_named_resource_is_what_the_token_is_for() {
    let portal = Portal::open().await;
    with_billing(&portal, "standard").await;
    let mut browser = Browser::new(&portal.house);
    let scope = "openid orders:read billing:read";

    let one = portal.tokens(&mut browser, &[("scope", scope), ("resource", BILLING)]).await;
    let two = portal.tokens(&mut browser, &[("scope", scope), ("resource", BILLING), ("resource", ORDERS)]).await;
    let same = portal.tokens(&mut browser, &[("scope", scope), ("resource", BILLING), ("resource", BILLING)]).await;
    let none = portal.tokens(&mut browser, &[("scope", scope)]).await;

    let said = |token: &str| (Token::read(token).claims["aud"].clone(), Token::read(token).claims["scope"].clone());
    assert_eq!(said(&one.access), (BILLING.into(), "openid billing:read".into()));
    assert_eq!(said(&two.access), (serde_json::json!([BILLING, ORDERS]), scope.into()));
    assert_eq!(said(&same.access), said(&one.access));
    assert_eq!(said(&none.access), (portal.house.issuer().into(), "openid".into()), "several, and no default");
}

#[tokio::test]
async fn a_code_and_its_refresh_tokens_are_for_the_named_resources_or_fewer() {
    let portal = Portal::open().await;
    with_billing(&portal, "standard").await;
    let mut browser = Browser::new(&portal.house);
    let both = [("scope", "openid orders:read billing:read"), ("resource", BILLING), ("resource", ORDERS)];

    let code = portal.code(&mut browser, &both).await;
    let elsewhere = portal.redeem(&code, &[("resource", "https://nowhere.example")]).await;
    let fewer = portal.redeem(&code, &[("resource", ORDERS)]).await;
    let refresh = fewer.json()["refresh_token"].as_str().unwrap().to_owned();
    let other = portal.refresh(&refresh, &[("resource", BILLING)]).await;
    let code = portal.code(&mut browser, &[("resource", ORDERS)]).await;
    let more = portal.redeem(&code, &[("resource", BILLING)]).await;

    assert_eq!(elsewhere.refusal(), (400, "invalid_target".to_owned()));
    assert_eq!((fewer.status, &Token::read(&fewer.token()).claims["aud"]), (200, &ORDERS.into()), "nothing was spent");
    assert_eq!((other.status, &Token::read(&other.token()).claims["aud"]), (200, &BILLING.into()));
    assert_eq!(more.refusal(), (400, "invalid_target".to_owned()));
}

#[tokio::test]
async fn what_is_no_resource_of_the_app_is_invalid_target() {
    let portal = Portal::open().await;
    with_billing(&portal, "modern").await;
    portal.house.resource("https://third.example", &[]).await;
    let mut browser = Browser::new(&portal.house);

    for resource in [
        "https://nowhere.example",
        "https://third.example",
        "https://orders.example/",
        "https://ORDERS.example",
        "https://orders.example#f",
        "/orders",
        "orders",
        "https://orders.example https://billing.example",
    ] {
        let reply = browser.get(&Portal::request(&[("resource", resource)])).await;
        assert_goes_back(&portal, &reply, "invalid_target", resource);
    }
    let differ = browser.get(&Portal::request(&[("resource", ORDERS), ("resource", BILLING)])).await;
    assert_goes_back(&portal, &differ, "invalid_target", "two kinds of token");
}
