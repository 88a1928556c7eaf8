//! Sweeping: what nobody can go on with goes, and nothing else.

use std::time::Duration;

use hallpass::credential::{Slip, SlipKind};
use hallpass::limit;

use crate::support::{Browser, NOW, PORTAL, Portal};

#[tokio::test]
async fn what_was_begun_and_left_goes_when_its_time_is_up() {
    let portal = Portal::open().await;
    let (store, mut browser) = (portal.house.flows.store(), Browser::new(&portal.house));
    let waits = browser.get(&Portal::request(&[])).await.location().to_owned();
    let back = portal.back(&mut browser).await;

    let too_soon = portal.house.flows.sweep_journeys().await.unwrap();
    portal.house.advance(limit::ATTEMPT_OPEN - Duration::from_secs(1));
    let still = store.sweep_journeys(portal.house.clock.now(), NOW, 0).await.unwrap();
    portal.house.advance(Duration::from_secs(1));
    let attempt = portal.house.flows.sweep_journeys().await.unwrap();
    assert_eq!(browser.get(&waits).await.status, 200, "the request waits longer");
    portal.house.advance(limit::REQUEST_OPEN - limit::ATTEMPT_OPEN);
    let request = portal.house.flows.sweep_journeys().await.unwrap();

    assert_eq!((too_soon, still, attempt, request), (0, 0, 1, 1));
    assert_eq!(browser.get(back.as_str()).await.stop(), (400, "login_state".to_owned()));
    assert_eq!(browser.get(&waits).await.stop(), (400, "request_expired".to_owned()));
}

#[tokio::test]
async fn what_ended_is_kept_for_who_looks_and_then_goes_with_all_that_hung_on_it() {
    let portal = Portal::open().await;
    let flows = &portal.house.flows;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let user = portal.user_in(&browser).await;
    let grant = flows.list_connected_apps(&user).await.unwrap().remove(0).grant;
    let session = flows.list_own_sessions(&user).await.unwrap().remove(0);
    flows.withdraw_app(&user, PORTAL).await.unwrap();
    flows.end_session(&user, &session.id).await.unwrap();

    portal.house.advance(limit::ENDED_KEPT - Duration::from_secs(1));
    let kept = flows.sweep_journeys().await.unwrap();
    let is_kept = flows.store().find_session(&session.id).await.unwrap().is_some();
    portal.house.advance(limit::CODE_LIFETIME + Duration::from_secs(1));
    flows.sweep_journeys().await.unwrap();
    flows.sweep_journeys().await.unwrap();

    assert_eq!((kept, is_kept), (0, true));
    assert!(flows.store().find_session(&session.id).await.unwrap().is_none());
    assert!(flows.store().find_grant_by_id(&grant.id).await.unwrap().is_none());
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
    assert!(!portal.is_active(&tokens.refresh).await);
    assert_eq!(portal.users().await, 1, "people stay");
}

#[tokio::test]
async fn what_nobody_fetched_or_used_goes_too() {
    let portal = Portal::open().await;
    let flows = &portal.house.flows;
    let mut browser = Browser::new(&portal.house);
    let code = portal.code(&mut browser, &[]).await;
    let scope = ("scope", "openid offline_access orders:read");
    let tokens = portal.tokens(&mut browser, &[scope]).await;
    let slip = Slip::parse(flows.prefix(), SlipKind::Refresh, &tokens.refresh).unwrap();

    let fresh = flows.sweep_journeys().await.unwrap();
    portal.house.advance(limit::CODE_LIFETIME + Duration::from_secs(599));
    let waiting = flows.sweep_journeys().await.unwrap();
    portal.house.advance(Duration::from_secs(1));
    let unfetched = flows.sweep_journeys().await.unwrap();
    portal.house.advance(limit::REFRESH_IDLE + limit::ENDED_KEPT);
    flows.sweep_journeys().await.unwrap();

    assert_eq!((fresh, waiting, unfetched), (0, 0, 1), "a code with its family");
    assert_eq!(portal.redeem(&code, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
    assert!(flows.store().find_refresh_token(slip.id().as_str()).await.unwrap().is_none());
}

#[tokio::test]
async fn what_lives_is_never_swept() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let scope = ("scope", "openid offline_access orders:read");
    let mut tokens = portal.tokens(&mut browser, &[scope]).await;

    // Beyond the session and its keeping: only the refresh tokens go on, and what they rest on.
    for _ in 0..8 {
        portal.house.advance(Duration::from_hours(10 * 24));
        portal.house.flows.sweep_journeys().await.unwrap();
        tokens = crate::support::Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    }

    assert!(!portal.is_signed_in(&mut browser).await);
    assert!(portal.is_active(&tokens.access).await);
    assert_eq!(portal.userinfo(&tokens.access).await.status, 200);
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_remembered_until_it_ends_by_itself() {
    let portal = Portal::open().await;
    let tokens = portal.tokens(&mut Browser::new(&portal.house), &[]).await;
    let end = portal.house.verify(&tokens.access, crate::support::ORDERS).await.unwrap().exp.as_seconds();
    portal.take_back(&tokens.access).await;

    portal.house.advance(Duration::from_secs((end - NOW - 1).unsigned_abs()));
    portal.house.flows.sweep_journeys().await.unwrap();
    let still = portal.is_active(&tokens.access).await;
    portal.house.advance(Duration::from_secs(1));
    let swept = portal.house.flows.sweep_journeys().await.unwrap();

    assert!(!still && swept >= 1 && !portal.is_active(&tokens.access).await);
}
