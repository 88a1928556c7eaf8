//! `oidc-provider` while it is stopped, hangs, or comes back with other keys.

use std::time::Duration;

use super::{Guest, arrive, assert_stops, certified, is_signed_in, leave, peer, portal, sign_in, visit};
use crate::support::signal;

#[tokio::test]
async fn keys_that_change_between_the_way_there_and_the_way_back_are_found() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let peer = certified(&portal, "alpha").await;
    sign_in(&portal, &mut Guest::new(&portal), "alpha", &[]).await;
    let mut guest = Guest::new(&portal);
    let visit = visit(&mut guest, "alpha", &[]).await;

    portal.house.advance(Duration::from_secs(30));
    let mut peer = peer.restart(30).await;
    arrive(&portal, &mut guest, &visit.back).await;

    assert!(is_signed_in(&mut guest).await);
    assert_eq!(peer.count("GET /jwks").await, 1, "it was asked anew");
}

#[tokio::test]
async fn a_provider_that_is_away_is_a_page_and_back_it_works_again() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let peer = certified(&portal, "alpha").await;
    let mut guest = Guest::new(&portal);

    let stopped = peer.stop().await;
    let none_to_leave_for = leave(&mut guest, "alpha", &[]).await;
    let peer = stopped.start().await;
    portal.house.advance(Duration::from_secs(3));
    let there = visit(&mut guest, "alpha", &[]).await;
    let stopped = peer.stop().await;
    let none_to_ask = guest.browser.get(&there.back).await;
    let is_in_meanwhile = is_signed_in(&mut guest).await;
    let _peer = stopped.start().await;
    let spent = guest.browser.get(&there.back).await;
    sign_in(&portal, &mut guest, "alpha", &[]).await;

    assert_stops(&none_to_leave_for, 502, "provider_error");
    assert_stops(&none_to_ask, 502, "provider_error");
    assert_stops(&spent, 400, "login_state");
    assert!(!is_in_meanwhile && is_signed_in(&mut guest).await);
}

#[tokio::test]
async fn a_provider_that_hangs_is_a_page_and_goes_on_when_it_does() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let peer = certified(&portal, "alpha").await;
    let mut guest = Guest::new(&portal);

    signal(peer.process_id(), "STOP");
    let hangs = leave(&mut guest, "alpha", &[]).await;
    signal(peer.process_id(), "CONT");
    portal.house.advance(Duration::from_secs(3));
    sign_in(&portal, &mut guest, "alpha", &[]).await;

    assert_stops(&hangs, 504, "provider_slow");
    assert!(is_signed_in(&mut guest).await);
}
