//! The numbers: the table, the sources that count them, and a server that tells them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use hallpass::telemetry::{Kind, METRICS};

use super::{Page, cell, code, root, table};
use crate::support::{Ask, House, Program, send};

#[test]
fn the_numbers_are_those_of_the_program() {
    let rows = METRICS.iter().map(|metric| {
        let labels: Vec<String> = metric.labels.iter().map(|label| code(label)).collect();
        [code(metric.name), metric.kind.as_str().to_owned(), labels.join(", "), cell(metric.help)]
    });

    Page::open("reference/metrics.md").with("metrics", &table(["metric", "kind", "labels", ""], rows)).hold();
}

/// The texts of all files below a folder.
fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(
            |path| if path.is_dir() { sources(&path) } else { vec![fs::read_to_string(path).unwrap_or_default()] },
        )
        .collect()
}

/// Where numbers are counted: `metrics::counter!("name", "label" => …)`, as kind, name and labels.
fn counted(text: &str, kind: &str) -> Vec<(String, BTreeSet<String>)> {
    let called = format!("metrics::{kind}!(");
    let calls = text.split(&called).skip(1);
    calls
        .filter_map(|call| {
            let (name, rest) = call.trim_start().strip_prefix('"')?.split_once('"')?;
            // The call's own brackets.
            let mut depth = 1;
            let end = rest.find(|char| {
                depth += match char {
                    '(' => 1,
                    ')' => -1,
                    _ => 0,
                };
                depth == 0
            });
            let mut parts: Vec<&str> = rest[..end?].split("=>").collect();
            // What stands behind the last arrow is a value.
            parts.pop();
            let labels = parts.iter().filter_map(|part| part.rsplit('"').nth(1)).map(str::to_owned).collect();
            Some((name.to_owned(), labels))
        })
        .collect()
}

#[test]
fn what_is_counted_is_in_the_table_and_what_is_in_the_table_is_counted() {
    let texts = sources(&root().join("src"));
    let mut found = BTreeMap::new();
    for kind in [Kind::Counter, Kind::Gauge, Kind::Histogram] {
        for (name, labels) in texts.iter().flat_map(|text| counted(text, kind.as_str())) {
            found.insert(name, (kind.as_str(), labels));
        }
    }

    let known: BTreeMap<String, (&str, BTreeSet<String>)> = METRICS
        .iter()
        .map(|metric| {
            let labels = metric.labels.iter().map(|label| (*label).to_owned()).collect();
            (metric.name.to_owned(), (metric.kind.as_str(), labels))
        })
        .collect();

    assert_eq!(found, known);
}

#[tokio::test]
async fn a_server_says_what_its_numbers_are_and_counts_from_zero() {
    let house = House::open().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;

    let numbers = send(server.metrics.unwrap(), &Ask::get("/metrics")).await;
    let numbers = numbers.text();

    assert!(numbers.contains("\nhallpass_refresh_reuse_total 0\n"), "{numbers}");
    for line in numbers.lines().filter_map(|line| line.strip_prefix("# HELP ")) {
        let (name, help) = line.split_once(' ').unwrap();
        let metric = METRICS.iter().find(|metric| metric.name == name).unwrap_or_else(|| panic!("{name} is told"));
        assert_eq!(metric.help, help);
    }
}

#[tokio::test]
async fn every_address_is_counted_by_its_name() {
    let house = House::open().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let addresses = [
        ("/oauth/token", "token"),
        ("/oauth/introspect", "introspect"),
        ("/oauth/revoke", "revoke"),
        ("/oauth/userinfo", "userinfo"),
        ("/oauth/authorize", "authorize"),
        ("/oauth/logout", "logout"),
        ("/login", "login"),
        ("/login/continue", "login"),
        ("/login/callback/acme", "login"),
        ("/login/logout/acme", "provider_logout"),
        ("/consent", "consent"),
        ("/account", "account"),
        ("/", "account"),
        ("/assets/none", "assets"),
        ("/errors/csrf", "errors"),
        ("/.well-known/jwks.json", "jwks"),
        ("/.well-known/openid-configuration", "metadata"),
        ("/livez", "health"),
        ("/nowhere", "none"),
    ];

    let page = fs::read_to_string(root().join("docs/reference/metrics.md")).unwrap();
    for (address, route) in addresses {
        let count = async || {
            let numbers = send(server.metrics.unwrap(), &Ask::get("/metrics")).await;
            let counter = format!("hallpass_http_requests_total{{route=\"{route}\"");
            let lines = numbers.text().lines().filter(|line| line.starts_with(&counter));
            lines.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum::<u64>()
        };
        let before = count().await;
        server.send(&Ask::get(address)).await;
        assert_eq!(count().await, before + 1, "{address} is {route}");
        assert!(page.contains(&code(route)), "{route} is in the page");
    }
}
