//! Verifiers that others wrote accept our tokens by discovery, unchanged, under each profile.

use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::{Beside, installed, is_there, source};
use crate::support::{Program, SHOP, Server};

const PROFILES: [(&str, &str); 3] = [("standard", "at+jwt"), ("compat", "JWT"), ("modern", "at+jwt")];

/// A server at the address it names itself, with a resource of each profile and a key for all of them.
async fn open(folder: &Path) -> (Server, String) {
    let server = Program::dev(folder).start().await;
    let run = async |arguments: &[&str]| Program::new(folder, arguments).good().await.stdout;
    let mut app = vec!["apps".to_owned(), "create".to_owned(), SHOP.to_owned(), "--scope=a:b".to_owned()];
    for (profile, _) in PROFILES {
        let resource = format!("https://{profile}.example");
        run(&["resources", "create", &resource, "--profile", profile, "--scope", "a:b"]).await;
        app.push(format!("--resource={resource}"));
    }
    run(&app.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let key = run(&["keys", "create", SHOP, "--name", "strangers", "--scope", "a:b"]).await;
    (server, key.trim().to_owned())
}

/// A token for `resource`, by curl, the key shown as `way` says.
async fn by_curl(issuer: &str, resource: &str, way: &[String]) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--fail-with-body", "--max-time", "20"])
        .arg(format!("{issuer}/oauth/token"))
        .args(["-d", "grant_type=client_credentials", "--data-urlencode", &format!("resource={resource}")])
        .args(way)
        .output()
        .await
        .expect("curl");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn ways(key: &str) -> [Vec<String>; 4] {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    [
        owned(&["-u", &format!("{SHOP}:{key}")]),
        owned(&["-d", &format!("client_id={SHOP}"), "-d", &format!("client_secret={key}")]),
        owned(&["-H", &format!("Authorization: Bearer {key}")]),
        owned(&["-H", &format!("X-API-Key: {key}")]),
    ]
}

/// Hands tokens to a stranger, one a line; its answer is their claims, one a line.
async fn ask(stranger: &mut Command, tokens: &[String]) -> Vec<Value> {
    let mut child =
        stranger.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a stranger");
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("{}\n", tokens.join("\n")).as_bytes()).await.unwrap();
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn all_tokens_are_accepted(stranger: impl Fn() -> Command) {
    let folder = tempfile::tempdir().unwrap();
    let (server, key) = open(folder.path()).await;
    let issuer = server.ready["issuer"].as_str().unwrap();
    for (profile, typ) in PROFILES {
        let resource = format!("https://{profile}.example");
        let mut tokens = Vec::new();
        for way in ways(&key) {
            tokens.push(by_curl(issuer, &resource, &way).await);
        }

        let claims = ask(stranger().args([issuer, &resource, typ]), &tokens).await;

        assert_eq!(claims.len(), 4, "{profile}: each way to show a key");
        for claims in claims {
            assert_eq!((&claims["client_id"], &claims["aud"]), (&SHOP.into(), &resource.clone().into()));
        }
    }
}

#[tokio::test]
async fn pyjwt_accepts_a_token_of_each_profile_for_a_key_shown_by_curl_in_each_way() {
    let python = installed().join("venv/bin/python");
    if !is_there(&python) {
        return;
    }
    let script = source("verify.py");

    all_tokens_are_accepted(|| {
        let mut command = Command::new(&python);
        command.arg(&script);
        command
    })
    .await;
}

#[tokio::test]
async fn jose_accepts_a_token_of_each_profile_for_a_key_shown_by_curl_in_each_way() {
    if !is_there(&installed().join("node_modules/jose")) {
        return;
    }
    let script = Beside::packages("verify.mjs");

    all_tokens_are_accepted(|| {
        let mut command = Command::new("node");
        command.arg(&script.0);
        command
    })
    .await;
}
