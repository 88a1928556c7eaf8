//! People sign in at providers that others wrote: `oidc-provider`, `oauth2-mock-server`, Keycloak.
//!
//! The first two run as processes of Node, whose time stands still with the house's. Keycloak is large and slow, and
//! runs only where `HALLPASS_TEST_KEYCLOAK` says where it is.

mod abroad;
mod certified;
mod corrupted;
mod keycloak;
mod mixed_up;
mod outages;
mod peer;

use hallpass::flow::ProviderWish;
use serde_json::{Value, json};

use crate::support::{Browser, NOW, Portal, Reply, Tokens};
use abroad::{Abroad, Visit};
use peer::Peer;

/// Who we are there. Both need encoding before they fit a Basic header (RFC 6749 2.3.1).
const CLIENT_ID: &str = "hall:pass";
const CLIENT_SECRET: &str = "s3cret+/%: &=";

/// What Ada knows at any provider here.
const ADA: [(&str, &str); 4] = [("login", "ada"), ("username", "ada"), ("password", "engines"), ("credentialId", "")];

/// A person: their browser with us, and the same browser at the provider.
struct Guest {
    browser: Browser,
    abroad: Abroad,
}

impl Guest {
    fn new(portal: &Portal) -> Self {
        Self { browser: Browser::new(&portal.house), abroad: Abroad::default() }
    }
}

/// A house with the portal in it, for providers to come.
async fn portal() -> Portal {
    Portal::open().await
}

/// What `oidc-provider` is told: one client, which is us.
fn client_of(portal: &Portal, name: &str) -> Value {
    json!({
        "now": NOW, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": portal.house.flows.callback(name),
        "auth_method": "client_secret_basic", "alg": "ES256",
    })
}

/// Starts an `oidc-provider` that knows us, and tells the house of it.
async fn certified(portal: &Portal, name: &str) -> Peer {
    let peer = Peer::start("oidc_provider.mjs", client_of(portal, name)).await;
    portal.house.flows.create_provider(name, &wish(&peer)).await.expect("a provider");
    peer
}

fn wish(peer: &Peer) -> ProviderWish {
    ProviderWish {
        issuer: Some(peer.issuer.clone()),
        client_id: Some(CLIENT_ID.to_owned()),
        client_secret: Some(CLIENT_SECRET.to_owned().into()),
        ..ProviderWish::default()
    }
}

/// From the app to the sign-in page, and off to a provider: our answer to that.
async fn leave(guest: &mut Guest, name: &str, more: &[(&str, &str)]) -> Reply {
    let asks = guest.browser.get(&Portal::request(more)).await;
    let page = guest.browser.get(asks.location()).await;
    assert_eq!(page.status, 200, "{page:?}");
    guest.browser.submit(&page, "/login", &[("provider", name)]).await
}

/// Off to a provider, and through its pages.
async fn visit(guest: &mut Guest, name: &str, more: &[(&str, &str)]) -> Visit {
    let leaves = leave(guest, name, more).await;
    guest.abroad.visit(leaves.location(), &ADA).await
}

/// From the callback on: consent where it is asked, and tokens.
async fn arrive(portal: &Portal, guest: &mut Guest, back: &str) -> Tokens {
    let mut reply = guest.browser.get(back).await;
    if reply.location().contains("/consent?") {
        let consent = reply.location().to_owned();
        reply = portal.allow(&mut guest.browser, &consent).await;
    }
    let code = reply.sent("code").unwrap_or_else(|| panic!("no code: {reply:?}"));
    Tokens::of(&portal.redeem(&code, &[]).await)
}

/// All of it.
async fn sign_in(portal: &Portal, guest: &mut Guest, name: &str, more: &[(&str, &str)]) -> (Visit, Tokens) {
    let visit = visit(guest, name, more).await;
    let tokens = arrive(portal, guest, &visit.back).await;
    (visit, tokens)
}

/// Whether somebody is signed in in this browser.
async fn is_signed_in(guest: &mut Guest) -> bool {
    guest.browser.get("/account").await.status == 200
}

/// A page of ours with this status and code, and with the id of the request.
fn assert_stops(reply: &Reply, status: u16, code: &str) {
    let request_id = reply.header("x-request-id").expect("an id of the request");
    assert_eq!(reply.status, status, "{reply:?}");
    for part in [code, request_id] {
        assert!(reply.text().contains(&format!("<code>{part}</code>")), "no {part}: {reply:?}");
    }
}
