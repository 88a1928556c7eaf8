//! What an app says of the person: hints, claims asked for by name, and what is passed on to the provider.

use std::time::Duration;

use hallpass::flow::ResourceWish;
use serde_json::json;

use super::{assert_asks, assert_goes_back};
use crate::support::{Browser, ORDERS, PORTAL, Portal, Signer, Token};

#[tokio::test]
async fn a_hint_names_the_only_person_it_may_be_and_signs_nobody_in() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let hint = portal.tokens(&mut browser, &[]).await.id;
    let silent = [("prompt", "none"), ("id_token_hint", &hint)];

    let own = browser.get(&Portal::request(&silent)).await;
    portal.house.advance(Duration::from_hours(1));
    let expired = browser.get(&Portal::request(&silent)).await;
    let nobody = Browser::new(&portal.house).get(&Portal::request(&silent)).await;
    portal.person(json!({ "sub": "bob-1", "name": "Bob" }));
    let mut bobs = Browser::new(&portal.house);
    portal.code(&mut bobs, &[]).await;
    let other = bobs.get(&Portal::request(&silent)).await;
    let asked = bobs.get(&Portal::request(&[("id_token_hint", &hint)])).await;
    let still_bob = portal.sign_in(&mut bobs, asked.location()).await;

    assert!(own.sent("code").is_some(), "{own:?}");
    assert!(expired.sent("code").is_some(), "an old one names the person as well: {expired:?}");
    assert_goes_back(&portal, &nobody, "login_required", "a hint is no sign-in");
    assert_goes_back(&portal, &other, "login_required", "somebody else is signed in");
    assert_asks(&portal, &asked, "login");
    assert_asks(&portal, &still_bob, "login");
}

#[tokio::test]
async fn what_is_no_id_token_of_ours_for_this_app_is_no_hint() {
    let portal = Portal::open().await;
    portal.another("other", |_| ()).await;
    let key = portal.house.key("other", &[]).await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let code = portal.code(&mut browser, &[("client_id", "other")]).await;
    let others = portal.house.send(&Portal::redemption(&code, &[]).basic("other", &key.text)).await;
    let claims = Token::read(&tokens.id).claims;
    let forged = |header: serde_json::Value, change: &dyn Fn(&mut serde_json::Value)| {
        let mut claims = claims.clone();
        change(&mut claims);
        Signer::rs256("k1").sign(&header, &claims)
    };
    let ours = Token::read(&tokens.id).header;
    let unsigned = {
        let parts: Vec<&str> = tokens.id.split('.').collect();
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1])
    };

    let hints = [
        ("alg none", unsigned),
        ("signed by a stranger", forged(ours.clone(), &|_| ())),
        ("of another issuer", forged(ours, &|claims| claims["iss"] = json!("https://evil.test"))),
        ("without its signature", tokens.id[..=tokens.id.rfind('.').unwrap()].to_owned()),
        ("cut off", tokens.id[..tokens.id.len() - 1].to_owned()),
        ("an access token", tokens.access),
        ("a refresh token", tokens.refresh),
        ("another app's", others.json()["id_token"].as_str().unwrap().to_owned()),
        ("nonsense", "x.y.z".to_owned()),
    ];
    for (name, hint) in &hints {
        for prompt in ["none", ""] {
            let reply = browser.get(&Portal::request(&[("id_token_hint", hint), ("prompt", prompt)])).await;
            assert_goes_back(&portal, &reply, "invalid_request", name);
        }
    }
}

#[tokio::test]
async fn an_access_token_that_looks_like_an_id_token_is_none_and_the_other_way_round() {
    let portal = Portal::open().await;
    let compat = ResourceWish { profile: Some("compat".to_owned()), ..ResourceWish::default() };
    portal.house.change_resource(ORDERS, compat).await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let (access, id) = (Token::read(&tokens.access), Token::read(&tokens.id));
    assert_eq!(
        access.header, id.header,
        "the same key, and nothing in the header tells them apart (RFC 9068 section 5)"
    );

    for prompt in ["none", ""] {
        let hint = [("id_token_hint", &*tokens.access), ("prompt", prompt)];
        let reply = browser.get(&Portal::request(&hint)).await;
        assert_goes_back(&portal, &reply, "invalid_request", "an access token is no hint");
    }
    let leaves = browser.get(&format!("/oauth/logout?id_token_hint={}", tokens.access)).await;
    assert_eq!(leaves.stop(), (400, "id_token_hint".to_owned()));
    assert!(portal.house.verify(&tokens.access, ORDERS).await.is_ok());
    for audience in [ORDERS, PORTAL] {
        assert!(portal.house.verify(&tokens.id, audience).await.is_err(), "an ID token opens nothing at {audience}");
    }
    assert_eq!(portal.userinfo(&tokens.id).await.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(portal.introspect(&tokens.id).await, json!({ "active": false }));
    assert_eq!(portal.userinfo(&tokens.access).await.status, 200);
}

#[tokio::test]
async fn what_an_app_says_of_the_person_is_passed_on() {
    let portal = Portal::open().await;
    portal.provider.edit("claims", |claims| {
        claims["acr"] = json!("urn:acme:gold");
        claims["amr"] = json!(["pwd", "otp"]);
    });
    let mut browser = Browser::new(&portal.house);
    let hint = "ada@acme.example&prompt=none\r\nSet-Cookie: x=1";

    let wish = [("login_hint", hint), ("ui_locales", "de-AT en"), ("acr_values", "urn:acme:gold urn:acme:silver")];
    let tokens = portal.tokens(&mut browser, &wish).await;

    let asked = portal.provider.asked("/authorize").pop().unwrap();
    assert_eq!(asked.parameter("login_hint").as_deref(), Some(hint));
    assert_eq!(asked.parameter("prompt"), None, "a hint stays one parameter");
    assert_eq!(asked.parameter("ui_locales").as_deref(), Some("de-AT en"));
    assert_eq!(asked.parameter("acr_values").as_deref(), Some("urn:acme:gold urn:acme:silver"));
    let claims = Token::read(&tokens.id).claims;
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!("urn:acme:gold"), &json!(["pwd", "otp"])));
}

#[tokio::test]
async fn claims_are_told_where_they_were_asked_for_by_name() {
    let portal = Portal::open().await;
    portal.provider.state().is_id_token_full = true;
    let mut browser = Browser::new(&portal.house);
    let claims = json!({
        "id_token": { "email": { "essential": true }, "nonsense": null },
        "userinfo": { "groups": null },
    });

    let claims = claims.to_string();
    let tokens = portal.tokens(&mut browser, &[("scope", "openid"), ("claims", &claims)]).await;
    let userinfo = portal.userinfo(&tokens.access).await.json();

    let told = Token::read(&tokens.id).claims;
    assert_eq!((&told["email"], told.get("groups"), told.get("name")), (&json!("ada@acme.example"), None, None));
    assert_eq!((&userinfo["groups"], userinfo.get("email")), (&json!(["engines", "poets"]), None));
}

#[tokio::test]
async fn claims_asked_for_by_name_are_asked_of_the_person() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[("scope", "openid")]).await;
    let by_name = [("scope", "openid"), ("claims", r#"{"userinfo":{"email":null}}"#)];

    let first = browser.get(&Portal::request(&by_name)).await;
    portal.code(&mut browser, &by_name).await;
    let again = browser.get(&Portal::request(&by_name)).await;

    assert_asks(&portal, &first, "consent");
    assert!(again.sent("code").is_some(), "{again:?}");
}

#[tokio::test]
async fn a_claim_can_name_the_person_and_must_not_contradict_a_hint() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let hint = portal.tokens(&mut browser, &[]).await.id;
    let ada = Token::read(&hint).claims["sub"].as_str().unwrap().to_owned();
    let named = |sub: &str| json!({ "id_token": { "sub": { "value": sub } } }).to_string();

    let own = browser.get(&Portal::request(&[("claims", &named(&ada)), ("prompt", "none")])).await;
    let other = browser.get(&Portal::request(&[("claims", &named("usr_x")), ("prompt", "none")])).await;
    let both = [("claims", &*named("usr_x")), ("prompt", "none"), ("id_token_hint", &*hint)];
    let both = browser.get(&Portal::request(&both)).await;

    assert!(own.sent("code").is_some(), "{own:?}");
    assert_goes_back(&portal, &other, "login_required", "somebody else is signed in");
    assert_goes_back(&portal, &both, "invalid_request", "one person can't be two");
}
