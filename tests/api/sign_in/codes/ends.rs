//! How codes end: spent, too old, or with what they rest on.

use std::time::Duration;

use hallpass::flow::AppWish;

use super::{refused, user};
use crate::support::{Browser, PORTAL, Portal, Tokens};

#[tokio::test]
async fn a_code_shown_twice_takes_back_what_it_bought() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let code = portal.code(&mut browser, &[]).await;
    let bystander = portal.tokens(&mut browser, &[]).await;
    let tokens = Tokens::of(&portal.redeem(&code, &[]).await);
    let later = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    assert!(portal.is_active(&tokens.access).await && portal.is_active(&later.access).await);

    let replay = portal.redeem(&code, &[]).await;

    assert_eq!(replay.refusal(), refused());
    for access in [&tokens.access, &later.access] {
        assert!(!portal.is_active(access).await);
        assert_eq!(portal.userinfo(access).await.refusal(), (401, "invalid_token".to_owned()));
    }
    for refresh in [&tokens.refresh, &later.refresh] {
        assert!(!portal.is_active(refresh).await);
        assert_eq!(portal.refresh(refresh, &[]).await.refusal(), refused());
    }
    assert!(portal.is_active(&bystander.access).await, "another sign-in of the same app goes on");
}

#[tokio::test]
async fn a_code_shown_again_long_after_its_minute_is_a_replay_all_the_same() {
    let portal = Portal::open().await;
    let code = portal.code(&mut Browser::new(&portal.house), &[]).await;
    let tokens = Tokens::of(&portal.redeem(&code, &[]).await);

    portal.house.advance(Duration::from_mins(10));
    let replay = portal.redeem(&code, &[]).await;

    assert_eq!(replay.refusal(), refused());
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.refusal(), refused());
}

#[tokio::test]
async fn a_code_lives_for_a_minute() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let (first, second) = (portal.code(&mut browser, &[]).await, portal.code(&mut browser, &[]).await);

    portal.house.advance(Duration::from_secs(59));
    let in_time = portal.redeem(&first, &[]).await;
    portal.house.advance(Duration::from_secs(1));
    let late = portal.redeem(&second, &[]).await;
    portal.house.advance(Duration::from_mins(9));
    let later = portal.redeem(&second, &[]).await;

    assert_eq!(in_time.status, 200);
    assert_eq!((late.refusal(), later.refusal()), (refused(), refused()));
}

#[tokio::test]
async fn a_code_dies_with_the_session_even_if_its_tokens_would_not() {
    let portal = Portal::open().await;

    for scope in ["openid", "openid offline_access"] {
        let mut browser = Browser::new(&portal.house);
        let hint = portal.tokens(&mut browser, &[]).await.id;
        let code = portal.code(&mut browser, &[("scope", scope)]).await;

        let out = browser.get(&format!("/oauth/logout?id_token_hint={hint}")).await;

        assert_eq!(out.status, 200, "{out:?}");
        assert_eq!(portal.redeem(&code, &[]).await.refusal(), refused(), "{scope}");
    }
}

#[tokio::test]
async fn a_code_dies_with_what_it_rests_on() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let sub = user(&portal.tokens(&mut browser, &[]).await);
    let flows = &portal.house.flows;

    let code = portal.code(&mut browser, &[]).await;
    assert!(flows.withdraw_app(&sub, PORTAL).await.unwrap());
    assert_eq!(portal.redeem(&code, &[]).await.refusal(), refused(), "the consent was withdrawn");

    let code = portal.code(&mut browser, &[]).await;
    let disable = |is_disabled| AppWish { is_disabled: Some(is_disabled), ..AppWish::default() };
    portal.house.change_app(PORTAL, disable(true)).await;
    assert_eq!(portal.redeem(&code, &[]).await.refusal(), (401, "invalid_client".to_owned()), "the app is disabled");
    portal.house.change_app(PORTAL, disable(false)).await;
    assert_eq!(portal.redeem(&code, &[]).await.refusal(), refused(), "and what died stays dead");

    let code = portal.code(&mut browser, &[]).await;
    flows.disable_user(&sub, true).await.unwrap();
    assert_eq!(portal.redeem(&code, &[]).await.refusal(), refused(), "the person is disabled");
    flows.disable_user(&sub, false).await.unwrap();
    assert_eq!(portal.redeem(&code, &[]).await.refusal(), refused(), "and what died stays dead");
}

#[tokio::test]
async fn a_code_dies_with_a_session_that_ends_by_itself() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let scope = ("scope", "openid offline_access");
    portal.tokens(&mut browser, &[scope]).await;
    let life = hallpass::limit::SESSION_IDLE - Duration::from_hours(1);
    for _ in 0..4 {
        portal.house.advance(life);
        browser.get("/account").await;
    }
    portal.house.advance(hallpass::limit::SESSION_LIFETIME - 4 * life - Duration::from_secs(30));
    let tokens = portal.tokens(&mut browser, &[scope]).await;
    let code = portal.code(&mut browser, &[scope]).await;

    portal.house.advance(Duration::from_secs(30));

    assert_eq!(portal.redeem(&code, &[]).await.refusal(), refused());
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.status, 200, "what it bought in time goes on");
}

#[tokio::test]
async fn a_token_lives_no_longer_than_its_session() {
    let portal = Portal::with(|settings| {
        settings.sign_in.session_lifetime = Duration::from_mins(2).into();
        settings.sign_in.session_idle = Duration::from_mins(2).into();
    })
    .await;
    let mut browser = Browser::new(&portal.house);

    let reply = portal.redeem(&portal.code(&mut browser, &[]).await, &[]).await;
    let offline = portal.redeem(&portal.code(&mut browser, &[("scope", "openid offline_access")]).await, &[]).await;

    assert_eq!((&reply.json()["expires_in"], &offline.json()["expires_in"]), (&120.into(), &300.into()));
}

#[tokio::test]
async fn a_withdrawn_consent_is_asked_for_again() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let sub = user(&portal.tokens(&mut browser, &[]).await);

    portal.house.flows.withdraw_app(&sub, PORTAL).await.unwrap();
    let silent = browser.get(&Portal::request(&[("prompt", "none")])).await;

    assert_eq!(silent.sent("error").as_deref(), Some("consent_required"));
}
