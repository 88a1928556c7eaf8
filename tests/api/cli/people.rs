//! `hallpass users` and `hallpass sessions`: who has signed in, and where they still are.

use serde_json::{Value, json};

use crate::support::{Browser, Portal, Program};

async fn run(portal: &Portal, arguments: &[&str]) -> Value {
    Program::beside(&portal.house, arguments).argument("--json").good().await.json()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

#[tokio::test]
async fn a_user_is_shown_with_claims_identities_and_sessions() {
    let portal = Portal::open().await;
    let (mut one, mut other) = (Browser::new(&portal.house), Browser::new(&portal.house));
    portal.code(&mut one, &[]).await;
    portal.code(&mut other, &[]).await;

    let users = run(&portal, &["users", "list"]).await;
    let user = run(&portal, &["users", "show", text(&users[0]["id"])]).await;

    assert_eq!((users.as_array().unwrap().len(), &users[0]["providers"]), (1, &json!(["acme"])));
    assert_eq!((&user["claims"]["name"], &user["email"]), (&json!("Ada Lovelace"), &json!("ada@acme.example")));
    assert_eq!((&user["identities"][0]["sub"], &user["identities"][0]["provider"]), (&json!("ada-1"), &json!("acme")));
    assert_eq!((&user["disabled_at"], user["sessions"].as_u64()), (&json!(null), Some(2)));
}

#[tokio::test]
async fn who_is_disabled_is_out_and_comes_back_when_enabled() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let id = text(&run(&portal, &["users", "list"]).await[0]["id"]).to_owned();

    let disabled = run(&portal, &["users", "disable", &id]).await;
    let refreshed = portal.refresh(&tokens.refresh, &[]).await;
    let enabled = run(&portal, &["users", "enable", &id]).await;

    assert!(disabled["disabled_at"].is_string() && disabled["sessions"] == 0, "{disabled}");
    assert_eq!((refreshed.status, &refreshed.json()["error"]), (400, &json!("invalid_grant")));
    assert_eq!(enabled["disabled_at"], json!(null));
}

#[tokio::test]
async fn a_session_says_who_from_where_and_until_when_and_is_ended() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;

    let sessions = run(&portal, &["sessions", "list"]).await;
    let (id, user) = (text(&sessions[0]["id"]).to_owned(), text(&sessions[0]["user_id"]).to_owned());
    let shown = run(&portal, &["sessions", "show", &id]).await;
    let own = run(&portal, &["sessions", "list", &user]).await;
    let ended = run(&portal, &["sessions", "end", &id]).await;
    let left = run(&portal, &["sessions", "list"]).await;

    assert_eq!((&shown["name"], &shown["address"]), (&json!("Ada Lovelace"), &json!("127.0.0.1")));
    assert_eq!((&own[0]["id"], own.as_array().unwrap().len()), (&json!(id), 1));
    // The house opens on 2027-01-15 at 08:00; a session that nobody uses lives a week.
    assert_eq!(
        (text(&shown["created_at"]), text(&shown["expires_at"])),
        ("2027-01-15T08:00:00Z", "2027-01-22T08:00:00Z")
    );
    assert!(ended["ended_at"].is_string() && left == json!([]), "{ended} {left}");
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.status, 400);
}

#[tokio::test]
async fn a_terminal_does_not_obey_what_a_stranger_is_called() {
    let portal = Portal::open().await;
    portal.provider.state().person["name"] = "\u{1b}[2J Ada\nroot".into();
    portal.code(&mut Browser::new(&portal.house), &[]).await;

    let shown = Program::beside(&portal.house, &["users", "list"]).good().await.stdout;

    assert!(!shown.contains('\u{1b}') && shown.lines().count() == 2, "{shown:?}");
}
