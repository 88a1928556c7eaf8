//! A personal key is worth what its person is: on every node, and to whoever asks about it.

use std::collections::BTreeMap;
use std::time::Duration;

use hallpass::flow::AppWish;
use hallpass::policy::admission::Admission;
use serde_json::{Value, json};

use super::Connected;
use crate::revocation::settles;
use crate::support::{ACME, Browser, House, Key, PORTAL, Portal, Program, Tokens, owned, within};

const SECOND: Duration = Duration::from_secs(1);

/// A portal for mechanics, which takes personal keys; Ada, who is one, with a key of her own and tokens.
async fn open() -> (Portal, Connected, Key) {
    // Nodes of one house have one address, and tokens of each are good at the other.
    let portal = Portal::with(|settings| "http://localhost".clone_into(&mut settings.issuer)).await;
    let roles = BTreeMap::from([("ada-1".to_owned(), owned(&["mechanic"]))]);
    portal.admits(ACME, Admission { roles, ..Admission::default() }).await;
    let wish = AppWish { allows_personal_keys: Some(true), roles: Some(owned(&["mechanic"])), ..AppWish::default() };
    portal.change_app(wish).await;
    let connected = portal.connected().await;
    let key = portal.personal_key(&connected.user, &owned(&["orders:read"])).await;
    (portal, connected, key)
}

/// What the portal hears of `token` at a node.
async fn told(portal: &Portal, node: &House, token: &str) -> Value {
    let ask = crate::support::Ask::form(&[("token", token)]).at("/oauth/introspect").basic(PORTAL, &portal.key.text);
    let reply = node.send(&ask).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// Signs in once more without the group that makes a mechanic, or with it.
async fn signs_in_with(portal: &Portal, groups: Value) {
    portal.provider.state().person["groups"] = groups;
    let reply = portal.come_in(&mut Browser::new(&portal.house)).await;
    assert_eq!(reply.status, 303, "{reply:?}");
}

#[tokio::test]
async fn a_person_disabled_by_another_process_is_out_at_every_node_within_a_second() {
    let (portal, Connected { browser, user, tokens, .. }, key) = open().await;
    let node = portal.house.beside().await;
    let mut there = browser.clone();
    there.moves_to(&node);
    let minted = node.exchange(&key, &[]).await.token();
    assert_eq!(portal.house.exchange(&key, &[]).await.status, 200);
    assert!(portal.is_signed_in(&mut there).await);
    for token in [&minted, &tokens.access, &key.text] {
        assert_eq!(told(&portal, &node, token).await["active"], true);
    }

    Program::beside(&portal.house, &["users", "disable", &user]).good().await;

    let (at_node, at_home) = tokio::join!(settles(&node, &key, 401), settles(&portal.house, &key, 401));
    assert!(at_node && at_home);
    assert!(!portal.is_signed_in(&mut there).await);
    for token in [&minted, &tokens.access, &tokens.refresh, &key.text] {
        assert_eq!(told(&portal, &node, token).await, json!({ "active": false }));
    }
    Program::beside(&portal.house, &["users", "enable", &user]).good().await;
    assert!(settles(&node, &key, 200).await, "and comes back as quickly");
    assert!(!portal.is_signed_in(&mut there).await, "but not by the old session");
}

#[tokio::test]
async fn a_role_lost_by_a_sign_in_at_one_node_is_lost_at_the_other_within_a_second() {
    let (portal, Connected { tokens, .. }, key) = open().await;
    let node = portal.house.beside().await;
    let minted = node.exchange(&key, &[]).await.token();
    assert_eq!(told(&portal, &node, &minted).await["active"], true);
    assert_eq!(told(&portal, &node, &tokens.access).await["active"], true);

    signs_in_with(&portal, json!(["poets"])).await;

    assert_eq!(portal.house.exchange(&key, &[]).await.status, 401, "at once where it happened");
    assert!(settles(&node, &key, 401).await);
    for token in [&minted, &tokens.access, &tokens.refresh, &key.text] {
        assert_eq!(told(&portal, &node, token).await, json!({ "active": false }));
    }
    signs_in_with(&portal, json!(["ada-1"])).await;
    assert!(settles(&node, &key, 200).await);
}

#[tokio::test]
async fn an_app_that_takes_no_more_personal_keys_takes_them_at_no_node() {
    let (portal, _, key) = open().await;
    let node = portal.house.beside().await;
    let minted = node.exchange(&key, &[]).await.token();

    Program::beside(&portal.house, &["apps", "update", PORTAL, "--personal-keys", "false"]).good().await;

    assert!(settles(&node, &key, 401).await);
    assert_eq!(told(&portal, &node, &minted).await, json!({ "active": false }));
    assert!(settles(&node, &portal.key, 200).await, "the app's own keys go on");
}

#[tokio::test]
async fn a_key_is_not_active_while_its_person_may_not_use_the_app() {
    let (portal, Connected { user, .. }, key) = open().await;
    let allows = async |allows_personal_keys| {
        let wish = AppWish { allows_personal_keys: Some(allows_personal_keys), ..AppWish::default() };
        portal.change_app(wish).await;
    };
    let disabled = async |is_disabled| portal.house.flows.disable_user(&user, is_disabled).await.unwrap();
    let seen = async |what: &str, is_good: bool| {
        let told = portal.introspect(&key.text).await;
        let status = portal.house.exchange(&key, &[]).await.status;
        assert_eq!((&told["active"], status), (&json!(is_good), if is_good { 200 } else { 401 }), "{what}");
        assert!(is_good || told == json!({ "active": false }), "nothing else is said: {what}");
    };

    seen("at first", true).await;
    disabled(true).await;
    seen("the person is disabled", false).await;
    disabled(false).await;
    seen("and enabled", true).await;
    signs_in_with(&portal, json!([])).await;
    seen("the role is lost", false).await;
    signs_in_with(&portal, json!(["ada-1"])).await;
    seen("and found", true).await;
    allows(false).await;
    seen("the app takes no personal keys", false).await;
    allows(true).await;
    seen("and takes them again", true).await;
}

#[tokio::test]
async fn a_refresh_at_another_node_ends_with_the_person() {
    let (portal, Connected { user, tokens, .. }, _) = open().await;
    let node = portal.house.beside().await;
    let renew = async |token: &str| node.send(&Portal::renewal(token, &[]).basic(PORTAL, &portal.key.text)).await;
    let next = Tokens::of(&renew(&tokens.refresh).await);

    Program::beside(&portal.house, &["users", "disable", &user]).good().await;

    assert!(within(SECOND, async || renew(&next.refresh).await.status == 400).await);
    assert_eq!(renew(&next.refresh).await.refusal(), (400, "invalid_grant".to_owned()));
}
