//! `hallpass credential`: a token as other tools ask for it.

use serde_json::json;

use crate::support::{House, Key, ORDERS, Program, SHOP};

fn credential(house: &House, key: &Key, arguments: &[&str]) -> Program {
    let arguments = [&["credential"], arguments, &["--issuer", house.issuer()]].concat();
    Program::new(house.path(), &arguments).variable("HALLPASS_API_KEY", &key.text)
}

#[tokio::test]
async fn kube_prints_an_exec_credential_in_the_version_that_is_asked_for() {
    let (house, key) = House::with_shop().await;
    let kube = credential(&house, &key, &["kube", "--resource", ORDERS, "--scope", "orders:read"]);

    let usual = kube.clone().good().await.json();
    let beta = r#"{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential"}"#;
    let older = kube.clone().variable("KUBERNETES_EXEC_INFO", beta).good().await.json();
    let odd = kube.variable("KUBERNETES_EXEC_INFO", r#"{"apiVersion":"evil/v1"}"#).good().await.json();

    let claims = house.verify(usual["status"]["token"].as_str().unwrap(), ORDERS).await.unwrap();
    assert_eq!(
        (&*claims.client_id, claims.has_scope("orders:read"), claims.has_scope("orders:write")),
        (SHOP, true, false)
    );
    assert_eq!(
        (&usual["kind"], &usual["apiVersion"]),
        (&json!("ExecCredential"), &json!("client.authentication.k8s.io/v1"))
    );
    assert_eq!(older["apiVersion"], "client.authentication.k8s.io/v1beta1");
    assert_eq!(odd["apiVersion"], "client.authentication.k8s.io/v1");
    let ends = chrono::DateTime::parse_from_rfc3339(usual["status"]["expirationTimestamp"].as_str().unwrap()).unwrap();
    let left = ends.timestamp() - now();
    assert!((290..=300).contains(&left), "{left} s");
}

#[allow(clippy::disallowed_methods, reason = "the program under test goes by the machine's clock")]
fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

#[tokio::test]
async fn docker_gets_a_token_for_the_registries_that_were_named_and_for_no_other() {
    let (house, key) = House::with_shop().await;
    let docker = |action| credential(&house, &key, &["docker", "--registry", "r.example:5000", action]);

    for address in ["r.example:5000\n", "https://r.example:5000/v2/"] {
        let got = docker("get").input(address).good().await.json();
        assert_eq!((&got["ServerURL"], &got["Username"]), (&json!(address.trim()), &json!("hallpass")));
        assert!(house.verify(got["Secret"].as_str().unwrap(), ORDERS).await.is_ok());
    }
    for address in ["", "r.example", "evil.example", "http://r.example:5000", "https://r.example:5000@evil.example/"] {
        let refused = docker("get").input(address).run().await;
        assert_eq!(
            (refused.code, &*refused.stdout),
            (Some(6), "credentials not found in native keychain\n"),
            "{address}"
        );
    }
    let named = docker("get").argument("--username").argument("robot").input("r.example:5000").good().await;
    assert_eq!(named.json()["Username"], "robot");
    assert_eq!(docker("list").good().await.json(), json!({ "r.example:5000": "hallpass" }));
    assert_eq!(docker("erase").input("r.example:5000").good().await.stdout, "");
    assert_eq!(docker("store").input("{}").run().await.code, Some(2));
}

#[tokio::test]
async fn env_prints_lines_that_a_shell_takes() {
    let (house, key) = House::with_shop().await;
    let env = credential(&house, &key, &["env"]);

    let lines = env.clone().good().await.stdout;
    let script = format!("{lines}printf '%s %s' \"$HALLPASS_TOKEN\" \"$HALLPASS_TOKEN_EXPIRES_AT\"");
    let shell = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8(shell.stdout).unwrap();
    let (token, expires_at) = said.split_once(' ').unwrap();

    assert!(house.verify(token, ORDERS).await.is_ok());
    assert!(expires_at.parse::<i64>().unwrap() > now());
    let json = env.clone().argument("--json").good().await.json();
    assert!(json["HALLPASS_TOKEN"].as_str().unwrap().starts_with("eyJ"));
    let again = env.variable("HALLPASS_TOKEN", token).variable("HALLPASS_TOKEN_EXPIRES_AT", expires_at);
    again.good().await;
}

#[tokio::test]
async fn the_key_comes_from_a_file_too_and_what_goes_wrong_has_its_code() {
    let (house, key) = House::with_shop().await;
    let file = house.path().join("key");
    std::fs::write(&file, &key.text).unwrap();
    let file = file.display().to_string();
    let nobody = Key { id: String::new(), text: String::new() };
    let env = |issuer: &str| Program::new(house.path(), &["credential", "env", "--issuer", issuer]);

    credential(&house, &nobody, &["env", "--key-file", &file]).good().await;
    env(house.issuer()).variable("HALLPASS_API_KEY_FILE", &file).good().await;
    let without_key = env(house.issuer()).run().await;
    let missing = env(house.issuer()).argument("--key-file").argument("nowhere").run().await;
    let lacking = credential(&house, &key, &["env", "--scope", "nothing"]).run().await;
    house.revoke(&key).await;
    let revoked = credential(&house, &key, &["env"]).run().await;
    let in_the_open = env("http://id.example").variable("HALLPASS_API_KEY", &key.text).run().await;

    let codes = [&without_key, &missing, &lacking, &revoked, &in_the_open].map(|outcome| outcome.code);
    assert_eq!(codes, [Some(2), Some(2), Some(1), Some(4), Some(2)]);
    for outcome in [without_key, missing, lacking, revoked, in_the_open] {
        assert!(outcome.stdout.is_empty() && !outcome.stderr.contains(&key.text[25..57]), "{outcome:?}");
    }
}
