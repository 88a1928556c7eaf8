//! What a refresh is refused for, and what of it is left: nothing is spent.

use std::time::Duration;

use hallpass::flow::AppWish;

use super::{DEAD, assert_refused, signed_in};
use crate::support::{BILLING, Browser, ORDERS, PORTAL, Portal, Token, Tokens, owned};

#[tokio::test]
async fn a_refused_refresh_spends_nothing() {
    let (portal, _, first) = signed_in().await;
    portal.another("other", |_| ()).await;
    let key = portal.house.key("other", &[]).await;

    for (fields, error) in [
        ([("scope", "orders:write")], "invalid_scope"),
        ([("scope", "groups")], "invalid_scope"),
        ([("scope", "offline_access")], "invalid_scope"),
        ([("scope", "nonsense")], "invalid_scope"),
        ([("scope", "openid  email")], "invalid_scope"),
        ([("scope", "\"")], "invalid_scope"),
        ([("resource", BILLING)], "invalid_target"),
        ([("audience", BILLING)], "invalid_target"),
        ([("resource", "x")], "invalid_target"),
    ] {
        assert_refused(&portal.refresh(&first.refresh, &fields).await, (400, error), &format!("{fields:?}"));
    }
    let renewal = || Portal::renewal(&first.refresh, &[]);
    let stranger = portal.house.send(&renewal().basic("other", &key.text)).await;
    let nobody = portal.house.send(&renewal()).await;
    let named = portal.house.send(&Portal::renewal(&first.refresh, &[("client_id", PORTAL)])).await;

    assert_refused(&stranger, DEAD, "another app");
    assert_refused(&nobody, (401, "invalid_client"), "nobody");
    assert_refused(&named, (401, "invalid_client"), "a name is no credential");
    portal.house.advance(Duration::from_mins(5));
    assert_eq!(portal.refresh(&first.refresh, &[]).await.status, 200, "it was never spent");
}

#[tokio::test]
async fn another_app_that_shows_a_spent_token_kills_nothing() {
    let (portal, _, first) = signed_in().await;
    portal.another("other", |_| ()).await;
    let key = portal.house.key("other", &[]).await;
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);
    portal.house.advance(Duration::from_mins(1));

    let stranger = portal.house.send(&Portal::renewal(&first.refresh, &[]).basic("other", &key.text)).await;

    assert_refused(&stranger, DEAD, "another app");
    assert_eq!(portal.refresh(&second.refresh, &[]).await.status, 200);
}

#[tokio::test]
async fn what_is_no_refresh_token_of_ours_is_refused() {
    let (portal, mut browser, tokens) = signed_in().await;
    let code = portal.code(&mut browser, &[]).await;
    let (elsewhere, _, others) = signed_in().await;
    let session = browser.cookies.iter().find(|(name, _)| name.ends_with("session")).unwrap().1.clone();
    let own = &tokens.refresh;
    let mut typo = own.clone().into_bytes();
    typo[40] = if typo[40] == b'a' { b'b' } else { b'a' };
    let typo = String::from_utf8(typo).unwrap();

    for (name, shown) in [
        ("an access token", &*tokens.access),
        ("an ID token", &tokens.id),
        ("a code", &code),
        ("a code that calls itself a refresh token", &code.replacen("_code_", "_refresh_", 1)),
        ("a session", &session),
        ("a session that calls itself a refresh token", &session.replacen("_session_", "_refresh_", 1)),
        ("a key", &portal.key.text),
        ("another issuer's", &others.refresh),
        ("another prefix", &own.replacen("hp_", "sk_", 1)),
        ("another environment", &own.replacen("_refresh_", "_test_", 1)),
        ("cut off", &own[..own.len() - 1]),
        ("longer", &format!("{own}x")),
        ("one character changed", &typo),
        ("white space behind", &format!("{own} ")),
        ("two", &format!("{own} {own}")),
        ("nonsense", "x"),
    ] {
        assert_refused(&portal.refresh(shown, &[]).await, DEAD, name);
    }
    let missing = portal.refresh("", &[("refresh_token", "")]).await;
    assert_refused(&missing, (400, "invalid_request"), "none");
    assert_eq!(portal.refresh(own, &[]).await.status, 200, "nothing of this spent it");
    assert_eq!(elsewhere.refresh(&others.refresh, &[]).await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_is_no_token_at_a_service() {
    let (portal, _, tokens) = signed_in().await;

    let verified = portal.house.verify(&tokens.refresh, ORDERS).await;
    let userinfo = portal.userinfo(&tokens.refresh).await;

    assert!(verified.is_err());
    assert_refused(&userinfo, (401, "invalid_token"), "userinfo");
}

#[tokio::test]
async fn fewer_scopes_can_be_asked_for_and_more_come_back_the_next_time() {
    let (portal, _, first) = signed_in().await;

    let fewer = portal.refresh(&first.refresh, &[("scope", "orders:read")]).await;
    let second = fewer.json()["refresh_token"].as_str().unwrap().to_owned();
    let all = portal.refresh(&second, &[]).await;

    assert_eq!((&fewer.json()["scope"], fewer.json().get("id_token")), (&"orders:read".into(), None));
    assert_eq!(Token::read(&fewer.token()).claims["scope"], "orders:read");
    assert_eq!(all.json()["scope"], "openid profile email orders:read");
}

#[tokio::test]
async fn what_the_app_lost_its_families_have_lost() {
    let (portal, _, first) = signed_in().await;

    portal.house.change_app(PORTAL, AppWish { scopes: Some(vec![]), ..AppWish::default() }).await;
    let fewer = portal.refresh(&first.refresh, &[]).await;
    let token = Tokens::of(&fewer);
    portal
        .house
        .change_app(PORTAL, AppWish { grant_types: Some(owned(&["authorization_code"])), ..AppWish::default() })
        .await;
    let none = portal.refresh(&token.refresh, &[]).await;

    assert_eq!(fewer.json()["scope"], "openid profile email");
    assert_refused(&none, (400, "unauthorized_client"), "no refresh grant any more");
}

#[tokio::test]
async fn an_app_without_the_grant_gets_no_refresh_token() {
    let portal = Portal::open().await;
    portal
        .house
        .change_app(PORTAL, AppWish { grant_types: Some(owned(&["authorization_code"])), ..AppWish::default() })
        .await;

    let code = portal.code(&mut Browser::new(&portal.house), &[("scope", "openid offline_access")]).await;
    let reply = portal.redeem(&code, &[]).await;

    assert_eq!((reply.status, reply.json().get("refresh_token")), (200, None));
}
