//! The command line: what scripts rely on.

mod credential;
mod dev;
mod login;
mod output;
mod people;
mod providers;
mod terminal;
mod token;

use crate::support::{House, ORDERS, Program, SHOP};

/// The address of a port where nothing listens.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn an_exit_code_says_what_went_wrong() {
    let (house, key) = House::with_shop().await;
    let nowhere = nowhere();
    let run = async |arguments: &[&str]| Program::beside(&house, arguments).run().await;

    for (code, arguments) in [
        (0, &["completions", "bash"][..]),
        (0, &["keys", "show", &key.id]),
        (1, &["serve"]),
        (1, &["apps", "create", SHOP]),
        (1, &["resources", "delete", ORDERS]),
        (1, &["config", "check"]),
        (2, &[]),
        (2, &["kyes", "list"]),
        (2, &["keys", "list", "--unknown"]),
        (2, &["keys", "create", SHOP]),
        (2, &["keys", "create", SHOP, "--name", "x", "--scope", "not:mine"]),
        (2, &["keys", "create", SHOP, "--name", "x", "--expires", "soon"]),
        (2, &["keys", "create", SHOP, "--name", "x", "--rate", "0"]),
        (2, &["keys", "create", SHOP, "--name", "x", "--env", "prod"]),
        (2, &["keys", "rotate", &key.id, "--leaked", "--overlap", "1h"]),
        (2, &["apps", "create", "Not Good"]),
        (2, &["apps", "list", "--set", "isuer=https://x.example"]),
        (2, &["apps", "list", "--config", "nowhere.toml"]),
        (2, &["database", "down"]),
        (2, &["providers", "create", "acme", "--client-id", "x"]),
        (2, &["providers", "create", "Acme", "--client-id", "x", "--issuer", "https://id.example"]),
        (2, &["login", "--timeout", "soon"]),
        (6, &["providers", "show", "nowhere"]),
        (6, &["providers", "test", "nowhere"]),
        (6, &["users", "disable", "usr_nobody"]),
        (6, &["sessions", "list", "usr_nobody"]),
        (6, &["sessions", "end", "0123456789ABCDEF"]),
        (7, &["login", "--issuer", &nowhere]),
        (6, &["keys", "show", "0123456789ABCDEF"]),
        (6, &["keys", "revoke", "nothing", "--reason", "x"]),
        (6, &["apps", "show", "nobody"]),
        (6, &["resources", "disable", "https://nowhere.example"]),
        (7, &["healthcheck", "--url", &nowhere]),
        (8, &["token", "inspect"]),
    ] {
        let outcome = run(arguments).await;

        assert_eq!(outcome.code, Some(code), "{arguments:?}: {outcome:?}");
        assert!(code == 0 || outcome.stdout.is_empty(), "{arguments:?}: {outcome:?}");
        assert!(code == 0 || !outcome.stderr.trim().is_empty(), "{arguments:?} says why");
    }
    assert_eq!(house.exchange(&key, &[]).await.status, 200, "none of them broke anything");
}

#[tokio::test]
async fn an_unknown_name_is_answered_with_the_nearest_right_one() {
    let (house, key) = House::with_shop().await;
    std::fs::write(house.path().join("odd.toml"), "[server]\nlistn = 'x'").unwrap();
    let mut almost = key.id.clone();
    almost.replace_range(15..16, if almost.ends_with('a') { "b" } else { "a" });

    for (arguments, right) in [
        (&["apps", "show", "shpo"][..], SHOP),
        (&["keys", "list", "shopp"], SHOP),
        (&["keys", "show", &almost], &*key.id),
        (&["resources", "show", "https://order.example"], ORDERS),
        (&["resources", "create", "https://x.example", "--profile", "standart"], "standard"),
        (&["kyes", "list"], "keys"),
        (&["keys", "lst"], "list"),
        (&["keys", "list", "--jsn"], "--json"),
        (&["apps", "list", "--set", "server.listn=x"], "server.listen"),
        (&["apps", "list", "--config", "odd.toml"], "server.listen"),
        (&["completions", "bahs"], "bash"),
        (&["providers", "create", "x", "--client-id", "x", "--preset", "gogle"], "google"),
        (&["provider", "list"], "providers"),
    ] {
        let outcome = Program::beside(&house, arguments).run().await;

        assert!(outcome.stderr.contains(right), "{arguments:?}: {}", outcome.stderr);
        assert!(matches!(outcome.code, Some(2 | 6)), "{arguments:?}: {outcome:?}");
    }
    let variable = Program::beside(&house, &["apps", "list"]).variable("HALLPASS_SERVER_LISTN", "x").run().await;
    assert!(variable.stderr.contains("HALLPASS_SERVER_LISTEN"), "{}", variable.stderr);
    assert_eq!(variable.code, Some(2));
}

#[tokio::test]
async fn no_secret_is_accepted_as_an_argument() {
    let (house, key) = House::with_shop().await;

    for arguments in [
        &["token", "get", &key.text][..],
        &["token", "get", "--key", &key.text],
        &["token", "inspect", "a.b.c"],
        &["token", "verify", "--audience", ORDERS, "a.b.c"],
        &["apps", "list", "--set", &format!("root_key={}", "5a".repeat(32))],
        &["apps", "list", "--set", &format!("previous_root_key={}", "5a".repeat(32))],
        &["keys", "revoke", &key.text, "--reason", "x"],
        &["providers", "create", "acme", "--client-id", "x", "--client-secret", "hush"],
        &["login", "--token", "hush"],
    ] {
        let outcome = Program::beside(&house, arguments).run().await;

        assert!(matches!(outcome.code, Some(2 | 6)), "{arguments:?}: {outcome:?}");
    }
    std::fs::write(house.path().join("odd.toml"), format!("root_key = '{}'", "5a".repeat(32))).unwrap();
    let in_file = Program::beside(&house, &["apps", "list", "--config", "odd.toml"]).run().await;
    assert_eq!(in_file.code, Some(2));
    assert!(in_file.stderr.contains("root_key_file") && !in_file.stderr.contains("5a5a"), "{}", in_file.stderr);
}

#[tokio::test]
async fn config_check_says_what_serve_would_say() {
    let folder = tempfile::tempdir().unwrap();
    let check = Program::new(folder.path(), &["config", "check", "--json"]);

    let good = check.clone().variable("HALLPASS_ISSUER", "https://id.example").run().await;
    let none = check.clone().run().await;
    let public = check
        .clone()
        .variable("HALLPASS_ISSUER", "https://id.example")
        .argument("--set=server.listen=0.0.0.0:1")
        .run()
        .await;
    let odd = check.variable("HALLPASS_ISSUER", "http://id.example").run().await;

    assert_eq!((good.code, good.stdout.trim()), (Some(0), r#"{"ok":true}"#));
    assert_eq!((none.code, public.code, odd.code), (Some(1), Some(1), Some(2)));
    assert!(none.stderr.contains("HALLPASS_ISSUER") && public.stderr.contains("plain_http"));
}

#[tokio::test]
async fn config_dump_prints_every_setting_and_hides_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let root = "5a".repeat(32);
    let dump = Program::new(folder.path(), &["config", "dump"])
        .variable("HALLPASS_DATABASE_URL", "postgres://u:open-sesame@db.example/x")
        .variable("HALLPASS_ROOT_KEY", &root)
        .variable("HALLPASS_PREVIOUS_ROOT_KEY", &root)
        .variable("HALLPASS_KEYS_EXPIRY", "7d");

    let text = dump.good().await.stdout;
    let json = dump.argument("--json").good().await;

    for shown in [&text, &json.stdout] {
        assert!(!shown.contains("open-sesame") && !shown.contains(&root), "{shown}");
        assert!(shown.contains("***"));
    }
    assert_eq!((&json.json()["keys"]["expiry"], &json.json()["server"]["workers"]), (&"7d".into(), &0.into()));
    assert!(text.contains("expiry = \"7d\""));
}

#[tokio::test]
async fn a_secret_may_come_from_a_file() {
    let (house, key) = House::with_shop().await;
    let url = house.path().join("url");
    std::fs::write(&url, format!("{}\n", house.database.url())).unwrap();

    let listed = Program::new(house.path(), &["keys", "list", "--json"])
        .variable("HALLPASS_DATABASE_URL_FILE", &url.display().to_string())
        .good()
        .await;

    assert_eq!(listed.json()[0]["id"], key.id);
}

#[tokio::test]
async fn each_shell_gets_completions() {
    let folder = tempfile::tempdir().unwrap();

    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Program::new(folder.path(), &["completions", shell]).good().await.stdout;

        assert!(script.contains("signing-keys"), "{shell}");
    }
}

#[tokio::test]
async fn every_command_explains_itself() {
    let folder = tempfile::tempdir().unwrap();

    for arguments in [
        &["--help"][..],
        &["dev", "--help"],
        &["keys", "create", "--help"],
        &["token", "get", "--help"],
        &["providers", "create", "--help"],
        &["login", "--help"],
        &["signing-keys", "rotate", "--help"],
    ] {
        let outcome = Program::new(folder.path(), arguments).run().await;

        assert_eq!((outcome.code, outcome.stderr.is_empty()), (Some(0), true), "{arguments:?}: {outcome:?}");
    }
    let version = Program::new(folder.path(), &["--version"]).run().await;
    assert_eq!(version.stdout.trim(), concat!("hallpass ", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn no_setting_is_dropped_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let dump = ["--set", "keys.expiry=1d", "config", "dump"];

    let kept = Program::new(folder.path(), &dump).good().await;
    let torn = Program::new(folder.path(), &[&dump[..], &["--set", "log.level=warn"]].concat()).run().await;

    assert!(kept.stdout.contains("expiry = \"1d\""), "{kept:?}");
    assert_eq!(torn.code, Some(2), "{torn:?}");
}
