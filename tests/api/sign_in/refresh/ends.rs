//! How families end: signed out, unused, old, or with what they rest on.

use std::time::Duration;

use hallpass::clock::Clock;
use hallpass::config::Span;
use hallpass::flow::{AppWish, ProviderWish};
use hallpass::policy::admission::Admission;

use super::{DEAD, assert_dead, assert_refused, signed_in, signed_in_with, user};
use crate::support::{ACME, Ask, Browser, GOODBYE, NOW, PORTAL, Portal, Tokens, owned};

#[tokio::test]
async fn signing_out_ends_the_sessions_families_unless_they_are_for_offline() {
    let (portal, mut browser, online) = signed_in().await;
    let offline = portal.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let mut elsewhere = Browser::new(&portal.house);
    let other_session = portal.tokens(&mut elsewhere, &[]).await;

    let out = format!("/oauth/logout?id_token_hint={}&post_logout_redirect_uri={GOODBYE}", online.id);
    let out = browser.get(&out).await;

    assert_eq!(out.location(), GOODBYE);
    assert_dead(&portal, &[&online]).await;
    assert!(portal.is_active(&offline.access).await);
    let offline = Tokens::of(&portal.refresh(&offline.refresh, &[]).await);
    assert!(portal.is_active(&offline.access).await);
    assert_eq!(portal.refresh(&other_session.refresh, &[]).await.status, 200, "another browser's goes on");
}

#[tokio::test]
async fn a_family_ends_when_nobody_uses_it() {
    let (portal, mut browser, used) = signed_in().await;
    let idle = portal.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let day = Duration::from_hours(24);

    portal.house.advance(13 * day);
    let used = Tokens::of(&portal.refresh(&used.refresh, &[]).await);
    portal.house.advance(day);
    let too_late = portal.refresh(&idle.refresh, &[]).await;
    let in_time = portal.refresh(&used.refresh, &[]).await;

    assert_refused(&too_late, DEAD, "idle for 14 days");
    assert_eq!(in_time.status, 200);
}

#[tokio::test]
async fn a_family_ends_when_it_has_lived_its_time() {
    let short = Portal::with(|settings| {
        settings.sign_in.refresh_lifetime = "3d".parse::<Span>().unwrap();
    })
    .await;
    let (portal, _, mut tokens) = signed_in_with(short).await;
    let day = Duration::from_hours(24);

    for _ in 0..2 {
        portal.house.advance(day);
        tokens = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    }
    portal.house.advance(day);

    assert!(!portal.is_active(&tokens.refresh).await);
    assert_refused(&portal.refresh(&tokens.refresh, &[]).await, DEAD, "three days old");
}

#[tokio::test]
async fn a_family_ends_with_the_session_when_that_has_lived_its_time() {
    let (portal, mut browser, mut online) = signed_in().await;
    let mut offline = portal.tokens(&mut browser, &[("scope", "openid offline_access")]).await;

    for _ in 0..2 {
        portal.house.advance(Duration::from_hours(10 * 24));
        online = Tokens::of(&portal.refresh(&online.refresh, &[]).await);
        offline = Tokens::of(&portal.refresh(&offline.refresh, &[]).await);
    }
    portal.house.advance(Duration::from_hours(10 * 24));

    assert_refused(&portal.refresh(&online.refresh, &[]).await, DEAD, "the session is 30 days old");
    assert_eq!(portal.refresh(&offline.refresh, &[]).await.status, 200);
}

#[tokio::test]
async fn a_person_who_is_disabled_takes_the_families_along() {
    let (portal, mut browser, online) = signed_in().await;
    let offline = portal.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let sub = user(&online);

    portal.house.flows.disable_user(&sub, true).await.unwrap();
    assert_dead(&portal, &[&online, &offline]).await;
    portal.house.flows.disable_user(&sub, false).await.unwrap();

    assert_dead(&portal, &[&online, &offline]).await;
}

#[tokio::test]
async fn a_withdrawn_consent_takes_the_families_along_for_offline_too() {
    let (portal, mut browser, online) = signed_in().await;
    let offline = portal.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    portal.another("other", |_| ()).await;

    assert!(portal.house.flows.withdraw_app(&user(&online), PORTAL).await.unwrap());

    assert_dead(&portal, &[&online, &offline]).await;
}

#[tokio::test]
async fn who_lost_the_role_can_not_go_on() {
    let portal = Portal::open().await;
    let roles = [("engines".to_owned(), owned(&["staff"]))].into();
    let admission = Some(Admission { roles, ..Admission::default() });
    portal.house.flows.update_provider(ACME, &ProviderWish { admission, ..ProviderWish::default() }).await.unwrap();
    portal.house.change_app(PORTAL, AppWish { roles: Some(owned(&["staff"])), ..AppWish::default() }).await;
    let (portal, _, tokens) = signed_in_with(portal).await;
    let tokens = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);

    portal.person(serde_json::json!({ "sub": "ada-1", "name": "Ada", "groups": ["poets"] }));
    let denied = portal.authorize(&mut Browser::new(&portal.house), &[]).await;

    assert_eq!(denied.sent("error").as_deref(), Some("access_denied"));
    assert_refused(&portal.refresh(&tokens.refresh, &[]).await, DEAD, "the role is gone");
    assert!(!portal.is_active(&tokens.access).await);
}

#[tokio::test]
async fn a_family_that_the_app_takes_back_is_dead() {
    let (portal, _, first) = signed_in().await;
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);

    // The spent one names the family as well.
    let ask = Ask::form(&[("token", &first.refresh), ("token_type_hint", "access_token")]).at("/oauth/revoke");
    let revoked = portal.house.send(&ask.basic(PORTAL, &portal.key.text)).await;

    assert_eq!(revoked.status, 200);
    assert_dead(&portal, &[&first, &second]).await;
}

#[tokio::test]
async fn a_clock_that_is_behind_gives_no_grace_and_brings_nothing_back() {
    let no_grace = Portal::with(|settings| settings.sign_in.refresh_grace = Duration::ZERO.into()).await;
    let (portal, _, first) = signed_in_with(no_grace).await;
    portal.house.advance(Duration::from_hours(2));
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);
    // To the families it is as if the clock had been turned back.
    let behind = portal.house.beside_by(Clock::held(NOW + 3600)).await;
    let shown = async |token: &str| behind.send(&Portal::renewal(token, &[]).basic(PORTAL, &portal.key.text)).await;

    let again = shown(&first.refresh).await;
    let successor = shown(&second.refresh).await;

    assert_refused(&again, DEAD, "it was spent an hour from now");
    assert_refused(&successor, DEAD, "its family is dead");
    assert_dead(&portal, &[&first, &second]).await;
    assert_refused(&shown(&second.refresh).await, DEAD, "and stays so");
}

#[tokio::test]
async fn a_clock_that_is_behind_forks_no_family() {
    let no_grace = Portal::with(|settings| settings.sign_in.refresh_grace = Duration::ZERO.into()).await;
    let (portal, _, first) = signed_in_with(no_grace).await;
    portal.house.advance(Duration::from_hours(2));
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);
    let behind = portal.house.beside_by(Clock::held(NOW + 3600)).await;
    let shown = Portal::renewal(&second.refresh, &[]).basic(PORTAL, &portal.key.text);

    let third = Tokens::of(&behind.send(&shown).await);
    let (here, there) = tokio::join!(portal.house.send(&shown), behind.send(&shown));

    assert_refused(&here, DEAD, "spent an hour ago by the other clock");
    assert_refused(&there, DEAD, "spent just now");
    assert_dead(&portal, &[&first, &second, &third]).await;
}
