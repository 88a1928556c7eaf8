//! Results on standard output, everything else on standard error, and JSON for who asks.

use serde_json::Value;

use crate::support::{House, ORDERS, Program, SHOP};

#[tokio::test]
async fn every_command_prints_json_when_it_is_asked_to() {
    let (house, key) = House::with_shop().await;
    let other = house.key(SHOP, &[]).await;
    let run = async |arguments: &[&str]| Program::beside(&house, arguments).argument("--json").good().await.json();

    for (arguments, member) in [
        (&["apps", "list"][..], "/0/client_id"),
        (&["apps", "show", SHOP], "/resources/0"),
        (&["apps", "create", "till", "--scope", "orders:read", "--resource", ORDERS], "/client_id"),
        (&["apps", "update", "till", "--name", "The till"], "/name"),
        (&["apps", "disable", "till"], "/disabled_at"),
        (&["apps", "enable", "till"], "/created_at"),
        (&["resources", "list"], "/0/identifier"),
        (&["resources", "show", ORDERS], "/profile"),
        (&["resources", "create", "https://x.example", "--token-lifetime", "10m"], "/token_lifetime"),
        (&["resources", "update", "https://x.example", "--profile", "modern"], "/profile"),
        (&["resources", "disable", "https://x.example"], "/disabled_at"),
        (&["resources", "enable", "https://x.example"], "/identifier"),
        (&["resources", "delete", "https://x.example"], "/deleted"),
        (&["keys", "list", SHOP], "/0/standing"),
        (&["keys", "show", &key.id], "/scopes/1"),
        (&["keys", "create", SHOP, "--name", "x"], "/key"),
        (&["keys", "disable", &key.id], "/disabled_at"),
        (&["keys", "enable", &key.id], "/id"),
        (&["keys", "rotate", &key.id], "/rotated_from"),
        (&["keys", "revoke", &other.id, "--reason", "lost"], "/revoked_by"),
        (&["signing-keys", "list"], "/0/state"),
        (&["signing-keys", "rotate"], "/0/signs_from"),
        (&["signing-keys", "rotate", "--emergency"], "/0/kid"),
        (&["root-key", "new"], "/root_key_file"),
        (&["root-key", "rotate"], "/resealed"),
        (&["pepper", "rotate"], "/pepper"),
        (&["providers", "create", "acme", "--client-id", "x", "--issuer", "https://id.example"], "/created_at"),
        (&["providers", "list"], "/0/name"),
        (&["providers", "show", "acme"], "/claims/email"),
        (&["providers", "update", "acme", "--title", "Acme"], "/title"),
        (&["providers", "disable", "acme"], "/disabled_at"),
        (&["providers", "enable", "acme"], "/name"),
        (&["providers", "delete", "acme"], "/deleted"),
        (&["database", "status"], "/pending"),
        (&["database", "up"], "/migrated"),
        (&["config", "dump"], "/server/listen"),
    ] {
        let value = run(arguments).await;

        assert!(value.pointer(member).is_some_and(|member| !member.is_null()), "{arguments:?}: {value}");
    }
    for arguments in [&["apply"][..], &["users", "list"], &["sessions", "list"], &["providers", "list"]] {
        assert_eq!(run(arguments).await, Value::Array(vec![]), "{arguments:?}");
    }
}

#[tokio::test]
async fn a_failure_is_json_on_standard_error_when_json_is_asked_for() {
    let house = House::open().await;

    for (arguments, code) in [
        (&["apps", "show", "nobody", "--json"][..], 6),
        (&["apps", "create", "Not Good", "--json"], 2),
        (&["serve", "--json"], 1),
    ] {
        let outcome = Program::beside(&house, arguments).run().await;
        let error: Value = serde_json::from_str(outcome.stderr.trim()).unwrap();

        assert_eq!((outcome.code, &error["exit_code"]), (Some(code), &code.into()), "{outcome:?}");
        assert!(error["error"].is_string() && outcome.stdout.is_empty());
    }
}

#[tokio::test]
async fn a_new_key_stands_alone_on_a_pipe_and_is_shown_this_once() {
    let (house, _) = House::with_shop().await;

    let made = Program::beside(&house, &["keys", "create", SHOP, "--name", "till"]).good().await;
    let text = made.stdout.trim();
    let id = &text[8..24];
    let shown = Program::beside(&house, &["keys", "show", id]).good().await;
    let listed = Program::beside(&house, &["keys", "list", "--json"]).good().await;
    let rotated = Program::beside(&house, &["keys", "rotate", id]).good().await;

    assert_eq!(made.stdout, format!("{text}\n"));
    assert!(made.stderr.contains("not shown again"));
    for later in [&shown, &listed, &rotated] {
        assert!(!later.stdout.contains(&text[25..57]) && !later.stderr.contains(&text[25..57]));
    }
    assert!(rotated.stderr.contains("it was never used"), "whether the old one is in use: {}", rotated.stderr);
}

#[tokio::test]
async fn an_empty_list_says_on_standard_error_what_to_do() {
    let house = House::open().await;

    for noun in ["apps", "resources", "keys"] {
        let people = Program::beside(&house, &[noun, "list"]).good().await;
        let programs = Program::beside(&house, &[noun, "list", "--json"]).good().await;

        assert_eq!((&*people.stdout, programs.stdout.trim()), ("", "[]"));
        assert!(people.stderr.contains(&format!("hallpass {noun} create")), "{}", people.stderr);
    }
}

#[tokio::test]
async fn a_key_is_limited_as_its_maker_says() {
    let (house, _) = House::with_shop().await;
    let arguments = [
        "keys",
        "create",
        SHOP,
        "--json",
        "--name",
        "till",
        "--note",
        "second floor",
        "--env",
        "test",
        "--scope",
        "orders:read",
        "--resource",
        ORDERS,
        "--network",
        "10.1.2.3/8",
        "--network",
        "2001:db8::1",
        "--rate",
        "5",
        "--expires",
        "never",
    ];

    let made = Program::beside(&house, &arguments).good().await.json();

    assert_eq!(made["networks"], serde_json::json!(["10.0.0.0/8", "2001:db8::1/128"]));
    assert_eq!((&made["env"], &made["note"], &made["rate"]), (&"test".into(), &"second floor".into(), &5.into()));
    assert_eq!((&made["expires_at"], &made["scopes"]), (&Value::Null, &serde_json::json!(["orders:read"])));
}

#[tokio::test]
async fn a_resource_that_something_names_stays() {
    let (house, key) = House::with_shop().await;

    let refused = Program::beside(&house, &["resources", "delete", ORDERS]).run().await;

    assert_eq!(refused.code, Some(1));
    assert_eq!(house.exchange(&key, &[]).await.status, 200);
}

#[tokio::test]
async fn taking_all_tables_back_must_be_meant() {
    let folder = tempfile::tempdir().unwrap();
    let database = crate::support::TestDatabase::fresh(folder.path()).await;
    let run =
        async |arguments: &[&str]| Program::new(folder.path(), arguments).on(&database).argument("--json").run().await;

    let all = run(&["database", "up"]).await.json()["migrated"].as_u64();
    assert!(all >= Some(4), "{all:?}");
    assert_eq!(run(&["database", "down"]).await.code, Some(2));
    assert_eq!(run(&["database", "status"]).await.json()["pending"], 0);
    assert_eq!(run(&["database", "down", "--lose-everything"]).await.json()["dropped"], true);
    assert_eq!(run(&["database", "status"]).await.json()["pending"].as_u64(), all);
}
