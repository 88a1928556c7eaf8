//! Refresh tokens: one successor each, and what kills a family.

mod ends;
mod refused;

use std::time::Duration;

use futures_util::future::join_all;

use crate::support::{Browser, LOOPBACK, NATIVE, PORTAL, Portal, Reply, Token, Tokens, owned};

const DEAD: (u16, &str) = (400, "invalid_grant");

#[track_caller]
fn assert_refused(reply: &Reply, expected: (u16, &str), what: &str) {
    assert_eq!(reply.refusal(), (expected.0, expected.1.to_owned()), "{what}: {reply:?}");
}

async fn signed_in() -> (Portal, Browser, Tokens) {
    signed_in_with(Portal::open().await).await
}

async fn signed_in_with(portal: Portal) -> (Portal, Browser, Tokens) {
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    (portal, browser, tokens)
}

fn user(tokens: &Tokens) -> String {
    Token::read(&tokens.id).claims["sub"].as_str().unwrap().to_owned()
}

/// Nothing that came of this sign-in is good any more.
async fn assert_dead(portal: &Portal, all: &[&Tokens]) {
    for tokens in all {
        assert!(!portal.is_active(&tokens.access).await, "the access token lives");
        assert_refused(&portal.userinfo(&tokens.access).await, (401, "invalid_token"), "userinfo");
        assert_refused(&portal.refresh(&tokens.refresh, &[]).await, DEAD, "the refresh token");
    }
}

#[tokio::test]
async fn an_answer_that_got_lost_can_be_fetched_again_for_a_while() {
    let (portal, _, first) = signed_in().await;

    let lost = Tokens::of(&portal.refresh(&first.refresh, &[]).await);
    portal.house.advance(Duration::from_secs(29));
    let again = Tokens::of(&portal.refresh(&first.refresh, &[]).await);

    assert_ne!(lost.refresh, first.refresh);
    assert_eq!(again.refresh, lost.refresh, "the one successor");
    assert_ne!(again.access, lost.access);
    assert!(portal.is_active(&lost.access).await && portal.is_active(&again.access).await);
    assert_eq!(portal.refresh(&again.refresh, &[]).await.status, 200);
}

#[tokio::test]
async fn shown_again_too_late_a_spent_token_kills_the_family_and_all_that_was_minted_from_it() {
    let (portal, mut browser, first) = signed_in().await;
    let bystander = portal.tokens(&mut browser, &[]).await;
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);

    portal.house.advance(Duration::from_secs(30));
    let late = portal.refresh(&first.refresh, &[]).await;

    assert_refused(&late, DEAD, "thirty seconds later");
    assert_dead(&portal, &[&first, &second]).await;
    assert!(portal.is_active(&bystander.access).await, "another family goes on");
}

#[tokio::test]
async fn once_its_successor_was_used_a_spent_token_kills_the_family_at_once() {
    let (portal, _, first) = signed_in().await;
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);
    let third = Tokens::of(&portal.refresh(&second.refresh, &[]).await);

    let replay = portal.refresh(&first.refresh, &[]).await;

    assert_refused(&replay, DEAD, "a replay");
    assert_dead(&portal, &[&first, &second, &third]).await;
}

#[tokio::test]
async fn fifty_at_once_do_not_fork_the_family() {
    let (portal, _, first) = signed_in().await;

    let replies = join_all((0..50).map(|_| portal.refresh(&first.refresh, &[]))).await;

    let mut successors: Vec<String> = replies.iter().map(|reply| Tokens::of(reply).refresh).collect();
    successors.dedup();
    assert_eq!(successors.len(), 1);
    assert_eq!(portal.refresh(&successors[0], &[]).await.status, 200);
}

#[tokio::test]
async fn without_grace_a_token_is_spent_in_the_second_it_was_shown() {
    let no_grace = Portal::with(|settings| settings.sign_in.refresh_grace = Duration::ZERO.into()).await;
    let (portal, _, first) = signed_in_with(no_grace).await;
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);

    let again = portal.refresh(&first.refresh, &[]).await;

    assert_refused(&again, DEAD, "in the same second");
    assert_dead(&portal, &[&first, &second]).await;
}

#[tokio::test]
async fn a_successor_stays_the_same_when_the_pepper_is_replaced_between() {
    let (portal, _, first) = signed_in().await;
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);

    portal.house.flows.rotate_pepper().await.unwrap();
    let again = Tokens::of(&portal.refresh(&first.refresh, &[]).await);
    let third = Tokens::of(&portal.refresh(&second.refresh, &[]).await);
    portal.house.flows.rotate_pepper().await.unwrap();
    let fourth = Tokens::of(&portal.refresh(&third.refresh, &[]).await);

    assert_eq!(again.refresh, second.refresh);
    assert_eq!(Tokens::of(&portal.refresh(&third.refresh, &[]).await).refresh, fourth.refresh);
}

#[tokio::test]
async fn a_node_that_has_not_heard_of_a_new_pepper_looks_it_up() {
    let (portal, mut browser, first) = signed_in().await;
    let node = portal.house.beside().await;
    let shown = |token: &str| Portal::renewal(token, &[]).basic(PORTAL, &portal.key.text);
    assert_eq!(node.send(&shown(&first.refresh)).await.status, 200, "it is up, and has the old pepper");

    portal.house.flows.rotate_pepper().await.unwrap();
    let new = portal.tokens(&mut browser, &[]).await;

    assert_eq!(node.send(&shown(&new.refresh)).await.status, 200);
}

#[tokio::test]
async fn a_public_app_says_its_name_and_gets_rotation_alone() {
    let portal = Portal::open().await;
    portal.with_native().await;
    portal
        .another("native2", |wish| {
            wish.is_public = Some(true);
            wish.redirect_uris = Some(owned(&[LOOPBACK]));
        })
        .await;
    let own = [("client_id", NATIVE), ("redirect_uri", LOOPBACK)];
    let code = portal.code(&mut Browser::new(&portal.house), &own).await;
    let first = Tokens::of(&portal.house.send(&Portal::redemption(&code, &own)).await);
    let shown = |token: &str, name: &str| Portal::renewal(token, &[("client_id", name)]);

    let unnamed = portal.house.send(&Portal::renewal(&first.refresh, &[])).await;
    let other = portal.house.send(&shown(&first.refresh, "native2")).await;
    let confidential = portal.refresh(&first.refresh, &[]).await;
    let second = Tokens::of(&portal.house.send(&shown(&first.refresh, NATIVE)).await);
    let third = Tokens::of(&portal.house.send(&shown(&second.refresh, NATIVE)).await);
    let replay = portal.house.send(&shown(&first.refresh, NATIVE)).await;

    assert_refused(&unnamed, (401, "invalid_client"), "without its name");
    assert_refused(&other, DEAD, "another public app");
    assert_refused(&confidential, DEAD, "the portal");
    assert_refused(&replay, DEAD, "a replay");
    assert_refused(&portal.house.send(&shown(&third.refresh, NATIVE)).await, DEAD, "its family");
}
