//! Two providers, and answers that are not from the one that was asked (RFC 9700 section 4.4, RFC 9207).

use url::Url;

use super::{Guest, Peer, assert_stops, certified, is_signed_in, leave, peer, portal, visit};
use crate::support::Portal;

/// Two providers that know us by the same name.
async fn two(portal: &Portal) -> (Peer, Peer) {
    (certified(portal, "alpha").await, certified(portal, "beta").await)
}

async fn assert_nobody_was_asked(peers: [&mut Peer; 2]) {
    for peer in peers {
        let asked = peer.asked().await;
        assert!(!asked.iter().any(|asked| asked.starts_with("POST /token") || asked.contains("/me")), "{asked:?}");
    }
}

/// An address with other parameters: an empty one is taken away.
fn with(address: &str, changes: &[(&str, &str)]) -> String {
    let mut url = Url::parse(address).unwrap();
    let kept: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let kept = kept.into_iter().filter(|(name, _)| !changes.iter().any(|(own, _)| own == name));
    let said = changes.iter().filter(|(_, value)| !value.is_empty());
    let all: Vec<(String, String)> = kept.chain(said.map(|(name, value)| ((*name).into(), (*value).into()))).collect();
    url.query_pairs_mut().clear().extend_pairs(all);
    url.into()
}

fn parameter(address: &str, name: &str) -> String {
    let url = Url::parse(address).unwrap();
    let found = url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    found.unwrap_or_else(|| panic!("no {name}: {address}"))
}

#[tokio::test]
async fn an_answer_at_the_callback_of_another_is_nobodys() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let (mut alpha, mut beta) = two(&portal).await;
    let mut guest = Guest::new(&portal);
    let visit = visit(&mut guest, "alpha", &[]).await;

    let mixed_up = guest.browser.get(&visit.back.replace("/callback/alpha", "/callback/beta")).await;

    assert_stops(&mixed_up, 400, "login_state");
    assert!(!is_signed_in(&mut guest).await);
    assert_nobody_was_asked([&mut alpha, &mut beta]).await;
}

#[tokio::test]
async fn a_code_of_one_with_the_state_of_another_is_shown_to_neither() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let (mut alpha, mut beta) = two(&portal).await;
    let mut guest = Guest::new(&portal);
    let at_alpha = visit(&mut guest, "alpha", &[]).await;
    let at_beta = visit(&mut guest, "beta", &[]).await;
    let state = parameter(&at_beta.back, "state");

    let at_its_own = guest.browser.get(&with(&at_alpha.back, &[("state", &state)])).await;
    let injected = with(&at_beta.back, &[("code", &parameter(&at_alpha.back, "code")), ("iss", &alpha.issuer)]);
    let at_the_other = guest.browser.get(&injected).await;

    assert_stops(&at_its_own, 400, "login_state");
    assert_stops(&at_the_other, 502, "provider_error");
    assert!(!is_signed_in(&mut guest).await);
    assert_nobody_was_asked([&mut alpha, &mut beta]).await;
}

#[tokio::test]
async fn a_provider_that_passes_people_on_to_an_honest_one_gets_no_code_of_theirs() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let (mut honest, mut attacker) = two(&portal).await;
    let mut guest = Guest::new(&portal);
    let to_alpha = leave(&mut guest, "alpha", &[]).await;
    let to_attacker = leave(&mut guest, "beta", &[]).await;
    // What the attacker answers with: a way to the honest provider, with the login that was meant for the attacker.
    let of_attacker = ["state", "nonce", "code_challenge"].map(|name| (name, parameter(to_attacker.location(), name)));
    let passed_on = with(to_alpha.location(), &of_attacker.each_ref().map(|(name, value)| (*name, value.as_str())));
    let visit = guest.abroad.visit(&passed_on, &super::ADA).await;

    let mixed_up = guest.browser.get(&visit.back).await;

    assert_stops(&mixed_up, 400, "login_state");
    assert!(!is_signed_in(&mut guest).await);
    assert_nobody_was_asked([&mut honest, &mut attacker]).await;
}

#[tokio::test]
async fn an_answer_that_names_another_issuer_or_none_is_not_redeemed() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let (mut alpha, mut beta) = two(&portal).await;
    let mut guest = Guest::new(&portal);
    let with_slash = format!("{}/", alpha.issuer);
    for iss in [&beta.issuer, &with_slash, "https://id.example", ""] {
        let visit = visit(&mut guest, "alpha", &[]).await;

        let refused = guest.browser.get(&with(&visit.back, &[("iss", iss)])).await;
        let again = guest.browser.get(&visit.back).await;

        assert_stops(&refused, 502, "provider_error");
        assert_stops(&again, 400, "login_state");
        assert!(!is_signed_in(&mut guest).await);
    }
    assert_nobody_was_asked([&mut alpha, &mut beta]).await;
}

#[tokio::test]
async fn an_answer_with_a_code_and_an_error_is_not_redeemed() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let (mut alpha, mut beta) = two(&portal).await;
    let mut guest = Guest::new(&portal);
    let visit = visit(&mut guest, "alpha", &[]).await;

    let refused = guest.browser.get(&with(&visit.back, &[("error", "access_denied")])).await;

    assert_stops(&refused, 502, "provider_error");
    assert!(!is_signed_in(&mut guest).await);
    assert_nobody_was_asked([&mut alpha, &mut beta]).await;
}
