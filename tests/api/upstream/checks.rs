//! A provider looked over: what an operator learns without signing in.

use hallpass::upstream::{Finding, Preset};
use serde_json::json;

use super::{REDIRECT_URI, Room};
use crate::support::Served;

impl Room {
    async fn findings(&self) -> Vec<Finding> {
        self.upstream.check(&self.description, REDIRECT_URI, self.clock.now()).await
    }

    /// The names of what is wrong.
    async fn wrong(&self) -> Vec<&'static str> {
        self.findings()
            .await
            .into_iter()
            .filter(|finding| finding.outcome.is_err())
            .map(|finding| finding.name)
            .collect()
    }
}

#[tokio::test]
async fn a_good_provider_has_nothing_wrong() {
    let room = Room::open().await;

    let findings = room.findings().await;

    let names: Vec<&str> = findings.iter().map(|finding| finding.name).collect();
    assert_eq!(names, ["settings", "discovery", "clock", "metadata", "pkce", "algorithms", "scopes", "keys", "client"]);
    assert!(findings.iter().all(|finding| finding.outcome.is_ok()), "{findings:?}");
    assert_eq!(findings[8].outcome, Ok("the client id and its secret are accepted".to_owned()));
    assert_eq!(findings[2].outcome, Ok("can't be told: the answer has no date".to_owned()));
}

#[tokio::test]
async fn a_scope_that_is_not_announced_is_named_and_no_fault() {
    let room = Room::open().await;
    room.provider.says("metadata", "scopes_supported", json!(["openid", "profile"]));

    let findings = room.findings().await;

    let scopes = findings.iter().find(|finding| finding.name == "scopes").unwrap();
    assert_eq!(scopes.outcome, Ok("not announced, and may be refused: email".to_owned()));
    assert!(room.wrong().await.is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let mut room = Room::open().await;

    room.provider.says("metadata", "issuer", "https://other.example");
    assert_eq!(room.wrong().await, ["metadata"]);
    room.provider.says("metadata", "code_challenge_methods_supported", json!(["plain"]));
    assert_eq!(room.wrong().await, ["pkce"]);
    room.provider.says("metadata", "id_token_signing_alg_values_supported", json!(["HS256", "none"]));
    assert_eq!(room.wrong().await, ["algorithms"]);
    room.provider.behaves();
    room.provider.says("jwks", "keys", json!([{ "kty": "oct", "k": "AA" }]));
    assert_eq!(room.wrong().await, ["keys"]);
    room.provider.behaves();
    room.provider.answers("/jwks", Served::status(500));
    assert_eq!(room.wrong().await, ["keys"]);
    room.provider.behaves();
    room.provider.answers("/.well-known/openid-configuration", Served::status(404));
    assert_eq!(room.wrong().await, ["discovery"]);
    room.provider.behaves();
    room.description.client_secret = Some("wrong".to_owned().into());
    assert_eq!(room.wrong().await, ["client"]);
    room.description.issuer = "http://id.example".to_owned();
    assert_eq!(room.wrong().await, ["settings"]);
}

#[tokio::test]
async fn a_clock_that_is_far_off_is_told() {
    let room = Room::open().await;
    let metadata = room.provider.state().metadata().to_string().into_bytes();

    for (date, wrong) in [("Fri, 15 Jan 2027 08:00:20 GMT", vec![]), ("Fri, 15 Jan 2027 08:01:00 GMT", vec!["clock"])] {
        let served = Served::Full(200, vec![format!("Date: {date}")], metadata.clone());
        room.provider.answers("/.well-known/openid-configuration", served);
        assert_eq!(room.wrong().await, wrong, "{date}");
    }
}

#[tokio::test]
async fn github_knows_us_or_not() {
    let mut room = Room::with(Preset::GitHub).await;

    assert_eq!(room.wrong().await, [""; 0]);
    room.description.client_secret = Some("wrong".to_owned().into());
    assert_eq!(room.wrong().await, ["client"]);
}

#[tokio::test]
async fn a_provider_that_hangs_is_told_with_where_it_does() {
    let hanging = async |path: &str| {
        let room = Room::open().await;
        room.provider.answers(path, Served::Hangs);
        let findings = room.findings().await;
        findings.into_iter().find(|finding| finding.outcome.is_err())
    };

    let (metadata, keys, token) =
        tokio::join!(hanging("/.well-known/openid-configuration"), hanging("/jwks"), hanging("/token"));

    for (finding, name) in [(metadata, "discovery"), (keys, "keys"), (token, "client")] {
        let Some(Finding { name: own, outcome: Err(words) }) = finding else { panic!("{name} is not wrong") };
        assert_eq!(own, name, "{words}");
        assert!(words.contains("too slow") || words.contains("no answer within"), "{name}: {words}");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_told_with_what_should_be_there() {
    let mut room = Room::open().await;

    for (member, name) in [("jwks_uri", "keys"), ("token_endpoint", "client")] {
        room.provider.says("metadata", member, "http://127.0.0.1:1/");
        assert_eq!(room.wrong().await, [name]);
    }
    room.provider.behaves();
    room.description.issuer = "http://127.0.0.1:1".to_owned();
    let findings = room.findings().await;

    let [_, Finding { name: "discovery", outcome: Err(words) }] = &findings[..] else { panic!("{findings:?}") };
    assert!(words.contains("can't be reached"), "{words}");
}
