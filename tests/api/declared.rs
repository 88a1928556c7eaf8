//! Apps, resources and providers that `hallpass.toml` declares.

use std::path::Path;

use hallpass::config::{DeclaredApp, DeclaredProvider, DeclaredResource, Settings};
use hallpass::flow::{Declined, Difference, Verb};
use serde_json::{Value, json};

use crate::support::{BILLING, House, ORDERS, Program, SHOP, owned, settings_in};

const FILE: &str = r#"
[[resources]]
identifier = "https://orders.example"
name = "Orders"
scopes = ["orders:read", "orders:write"]
token_lifetime = "10m"

[[resources]]
identifier = "https://billing.example"
scopes = ["billing:read"]
profile = "modern"

[[apps]]
client_id = "shop"
scopes = ["orders:read", "billing:read"]
resources = ["https://orders.example", "https://billing.example"]
default_resource = "https://orders.example"
"#;

const PROVIDER: &str = r#"
[[providers]]
name = "acme"
title = "Acme"
issuer = "https://id.acme.example"
client_id = "hallpass"
client_secret_env = "HALLPASS_ACME_SECRET"
claims = { email = "mail" }
allowed_domains = ["acme.example"]
roles = { admins = ["owner"] }
"#;

fn write(folder: &Path, text: &str) {
    std::fs::write(folder.join("hallpass.toml"), text).unwrap();
}

fn summary(differences: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let differences = differences.as_array().unwrap().iter();
    differences.map(|difference| (text(&difference["verb"]), text(&difference["name"]))).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
}

#[tokio::test]
async fn what_is_declared_is_made_once() {
    let house = House::open().await;
    write(house.path(), FILE);
    let apply = Program::beside(&house, &["apply", "--json"]);

    let dry = apply.clone().argument("--dry-run").good().await.json();
    assert_eq!(house.flows.list_resources().await.unwrap(), [], "a dry run changes nothing");
    let first = apply.good().await.json();
    let second = apply.good().await.json();

    let all = pairs(&[("create", ORDERS), ("create", BILLING), ("create", SHOP)]);
    assert_eq!((summary(&dry), summary(&first), second), (all.clone(), all, json!([])));
    let app = house.flows.find_app(SHOP).await.unwrap();
    assert_eq!((&*app.scopes, app.default_resource.as_deref()), ("orders:read billing:read", Some(ORDERS)));
    assert!(app.is_declared);
    assert_eq!(house.flows.find_resource(ORDERS).await.unwrap().token_lifetime, 600);
    assert_eq!(house.flows.find_resource(BILLING).await.unwrap().profile, "modern");
    let key = house.key(SHOP, &["orders:read"]).await;
    assert_eq!(house.exchange(&key, &[]).await.json()["expires_in"], 600);
}

#[tokio::test]
async fn a_difference_is_printed_field_by_field_and_then_applied() {
    let house = House::open().await;
    write(house.path(), FILE);
    Program::beside(&house, &["apply"]).good().await;
    write(
        house.path(),
        &FILE.replace("\"10m\"", "\"5m\"").replace("\"orders:read\", \"billing:read\"", "\"orders:read\""),
    );
    let apply = Program::beside(&house, &["apply"]);

    let dry = apply.clone().argument("--dry-run").good().await.stdout;
    let json = apply.clone().argument("--dry-run").argument("--json").good().await.json();
    assert_eq!(house.flows.find_resource(ORDERS).await.unwrap().token_lifetime, 600, "a dry run changes nothing");
    let done = apply.good().await.stdout;
    let again = apply.good().await;

    assert_eq!(dry, done);
    assert!(
        dry.contains("~ resource https://orders.example") && dry.contains("token_lifetime: 600 s → 300 s"),
        "{dry}"
    );
    assert!(dry.contains("~ app shop") && dry.contains("scopes: orders:read billing:read → orders:read"), "{dry}");
    assert_eq!(json[0]["fields"], json!([{ "field": "token_lifetime", "old": "600 s", "new": "300 s" }]));
    assert_eq!(house.flows.find_resource(ORDERS).await.unwrap().token_lifetime, 300);
    assert_eq!(&*again.stdout, "");
    assert!(again.stderr.contains("nothing to do"));
}

#[tokio::test]
async fn what_is_no_longer_declared_stays_and_is_the_command_lines_again() {
    let house = House::open().await;
    write(house.path(), FILE);
    Program::beside(&house, &["apply"]).good().await;
    write(house.path(), "");
    let apply = Program::beside(&house, &["apply", "--json"]);

    let dry = apply.clone().argument("--dry-run").good().await.json();
    let first = apply.good().await.json();
    let second = apply.good().await.json();

    let all = pairs(&[("release", BILLING), ("release", ORDERS), ("release", SHOP)]);
    assert_eq!((summary(&dry).len(), summary(&first)), (3, all));
    assert_eq!(second, json!([]));
    assert!(!house.flows.find_app(SHOP).await.unwrap().is_declared);
}

#[tokio::test]
async fn a_server_applies_what_is_declared_when_it_starts() {
    let declare = |settings: &mut Settings| {
        settings.resources = vec![DeclaredResource {
            identifier: ORDERS.to_owned(),
            scopes: owned(&["orders:read"]),
            ..DeclaredResource::default()
        }];
        settings.apps = vec![DeclaredApp {
            client_id: SHOP.to_owned(),
            scopes: owned(&["orders:read"]),
            resources: owned(&[ORDERS]),
            ..DeclaredApp::default()
        }];
    };
    let house = House::with(declare).await;

    let key = house.key(SHOP, &["orders:read"]).await;
    let house = house.restart().await;

    assert_eq!(house.exchange(&key, &[]).await.status, 200);
    assert_eq!(house.flows.list_apps().await.unwrap().len(), 1);
}

#[tokio::test]
async fn several_servers_that_start_at_once_agree_on_what_is_declared() {
    let house = House::open().await;
    let mut settings = settings_in(house.path());
    settings.resources =
        vec![DeclaredResource { identifier: ORDERS.to_owned(), scopes: vec![], ..DeclaredResource::default() }];
    let other = house.beside().await;

    let (here, there) =
        tokio::join!(house.flows.apply_declared(&settings, false), other.flows.apply_declared(&settings, false));

    assert!(here.is_ok() && there.is_ok(), "{here:?} {there:?}");
    let made = |outcome: &Result<Vec<Difference>, Declined>| {
        outcome.as_ref().is_ok_and(|differences| differences.iter().any(|difference| difference.verb == Verb::Create))
    };
    assert!(made(&here) || made(&there));
    assert_eq!(house.flows.list_resources().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_declaration_that_can_not_be_is_refused_with_the_right_name() {
    let house = House::open().await;

    for (text, code, words) in [
        (FILE.replace(", \"https://billing.example\"]", ", \"https://biling.example\"]"), 6, "https://billing.example"),
        (FILE.replace("\"modern\"", "\"moderm\""), 6, "modern"),
        (FILE.replace("\"10m\"", "\"10\""), 2, "90d"),
        (FILE.replace("\"10m\"", "\"2h\""), 2, "1h"),
        (FILE.replace("scopes = [\"billing:read\"]", "scope = [\"billing:read\"]"), 2, "scopes"),
        (FILE.replace("\"shop\"", "\"The Shop\""), 2, "client_id"),
        ("[[resource]]\nidentifier = 'x'".to_owned(), 2, "resources"),
        ("[[apps]\n".to_owned(), 2, "hallpass.toml"),
    ] {
        write(house.path(), &text);
        let outcome = Program::beside(&house, &["apply", "--dry-run"]).run().await;

        assert_eq!(outcome.code, Some(code), "{text}: {outcome:?}");
        assert!(outcome.stderr.contains(words), "{words}: {outcome:?}");
    }
    assert_eq!(house.flows.list_resources().await.unwrap(), []);
}

#[tokio::test]
async fn a_provider_is_made_once_with_its_secret_from_the_environment() {
    let house = House::open().await;
    write(house.path(), PROVIDER);
    let apply = Program::beside(&house, &["apply", "--json"]).variable("HALLPASS_ACME_SECRET", "hush");

    let dry = apply.clone().argument("--dry-run").good().await.json();
    assert_eq!(house.flows.list_providers().await.unwrap(), [], "a dry run changes nothing");
    let first = apply.good().await.json();
    let made = house.flows.find_provider("acme").await.unwrap();
    let second = apply.good().await.json();

    let all = pairs(&[("create", "acme")]);
    assert_eq!((summary(&dry), summary(&first), second), (all.clone(), all, json!([])));
    assert!(made.is_declared && made.sealed_secret.is_some());
    assert_eq!(house.flows.find_provider("acme").await.unwrap(), made, "not even sealed anew");
    let shown = Program::beside(&house, &["providers", "show", "acme", "--json"]).good().await.json();
    assert_eq!((&shown["claims"]["email"], &shown["roles"]), (&json!("mail"), &json!({ "admins": ["owner"] })));
}

#[tokio::test]
async fn a_secret_that_changed_is_a_difference_that_nobody_can_read() {
    let house = House::open().await;
    let file = house.path().join("secret");
    std::fs::write(&file, "hush-1\n").unwrap();
    let from_file = PROVIDER.replace("env = \"HALLPASS_ACME_SECRET\"", &format!("file = \"{}\"", file.display()));
    write(house.path(), &from_file.replace("title = \"Acme\"", ""));
    let apply = Program::beside(&house, &["apply"]);
    apply.good().await;
    std::fs::write(&file, "hush-2\n").unwrap();
    write(house.path(), &from_file.replace("[\"owner\"]", "[\"owner\", \"staff\"]"));

    let dry = apply.clone().argument("--dry-run").good().await.stdout;
    let done = apply.good().await.stdout;
    let again = apply.good().await;

    for words in
        ["~ provider acme", "title: acme → Acme", "roles: admins=owner → admins=owner,staff", "client_secret: ***"]
    {
        assert!(dry.contains(words), "{words}: {dry}");
    }
    assert!(dry == done && !dry.contains("hush"), "{dry}");
    assert!(again.stderr.contains("nothing to do"), "{again:?}");
}

#[tokio::test]
async fn a_secret_of_the_command_line_stays_where_the_file_names_none() {
    let house = House::open().await;
    write(house.path(), &PROVIDER.replace("client_secret_env = \"HALLPASS_ACME_SECRET\"", ""));
    let apply = Program::beside(&house, &["apply", "--json"]);
    apply.good().await;
    let update = Program::beside(&house, &["providers", "update", "acme", "--client-secret-file", "-"]);
    update.input("hush").good().await;
    Program::beside(&house, &["providers", "disable", "acme"]).good().await;

    let again = apply.good().await.json();

    let kept = house.flows.find_provider("acme").await.unwrap();
    assert_eq!(again, json!([]));
    assert!(kept.sealed_secret.is_some() && kept.disabled_at.is_some(), "what was switched off stays off, too");
}

#[tokio::test]
async fn a_provider_that_is_no_longer_declared_stays() {
    let house = House::open().await;
    write(house.path(), PROVIDER);
    Program::beside(&house, &["apply"]).variable("HALLPASS_ACME_SECRET", "hush").good().await;
    write(house.path(), "");
    let apply = Program::beside(&house, &["apply", "--json"]);

    let first = apply.good().await.json();
    let second = apply.good().await.json();

    assert_eq!((summary(&first), second), (pairs(&[("release", "acme")]), json!([])));
    let left = house.flows.find_provider("acme").await.unwrap();
    assert!(!left.is_declared && left.sealed_secret.is_some());
}

#[tokio::test]
async fn a_provider_that_can_not_be_is_refused_before_anything_is_done() {
    let house = House::open().await;
    let secret = "client_secret_env = \"HALLPASS_ACME_SECRET\"";

    for (text, code, words) in [
        (PROVIDER.to_owned(), 2, "no variable HALLPASS_ACME_SECRET"),
        (PROVIDER.replace(secret, "client_secret = \"hush\""), 2, "set client_secret_file"),
        (PROVIDER.replace(secret, "client_secret_file = \"nowhere\""), 2, "nowhere"),
        (PROVIDER.replace(secret, &format!("{secret}\nclient_secret_file = \"x\"")), 2, "not both"),
        (PROVIDER.replace(secret, "preset = \"gogle\""), 6, "google"),
        (PROVIDER.replace(secret, "").replace("https://id.acme", "http://id.acme"), 2, "https address"),
        (PROVIDER.replace(secret, "").replace("issuer = \"https://id.acme.example\"", ""), 2, "say its issuer"),
        (PROVIDER.replace(secret, "").replace("{ email", "{ mail"), 2, "preferred_username"),
        (PROVIDER.replace(secret, "").replace("[\"acme.example\"]", "[\"@acme.example\"]"), 2, "no domain"),
        (PROVIDER.replace(secret, "").replace("roles =", "role ="), 2, "roles"),
        (PROVIDER.replace(secret, "").repeat(2), 1, "`acme` already"),
        (PROVIDER.replace("[[providers]]", "[[provider]]"), 2, "providers"),
    ] {
        write(house.path(), &format!("{text}\n[[resources]]\nidentifier = \"https://orders.example\""));
        let outcome = Program::beside(&house, &["apply"]).run().await;

        assert_eq!(outcome.code, Some(code), "{text}: {outcome:?}");
        assert!(outcome.stderr.contains(words) && !outcome.stderr.contains("hush"), "{words}: {outcome:?}");
    }
    assert_eq!(house.flows.list_resources().await.unwrap(), []);
}

#[tokio::test]
async fn a_server_starts_while_its_providers_are_away() {
    let house = House::with(|settings| {
        settings.providers = vec![DeclaredProvider {
            name: "away".to_owned(),
            issuer: Some("https://nowhere.invalid".to_owned()),
            client_id: "hallpass".to_owned(),
            ..DeclaredProvider::default()
        }];
    })
    .await;

    let house = house.restart().await;

    assert!(house.flows.find_provider("away").await.unwrap().is_declared);
}
