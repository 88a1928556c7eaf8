//! Keys that belong to a person: made on a page, shown once, and never more than the person.

use std::collections::BTreeMap;
use std::time::Duration;

use hallpass::flow::AppWish;
use hallpass::policy::admission::Admission;
use serde_json::json;

use crate::support::{ACME, Ask, BILLING, Browser, Key, NOW, ORDERS, PORTAL, Portal, Reply, VERIFIER, owned};

const NEW: &str = "/account/keys/new";
const GOOD: [(&str, &str); 3] = [("name", "laptop"), ("days", "90"), ("scope", "orders:read")];

/// A portal that takes personal keys, and a browser in which Ada is signed in.
async fn open() -> (Portal, Browser) {
    let portal = Portal::open().await;
    portal.change_app(AppWish { allows_personal_keys: Some(true), ..AppWish::default() }).await;
    let browser = portal.browser_of("ada-1").await;
    (portal, browser)
}

/// What stands in the element with that id.
fn element(page: &Reply, id: &str) -> String {
    let (_, rest) = page.text().split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id}: {page:?}"));
    let text = rest.split_once('>').and_then(|(_, rest)| rest.split('<').next()).unwrap();
    text.replace("&#39;", "'").replace("&#38;", "&").replace("&#34;", "\"")
}

/// Makes a key on the page, or is told what is wrong.
async fn make(browser: &mut Browser, fields: &[(&str, &str)]) -> Reply {
    let page = browser.get(NEW).await;
    let reply = browser.submit(&page, NEW, fields).await;
    follow(browser, reply).await
}

/// The page that a form leads to, if it leads to one.
async fn follow(browser: &mut Browser, reply: Reply) -> Reply {
    match reply.header("location").map(str::to_owned) {
        Some(location) => browser.get(&location).await,
        None => reply,
    }
}

/// The key that a page shows.
fn shown(page: &Reply) -> Key {
    assert_eq!(page.status, 200, "{page:?}");
    let text = element(page, "key");
    Key { id: text[8..24].to_owned(), text }
}

async fn act(browser: &mut Browser, act: &str, key: &Key) -> String {
    let page = browser.get(NEW).await;
    let reply = browser.submit(&page, &format!("/account/keys/{act}"), &[("key", &key.id)]).await;
    reply.location().split_once("notice=").map(|(_, notice)| notice.to_owned()).unwrap_or_default()
}

async fn count(portal: &Portal, browser: &Browser) -> usize {
    portal.house.flows.list_personal_keys(&portal.user_in(browser).await).await.unwrap().len()
}

#[tokio::test]
async fn a_person_makes_a_key_and_the_command_shown_trades_it() {
    let (portal, mut browser) = open().await;

    let form = browser.get(NEW).await;
    let page = make(&mut browser, &GOOD).await;
    let key = shown(&page);
    let command = element(&page, "curl");
    let output = tokio::process::Command::new("sh").args(["-c", &format!("{command} -s")]).output().await.unwrap();
    let reply: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let claims = portal.house.verify(reply["access_token"].as_str().unwrap(), ORDERS).await.unwrap();

    let chosen: Vec<&str> =
        form.text().split("<input").filter(|tag| tag.split('>').next().unwrap().contains(" checked")).collect();
    assert_eq!(chosen.len(), 1, "90 days, and no scope");
    assert!(
        chosen[0].contains("value=\"90\"") && chosen[0].contains("until \u{2068}15 April 2027\u{2069}"),
        "{}",
        chosen[0]
    );
    assert!(command.contains(&key.text) && command.contains(portal.house.issuer()));
    assert_eq!((&*claims.sub, &*claims.client_id), (&*portal.user_in(&browser).await, PORTAL));
    assert_eq!((claims.key_id.as_deref(), claims.name.as_deref()), (Some(&*key.id), Some("The name of ada-1")));
    assert_eq!(claims.scope.unwrap().to_string(), "orders:read");
}

#[tokio::test]
async fn the_command_names_a_resource_where_the_key_has_to_choose() {
    let (portal, mut browser) = open().await;
    portal.house.resource(BILLING, &["billing:read"]).await;
    let scopes = owned(&["orders:read", "billing:read"]);
    let (scopes, resources) = (Some(scopes), Some(owned(&[ORDERS, BILLING])));
    portal.change_app(AppWish { scopes, resources, ..AppWish::default() }).await;

    for (scope, resource) in [("billing:read", BILLING), ("orders:read", ORDERS)] {
        let page = make(&mut browser, &[("name", "x"), ("days", "30"), ("scope", scope)]).await;
        let command = element(&page, "curl");
        let output = tokio::process::Command::new("sh").args(["-c", &format!("{command} -s")]).output().await.unwrap();
        let reply: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();

        assert_eq!(reply["scope"], scope, "{command}: {reply}");
        let claims = portal.house.verify(reply["access_token"].as_str().unwrap(), resource).await.unwrap();
        assert!(claims.aud.has(resource), "{command}");
    }
}

#[tokio::test]
async fn a_key_that_was_just_made_is_for_the_session_that_made_it_alone() {
    let (portal, mut browser) = open().await;
    let page = browser.get(NEW).await;
    let made = browser.submit(&page, NEW, &GOOD).await;
    let kept = browser.cookies["hallpass-new-key"].clone();
    let mut other = portal.browser_of("ada-1").await;
    other.cookies.insert("hallpass-new-key".to_owned(), kept.clone());
    let mut broken = browser.clone();
    broken.cookies.insert("hallpass-new-key".to_owned(), format!("{kept}A"));

    let elsewhere = other.get(made.location()).await;
    let changed = broken.get(made.location()).await;
    let here = browser.get(made.location()).await;
    let again = browser.get(made.location()).await;

    assert!(made.status == 303 && made.location().ends_with("/account/keys/made"), "{made:?}");
    assert!(!kept.contains(&shown(&here).text), "sealed");
    for reply in [&elsewhere, &changed, &again] {
        assert!(reply.status == 303 && reply.location().ends_with("/account/keys"), "{reply:?}");
    }
    assert!(!browser.cookies.contains_key("hallpass-new-key"));
}

#[tokio::test]
async fn a_key_is_shown_once_and_its_use_is_told() {
    let (portal, mut browser) = open().await;
    let key = shown(&make(&mut browser, &GOOD).await);
    let unused = browser.get("/account/keys").await;

    portal.house.exchange(&key, &[]).await;
    portal.house.flush_uses().await;
    let used = browser.get("/account/keys").await;

    for page in [&unused, &used] {
        assert!(page.text().contains("laptop") && page.text().contains(&key.id));
        assert!(!page.text().contains(&key.text[25..57]), "the secret is shown once");
    }
    assert!(!unused.text().contains("127.0.0.1\u{2069}") && used.text().contains("from \u{2068}127.0.0.1\u{2069}"));
}

#[tokio::test]
async fn a_form_that_is_not_right_says_so_and_keeps_what_was_typed() {
    let (portal, mut browser) = open().await;
    let long = "x".repeat(257);

    for (fields, fault) in [
        (&[("name", ""), ("days", "30"), ("scope", "orders:write")][..], "name-fault"),
        (&[("name", "  "), ("days", "30"), ("scope", "orders:write")], "name-fault"),
        (&[("name", &long), ("days", "30"), ("scope", "orders:write")], "name-fault"),
        (&[("name", "my <b> job"), ("days", "30")], "scopes-fault"),
        (&[("name", "my <b> job"), ("days", "30"), ("scope", "orders:write"), ("scope", "admin")], "scopes-fault"),
        (&[("name", "my <b> job"), ("days", "30"), ("scope", "openid")], "scopes-fault"),
        (&[("name", "my <b> job"), ("days", "36500"), ("scope", "orders:write")], "expiry-fault"),
        (&[("name", "my <b> job"), ("days", "0"), ("scope", "orders:write")], "expiry-fault"),
        (&[("name", "my <b> job"), ("days", "-1"), ("scope", "orders:write")], "expiry-fault"),
        (&[("name", "my <b> job"), ("scope", "orders:write")], "expiry-fault"),
    ] {
        let page = make(&mut browser, fields).await;

        assert_eq!(page.status, 400, "{fields:?}");
        assert!(page.text().contains(&format!("id=\"{fault}\"")), "{fields:?}: {page:?}");
        let kept =
            |field: &str, value: &str| page.text().contains(&format!("name=\"{field}\" value=\"{value}\" checked"));
        assert_eq!(kept("scope", "orders:write"), fields.contains(&("scope", "orders:write")), "{fields:?}");
        assert_eq!(kept("days", "30"), fields.contains(&("days", "30")), "{fields:?}");
        if fields.contains(&("name", "my <b> job")) {
            assert!(page.text().contains("value=\"my &#60;b&#62; job\""), "{page:?}");
        }
    }
    assert_eq!(count(&portal, &browser).await, 0);
}

#[tokio::test]
async fn a_key_is_made_for_an_app_that_takes_them_and_for_no_other() {
    let (portal, mut browser) = open().await;
    portal.connect("wiki").await;

    let page = browser.get(NEW).await;
    let other = browser.submit(&page, NEW, &[&[("app", "wiki")], &GOOD[..]].concat()).await;
    let nobody = browser.submit(&page, NEW, &[&[("app", "nobody")], &GOOD[..]].concat()).await;
    portal.change_app(AppWish { roles: Some(owned(&["owner"])), ..AppWish::default() }).await;
    let without_role = browser.submit(&page, NEW, &GOOD).await;

    assert_eq!([&other, &nobody, &without_role].map(|reply| reply.status), [400; 3]);
    assert_eq!(count(&portal, &browser).await, 0);
}

#[tokio::test]
async fn a_key_that_is_rotated_has_a_successor_and_a_day_to_go() {
    let (portal, mut browser) = open().await;
    let old = shown(&make(&mut browser, &GOOD).await);

    let page = browser.get("/account/keys").await;
    let rotated = browser.submit(&page, "/account/keys/rotate", &[("key", &old.id)]).await;
    let rotated = follow(&mut browser, rotated).await;
    let new = shown(&rotated);
    let again = act(&mut browser, "rotate", &old).await;
    portal.house.advance(Duration::from_mins(1));
    let both = [portal.house.exchange(&old, &[]).await.status, portal.house.exchange(&new, &[]).await.status];
    portal.house.flush_uses().await;
    let list = browser.get("/account/keys").await;
    portal.house.advance(Duration::from_hours(24));
    let later = [portal.house.exchange(&old, &[]).await.status, portal.house.exchange(&new, &[]).await.status];

    assert!(rotated.text().contains("works until") && old.text != new.text);
    assert_eq!((again.as_str(), both, later), ("gone", [200, 200], [401, 200]));
    assert!(list.text().contains("The old one is still in use"), "{list:?}");
    let row = portal.house.flows.find_key(&new.id).await.unwrap().0;
    assert_eq!((row.scopes.as_str(), row.expires_at), ("orders:read", Some(NOW + 90 * 86400)));
}

#[tokio::test]
async fn a_key_is_switched_off_and_on_and_revoked_for_good() {
    let (portal, mut browser) = open().await;
    let key = shown(&make(&mut browser, &GOOD).await);
    let token = portal.house.exchange(&key, &[]).await.token();
    let mut seen = Vec::new();

    for step in ["disable", "enable", "revoke", "enable", "disable", "revoke", "rotate"] {
        let notice = act(&mut browser, step, &key).await;
        let status = portal.house.exchange(&key, &[]).await.status;
        seen.push((notice, status, portal.is_active(&token).await));
    }

    let expected = [
        ("key-disabled", 401, false),
        ("key-enabled", 200, true),
        ("key-revoked", 401, false),
        ("gone", 401, false),
        ("gone", 401, false),
        ("gone", 401, false),
        ("gone", 401, false),
    ];
    assert_eq!(seen, expected.map(|(notice, status, is_active)| (notice.to_owned(), status, is_active)));
}

#[tokio::test]
async fn keys_of_others_are_not_there() {
    let (portal, mut browser) = open().await;
    let key = shown(&make(&mut browser, &GOOD).await);
    let mut mallory = portal.browser_of("mallory").await;

    for wanted in [&key, &portal.key, &Key { id: "0".repeat(16), text: String::new() }] {
        for step in ["disable", "enable", "rotate", "revoke"] {
            assert_eq!(act(&mut mallory, step, wanted).await, "gone", "{step}");
        }
        let asked = mallory.get(&format!("/account/keys/revoke?key={}", wanted.id)).await;
        assert!(asked.location().ends_with("?notice=gone"), "{asked:?}");
    }

    assert_eq!(portal.house.exchange(&key, &[]).await.status, 200);
    assert_eq!(portal.house.exchange(&portal.key, &[]).await.status, 200);
    let list = mallory.get("/account/keys").await;
    assert!(!list.text().contains(&key.id) && !list.text().contains("laptop"));
}

#[tokio::test]
async fn a_key_mints_nothing_when_its_person_may_not_use_the_app_any_more() {
    let (portal, mut browser) = open().await;
    let roles = BTreeMap::from([("ada-1".to_owned(), owned(&["owner"]))]);
    portal.admits(ACME, Admission { roles, ..Admission::default() }).await;
    portal.change_app(AppWish { roles: Some(owned(&["owner"])), ..AppWish::default() }).await;
    portal.come_in(&mut browser).await;
    let key = shown(&make(&mut browser, &GOOD).await);
    let mints = async || portal.house.exchange(&key, &[]).await.status;
    let allows = async |allows_personal_keys, is_disabled| {
        let wish = AppWish {
            allows_personal_keys: Some(allows_personal_keys),
            is_disabled: Some(is_disabled),
            ..AppWish::default()
        };
        portal.change_app(wish).await;
    };
    let token = portal.house.exchange(&key, &[]).await.token();

    let mut seen = vec![mints().await];
    allows(false, false).await;
    seen.push(mints().await);
    let is_active = portal.is_active(&token).await;
    allows(true, true).await;
    seen.push(mints().await);
    allows(true, false).await;
    seen.push(mints().await);
    portal.provider.state().person["groups"] = json!([]);
    portal.come_in(&mut browser).await;
    seen.push(mints().await);
    portal.provider.state().person["groups"] = json!(["ada-1"]);
    portal.come_in(&mut browser).await;
    seen.push(mints().await);

    assert_eq!(seen, [200, 401, 401, 200, 401, 200]);
    assert!(!is_active, "a token of a key that the app does not take is no good here");
}

#[tokio::test]
async fn a_key_carries_what_the_last_sign_in_told() {
    let (portal, mut browser) = open().await;
    let key = shown(&make(&mut browser, &GOOD).await);

    portal.provider.state().person["name"] = json!("Countess of Lovelace");
    portal.come_in(&mut browser).await;
    let token = portal.house.exchange(&key, &[]).await.token();

    let claims = portal.house.verify(&token, ORDERS).await.unwrap();
    assert_eq!(claims.name.as_deref(), Some("Countess of Lovelace"));
    assert_eq!((claims.sid, claims.auth_time), (None, None), "nobody is there");
}

#[tokio::test]
async fn a_key_of_a_person_is_not_the_app() {
    let (portal, mut browser) = open().await;
    let key = shown(&make(&mut browser, &GOOD).await);
    let code = portal.code(&mut browser, &[]).await;
    let tokens = portal.tokens(&mut browser, &[]).await;
    let form = |fields: &[(&str, &str)]| Ask::form(fields).basic(PORTAL, &key.text);

    let redeems = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", crate::support::CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let redeemed = portal.house.send(&form(&redeems)).await;
    let refreshed =
        portal.house.send(&form(&[("grant_type", "refresh_token"), ("refresh_token", &tokens.refresh)])).await;
    let looked = portal.house.send(&form(&[("token", &tokens.access)]).at("/oauth/introspect")).await;
    for token in [&tokens.refresh, &tokens.access] {
        portal.house.send(&form(&[("token", token)]).at("/oauth/revoke")).await;
    }
    let more = portal.house.exchange(&key, &[("scope", "orders:write")]).await;

    assert_eq!(redeemed.refusal(), (400, "unauthorized_client".to_owned()));
    assert_eq!(refreshed.refusal(), (400, "unauthorized_client".to_owned()));
    assert_eq!(looked.refusal(), (401, "invalid_client".to_owned()));
    assert_eq!(more.refusal(), (400, "invalid_scope".to_owned()));
    assert_eq!(portal.redeem(&code, &[]).await.status, 200, "nothing was spent");
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.status, 200, "nothing was taken back");
}

#[tokio::test]
async fn no_key_is_offered_a_longer_life_than_the_operator_allows() {
    let portal = Portal::with(|settings| settings.keys.max_expiry = Some("60d".parse().unwrap())).await;
    portal.change_app(AppWish { allows_personal_keys: Some(true), ..AppWish::default() }).await;
    let mut browser = portal.browser_of("ada-1").await;

    let form = browser.get(NEW).await;
    let too_long = make(&mut browser, &GOOD).await;
    let good = make(&mut browser, &[("name", "x"), ("days", "30"), ("scope", "orders:read")]).await;

    let offered: Vec<&str> =
        form.text().split("name=\"days\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!((offered, too_long.status, good.status), (vec!["30"], 400, 200));
}
