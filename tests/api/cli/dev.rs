//! `hallpass dev`, `doctor` and `healthcheck`.

use serde_json::json;

use crate::support::{Ask, ORDERS, Program, Token};

#[tokio::test]
async fn dev_says_in_one_line_of_json_what_a_script_needs() {
    let folder = tempfile::tempdir().unwrap();

    let outcome = Program::dev(folder.path()).argument("--once").good().await;
    let ready = outcome.json();

    let mut fields: Vec<&String> = ready.as_object().unwrap().keys().collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "access_token",
            "apps",
            "claims",
            "client_id",
            "database",
            "issuer",
            "key",
            "metrics_url",
            "provider",
            "resource",
            "scope"
        ]
    );
    assert_eq!(outcome.stdout.lines().count(), 1);
    let token = Token::read(ready["access_token"].as_str().unwrap());
    assert_eq!(token.claims, ready["claims"]);
    assert_eq!((&ready["client_id"], &ready["resource"]), (&json!("demo"), &json!(ORDERS)));
    assert_eq!((&ready["scope"], &token.claims["env"]), (&token.claims["scope"], &json!("test")));
    let database = ready["database"].as_str().unwrap();
    assert!(std::path::Path::new(database.trim_start_matches("sqlite:")).is_absolute(), "{database}");
}

#[tokio::test]
async fn dev_shows_a_person_the_key_the_token_and_how_to_do_the_same() {
    let folder = tempfile::tempdir().unwrap();

    let program = Program::new(folder.path(), &["dev", "--listen", "127.0.0.1:0", "--once"]);
    let shown = program.good().await.stdout;

    for words in [
        "hp_test_",
        "seconds left",
        "\"aud\"",
        "-u \"demo:$KEY\"",
        "client_secret=\"$KEY\"",
        "Bearer $KEY",
        "X-API-Key: $KEY",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
}

#[tokio::test]
async fn dev_started_again_finds_its_app_and_revokes_the_earlier_key() {
    let folder = tempfile::tempdir().unwrap();
    let first = Program::dev(folder.path()).argument("--once").good().await.json();

    let second = Program::dev(folder.path()).start().await;
    let exchange = async |key: &str| second.send(&Ask::token(&[]).bearer(key)).await.status;

    assert_eq!(exchange(first["key"].as_str().unwrap()).await, 401);
    assert_eq!(exchange(second.ready["key"].as_str().unwrap()).await, 200);
    let keys = Program::new(folder.path(), &["keys", "list", "demo", "--json"]).good().await.json();
    let mut standing: Vec<&str> =
        keys.as_array().unwrap().iter().map(|key| key["standing"].as_str().unwrap()).collect();
    standing.sort_unstable();
    assert_eq!(standing, ["good", "revoked"]);
}

#[tokio::test]
async fn dev_is_for_this_machine_alone() {
    let folder = tempfile::tempdir().unwrap();

    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let outcome = Program::new(folder.path(), &["dev", "--listen", address, "--once"]).run().await;

        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        assert!(outcome.stderr.contains("loopback"));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "and makes nothing before it refuses");
}

#[tokio::test]
async fn dev_ends_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["TERM", "INT"] {
        let server = Program::dev(folder.path()).start().await;

        assert_eq!(server.end(name).await, Some(0), "SIG{name}");
    }
}

#[tokio::test]
async fn the_second_listener_of_dev_has_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::dev(folder.path()).start().await;

    let reply = crate::support::send(server.metrics.unwrap(), &Ask::get("/metrics")).await;

    assert!(reply.text().contains("hallpass_tokens_issued_total"), "{reply:?}");
    assert_eq!(server.ready["metrics_url"], format!("http://{}/metrics", server.metrics.unwrap()));
}

#[tokio::test]
async fn doctor_looks_at_everything_as_a_verifier_would() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::dev(folder.path()).start().await;
    let issuer = server.ready["issuer"].as_str().unwrap().to_owned();
    let doctor = Program::new(folder.path(), &["doctor"])
        .variable("HALLPASS_ISSUER", &issuer)
        .variable("HALLPASS_UPSTREAM_ALLOWED_NETWORKS", "127.0.0.0/8");

    let well = doctor.clone().argument("--json").run().await;
    let shown = doctor.clone().run().await;
    server.stop().await;
    let ill = doctor.clone().argument("--json").run().await;
    Program::new(folder.path(), &["providers", "disable", "demo"]).good().await;
    let without_provider = doctor.argument("--json").run().await;

    let checks = |outcome: &crate::support::Outcome, is_ok: bool| -> Vec<String> {
        let checks = outcome.json()["checks"].as_array().unwrap().clone();
        checks
            .iter()
            .filter(|check| check["ok"] == is_ok)
            .map(|check| check["check"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!((well.code, ill.code, shown.code), (Some(0), Some(1), Some(0)), "{well:?}");
    let all = ["configuration", "root key", "database", "signing keys", "provider demo", "jwks", "clock"];
    assert_eq!(checks(&well, true), all);
    assert_eq!(checks(&ill, false), ["provider demo", "jwks"]);
    assert_eq!(checks(&without_provider, false), ["jwks"], "where nobody signs in, nothing has to work");
    assert_eq!(shown.stdout.matches('✔').count(), 7);
}

#[tokio::test]
async fn doctor_says_what_is_wrong_with_a_folder_without_anything() {
    let folder = tempfile::tempdir().unwrap();

    let outcome = Program::new(folder.path(), &["doctor"]).run().await;

    assert_eq!(outcome.code, Some(1));
    for words in ["root-key new", "there is none yet", "HALLPASS_ISSUER"] {
        assert!(outcome.stdout.contains(words), "{words}: {outcome:?}");
    }
}

#[tokio::test]
async fn healthcheck_says_whether_a_server_is_ready() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::dev(folder.path()).start().await;
    let url = format!("http://{}", server.address);

    let by_url = Program::new(folder.path(), &["healthcheck", "--url", &url, "--json"]).run().await;
    let by_settings = Program::new(folder.path(), &["healthcheck"])
        .variable("HALLPASS_SERVER_LISTEN", &server.address.to_string())
        .run()
        .await;

    assert_eq!((by_url.code, by_settings.code), (Some(0), Some(0)), "{by_url:?}");
    assert_eq!(by_url.json()["checks"]["database"], "ok");
}
