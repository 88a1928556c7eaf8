//! Where each kind of token is good: userinfo, services, and none of them for another's.

use hallpass::flow::AppWish;
use serde_json::json;

use super::claims::{EVERYTHING, open, personal};
use crate::support::{Ask, BILLING, Browser, ORDERS, PORTAL, Portal, Token, Tokens};

#[tokio::test]
async fn userinfo_tells_what_the_scopes_ask_for() {
    let portal = open().await;
    let mut browser = Browser::new(&portal.house);

    for (scope, told) in [
        ("openid", vec![]),
        ("openid profile", vec!["name", "preferred_username"]),
        ("openid email", vec!["email", "email_verified"]),
        ("openid groups roles", vec!["groups", "roles"]),
        (EVERYTHING, vec!["name", "preferred_username", "email", "email_verified", "groups", "roles"]),
    ] {
        let tokens = portal.tokens(&mut browser, &[("scope", scope)]).await;
        let reply = portal.userinfo(&tokens.access).await;

        assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
        let claims = reply.json();
        assert_eq!(personal(&claims), told, "{scope}");
        assert_eq!(claims["sub"], Token::read(&tokens.id).claims["sub"]);
        assert_eq!(claims.as_object().unwrap().len(), told.len() + 1, "{claims}");
        assert_eq!(personal(&Token::read(&tokens.id).claims), told, "the ID token tells the same");
    }
    let without = portal.tokens(&mut browser, &[("scope", "profile email orders:read")]).await;
    let reply = portal.userinfo(&without.access).await;
    assert_eq!((reply.refusal(), without.id), ((403, "insufficient_scope".to_owned()), String::new()));
    let challenge = r#"Bearer realm="hallpass", error="insufficient_scope", scope="openid""#;
    assert_eq!(reply.header("www-authenticate"), Some(challenge));
}

#[tokio::test]
async fn a_token_is_shown_to_userinfo_in_one_place() {
    let portal = open().await;
    let access = portal.tokens(&mut Browser::new(&portal.house), &[]).await.access;
    let form = |fields: &[(&str, &str)]| Ask::form(fields).at("/oauth/userinfo");

    let posted = portal.house.send(&form(&[("access_token", &access)])).await;
    let bare_post = portal.house.send(&Ask::new("POST", "/oauth/userinfo").bearer(&access)).await;
    let lower =
        portal.house.send(&Ask::get("/oauth/userinfo").header("Authorization", format!("bearer {access}"))).await;
    let both = portal.house.send(&form(&[("access_token", &access)]).bearer(&access)).await;
    let twice = portal.house.send(&Ask::get("/oauth/userinfo").bearer(&access).bearer(&access)).await;
    let in_query = portal.house.send(&Ask::get(&format!("/oauth/userinfo?access_token={access}"))).await;
    let none = portal.house.send(&Ask::get("/oauth/userinfo")).await;
    let bad = portal.userinfo("x").await;

    assert_eq!((posted.status, bare_post.status, lower.status), (200, 200, 200));
    assert_eq!(both.refusal().0, 400);
    assert_eq!(twice.status, 400, "a proxy may refuse it in its own words");
    for reply in [in_query, none] {
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer realm=\"hallpass\"")));
    }
    let challenge = "Bearer realm=\"hallpass\", error=\"invalid_token\"";
    assert_eq!((bad.refusal(), bad.header("www-authenticate")), ((401, "invalid_token".to_owned()), Some(challenge)));
}

#[tokio::test]
async fn an_app_without_a_resource_gets_a_token_for_userinfo_alone() {
    let portal = Portal::open().await;
    let none = AppWish { scopes: Some(vec![]), resources: Some(vec![]), ..AppWish::default() };
    portal.house.change_app(PORTAL, none).await;
    let issuer = portal.house.issuer().to_owned();

    let tokens = portal.tokens(&mut Browser::new(&portal.house), &[("scope", "openid profile email")]).await;

    let claims = Token::read(&tokens.access).claims;
    assert_eq!((&claims["aud"], personal(&claims)), (&json!(issuer), vec![]));
    assert_eq!(portal.userinfo(&tokens.access).await.json()["name"], "Ada Lovelace");
    assert!(portal.house.verify(&tokens.access, ORDERS).await.is_err());
    assert!(portal.is_active(&tokens.access).await);
    let refreshed = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    assert_eq!(Token::read(&refreshed.access).claims["aud"], issuer);
}

#[tokio::test]
async fn an_apps_own_token_says_nothing_of_anybody() {
    let portal = open().await;
    let key = portal.house.key(PORTAL, &["orders:read"]).await;
    portal.tokens(&mut Browser::new(&portal.house), &[("scope", EVERYTHING)]).await;

    for resource in [ORDERS, BILLING] {
        let token = portal.house.exchange(&key, &[("resource", resource)]).await.token();

        let claims = Token::read(&token).claims;
        assert_eq!((&claims["sub"], personal(&claims)), (&json!(PORTAL), vec![]));
        for name in ["sid", "auth_time", "nonce", "acr", "amr"] {
            assert_eq!(claims.get(name), None, "{name}");
        }
        assert_eq!(portal.userinfo(&token).await.refusal(), (403, "insufficient_scope".to_owned()));
    }
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let portal = open().await;
    let mut browser = Browser::new(&portal.house);

    for algorithm in ["RS256", "ES256"] {
        portal
            .house
            .change_app(PORTAL, AppWish { id_token_alg: Some(algorithm.to_owned()), ..AppWish::default() })
            .await;
        let id = portal.tokens(&mut browser, &[]).await.id;

        for audience in [PORTAL, ORDERS] {
            assert!(portal.house.verify(&id, audience).await.is_err(), "{algorithm}, a service for {audience}");
        }
        assert_eq!(portal.userinfo(&id).await.refusal(), (401, "invalid_token".to_owned()), "{algorithm}");
        assert!(!portal.is_active(&id).await, "{algorithm}");
    }
}

#[tokio::test]
async fn a_token_for_one_resource_is_none_for_another() {
    let portal = open().await;
    let tokens = portal.tokens(&mut Browser::new(&portal.house), &[("resource", BILLING)]).await;

    assert!(portal.house.verify(&tokens.access, BILLING).await.is_ok());
    assert!(portal.house.verify(&tokens.access, ORDERS).await.is_err());
    assert!(portal.house.verify(&tokens.access, portal.house.issuer()).await.is_err());
}
