//! What a person gives away: apps they allowed, and taking it back.

use super::Connected;
use crate::support::{Browser, PORTAL, Portal, Tokens};

#[tokio::test]
async fn an_app_that_is_withdrawn_loses_codes_refresh_and_access_tokens() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, code, user } = portal.connected().await;
    let offline = portal.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let before = portal.is_active(&tokens.access).await && portal.is_active(&tokens.refresh).await;

    let page = browser.get("/account/apps").await;
    let reply = browser.submit(&page, "/account/apps/withdraw", &[("client_id", PORTAL)]).await;

    assert!(before && page.text().contains("Portal") && page.text().contains("orders:read"));
    assert!(reply.location().ends_with("/account/apps?notice=app-withdrawn"));
    assert_eq!(portal.redeem(&code, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
    for tokens in [&tokens, &offline] {
        assert_eq!(portal.refresh(&tokens.refresh, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
        assert!(!portal.is_active(&tokens.access).await && !portal.is_active(&tokens.refresh).await);
        assert_eq!(portal.userinfo(&tokens.access).await.refusal(), (401, "invalid_token".to_owned()));
    }
    assert!(portal.house.flows.list_connected_apps(&user).await.unwrap().is_empty());
    assert!(portal.is_signed_in(&mut browser).await, "the person stays signed in");
    let again = browser.get(&Portal::request(&[])).await;
    assert!(again.location().contains("/consent?"), "and is asked as if for the first time: {again:?}");
    let allowed = portal.allow(&mut browser, again.location()).await;
    let fresh = Tokens::of(&portal.redeem(&allowed.sent("code").unwrap(), &[]).await);
    assert!(portal.is_active(&fresh.access).await && !portal.is_active(&tokens.access).await);
}

#[tokio::test]
async fn withdrawing_touches_no_other_app_and_nobody_else() {
    let portal = Portal::open().await;
    portal.connect("wiki").await;
    let Connected { mut browser, user, .. } = portal.connected().await;
    portal.authorize(&mut browser, &[("client_id", "wiki")]).await;
    portal.is_at_provider("bob-1");
    let mut bobs = Browser::new(&portal.house);
    let bob = portal.tokens(&mut bobs, &[]).await;

    let page = browser.get("/account/apps").await;
    browser.submit(&page, "/account/apps/withdraw", &[("client_id", PORTAL)]).await;
    let mut gone = Vec::new();
    for client_id in [PORTAL, "nobody", ""] {
        let reply = browser.submit(&page, "/account/apps/withdraw", &[("client_id", client_id)]).await;
        gone.push(reply.location().ends_with("?notice=gone"));
    }

    let left: Vec<String> = portal
        .house
        .flows
        .list_connected_apps(&user)
        .await
        .unwrap()
        .into_iter()
        .map(|app| app.grant.client_id)
        .collect();
    assert_eq!((gone, left), (vec![true; 3], vec!["wiki".to_owned()]));
    assert!(portal.is_active(&bob.access).await);
    assert_eq!(portal.refresh(&bob.refresh, &[]).await.status, 200);
}

#[tokio::test]
async fn every_account_page_is_for_who_is_signed_in() {
    let portal = Portal::open().await;
    let mut stranger = Browser::new(&portal.house);

    for path in ["", "/sessions", "/apps", "/keys", "/keys/new", "/keys/revoke?key=x"] {
        let reply = stranger.get(&format!("/account{path}")).await;
        assert_eq!((reply.status, reply.location()), (303, &*format!("{}/login", portal.house.issuer())), "{path}");
    }
}
