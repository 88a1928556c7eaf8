//! `hallpass dev`, `doctor` and `healthcheck`.

use std::io::{BufRead, BufReader};

use serde_json::json;

use crate::support::{Ask, Browser, ORDERS, Program, Token};

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
    let without_provider = doctor.clone().argument("--json").run().await;
    Program::new(folder.path(), &["providers", "enable", "demo"]).good().await;
    let ill = doctor.argument("--json").run().await;

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
    assert_eq!(checks(&without_provider, false), ["jwks"], "dev has switched its provider off");
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

#[tokio::test]
async fn healthcheck_waits_for_a_server_that_is_about_to_be_ready() {
    let folder = tempfile::tempdir().unwrap();
    // The port of a server that was just here.
    let server = Program::dev(folder.path()).start().await;
    let listen = server.address.to_string();
    server.kill();
    let url = format!("http://{listen}");
    let check = |wait| Program::new(folder.path(), &["healthcheck", "--url", &url, "--wait", wait]);

    assert_eq!(check("0s").run().await.code, Some(7), "nobody is there");
    let patient = check("60s");
    let waits = tokio::spawn(async move { patient.run().await });
    let server = Program::new(folder.path(), &["dev", "--json", "--listen", &listen]).start().await;

    assert_eq!(waits.await.unwrap().code, Some(0));
    drop(server);
}

#[tokio::test]
async fn dev_names_a_provider_that_is_up_its_people_and_the_apps_they_can_sign_in_to() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::dev(folder.path()).start().await;
    let ready = &server.ready;

    let issuer = ready["provider"]["issuer"].as_str().unwrap();
    let address = issuer.trim_start_matches("http://").parse().unwrap();
    let metadata = crate::support::send(address, &Ask::get("/.well-known/openid-configuration")).await;
    let unasked = crate::support::send(address, &Ask::get("/.well-known/nothing")).await;

    assert_eq!((metadata.status, &metadata.json()["issuer"], unasked.status), (200, &json!(issuer), 404));
    assert_eq!(ready["provider"]["name"], "demo");
    let people = ready["provider"]["people"].as_array().unwrap();
    assert!(people.len() > 1, "there is a choice: {ready}");
    for person in people {
        let mut members: Vec<&String> = person.as_object().unwrap().keys().collect();
        members.sort();
        assert_eq!(members, ["email", "email_verified", "groups", "name", "sub"]);
        for text in ["sub", "name"] {
            assert!(person[text].as_str().is_some_and(|text| !text.is_empty()), "{text}: {person}");
        }
        let email = person["email"].as_str();
        assert!(email.map_or(person["email"].is_null(), |email| email.contains('@')), "{person}");
        assert!(person["email_verified"].as_bool().is_some_and(|is| email.is_some() || !is), "{person}");
        assert!(person["groups"].as_array().unwrap().iter().all(serde_json::Value::is_string), "{person}");
    }
    let mut subjects: Vec<&str> = people.iter().map(|person| person["sub"].as_str().unwrap()).collect();
    subjects.sort_unstable();
    subjects.dedup();
    assert_eq!(subjects.len(), people.len());
    let apps = json!([
        { "client_id": "demo", "key": ready["key"], "redirect_uris": ["http://127.0.0.1:8090/callback"] },
        { "client_id": "hallpass-cli", "key": null, "redirect_uris": ["http://127.0.0.1/callback"] },
    ]);
    assert_eq!(ready["apps"], apps);
    for app in apps.as_array().unwrap() {
        let name = app["client_id"].as_str().unwrap();
        let shown = Program::new(folder.path(), &["apps", "show", name, "--json"]).good().await.json();
        assert_eq!((&shown["redirect_uris"], &shown["public"]), (&app["redirect_uris"], &json!(app["key"].is_null())));
    }
}

#[tokio::test]
async fn dev_shows_a_person_where_to_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Program::new(folder.path(), &["dev", "--listen", "127.0.0.1:0"]).spawn();
    let output = child.stdout.take().unwrap();
    // The rest is left in the pipe: who can't write it out would end.
    let (link, _output) = tokio::task::spawn_blocking(move || {
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let mut after = lines.by_ref().skip_while(|line| !line.starts_with("Sign in")).skip(1);
        (after.find(|line| !line.trim().is_empty()).expect("a link below the words"), lines)
    })
    .await
    .unwrap();

    let url = url::Url::parse(link.trim()).unwrap();
    let address = url.socket_addrs(|| None).unwrap()[0];
    let account = crate::support::send(address, &Ask::get(url.path())).await;
    let origin = url.origin().ascii_serialization();
    let page = Browser::at(address, &origin).get(account.location()).await;
    let _ = child.kill();
    let _ = child.wait();

    assert_eq!((url.path(), account.status), ("/account", 303));
    assert_eq!(account.location(), format!("{origin}/login"));
    assert!(page.text().contains("Demo provider"), "{page:?}");
}

#[tokio::test]
async fn serve_on_the_data_of_dev_signs_nobody_in_at_its_demo_provider() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Program::dev(folder.path()).start().await;
    let database = dev.ready["database"].as_str().unwrap().to_owned();
    let serve = Program::serve(folder.path()).variable("HALLPASS_DATABASE_URL", &database).start().await;
    let issuer = dev.ready["issuer"].as_str().unwrap().to_owned();

    let mut replies = Vec::new();
    for (address, origin) in [(serve.address, "http://localhost"), (dev.address, issuer.as_str())] {
        let mut browser = Browser::at(address, origin);
        let page = browser.get("/login").await;
        assert!(page.text().contains("Demo provider"), "{page:?}");
        replies.push(browser.submit(&page, "/login", &[("provider", "demo")]).await);
    }

    assert_eq!(replies[0].stop(), (502, "provider_error".to_owned()), "anybody can be anybody there");
    assert!(serve.output().contains("upstream.allowed_networks"), "the log says why: {}", serve.output());
    let provider = dev.ready["provider"]["issuer"].as_str().unwrap();
    assert!(replies[1].location().starts_with(provider), "dev itself goes on: {:?}", replies[1]);
}

#[tokio::test]
async fn whoever_finds_the_usual_port_taken_demonstrates_on_another() {
    let folders = [(); 4].map(|()| tempfile::tempdir().unwrap());

    let run = |folder: &tempfile::TempDir| {
        let dev = Program::new(folder.path(), &["dev", "--json", "--once"]);
        tokio::spawn(async move { dev.run().await })
    };
    for demonstration in folders.each_ref().map(run) {
        let outcome = demonstration.await.unwrap();
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}
