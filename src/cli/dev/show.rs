//! What `hallpass dev` prints.

use serde_json::{Value, json};

use super::demonstration::Demonstration;
use super::{APP, CLI_APP, PROVIDER, RESOURCE, WEB_APP};
use crate::cli::output::{Output, line_out};
use crate::cli::{Failure, token};
use crate::demo;
use crate::flow::Flows;

/// What is around the demonstration.
pub(super) struct Around {
    pub(super) metrics_url: Option<String>,
    pub(super) database: String,
    pub(super) provider: String,
}

pub(super) fn show(
    flows: &Flows,
    output: Output,
    shown: &Demonstration,
    around: &Around,
    once: bool,
) -> Result<(), Failure> {
    let Demonstration { key, reply, claims } = shown;
    let issuer = flows.issuer();
    let token = reply["access_token"].as_str().unwrap_or_default();
    if output.is_json() {
        let line = json!({
            "issuer": issuer,
            "client_id": APP,
            "key": key,
            "resource": RESOURCE,
            "scope": reply["scope"],
            "access_token": token,
            "claims": claims,
            "metrics_url": around.metrics_url,
            "database": around.database,
            "provider": { "name": PROVIDER, "issuer": around.provider, "people": people() },
            "apps": apps(key),
        });
        return line_out(&line.to_string());
    }
    let left = claims.exp.as_seconds() - flows.clock().now();
    let header = token::header(token);
    let claims = serde_json::to_string_pretty(claims).unwrap_or_default();
    line_out(&format!(
        "Hallpass listens at {issuer}

An app's key, shown this once:

  {key}

became a token, and the token was verified with nothing but the published keys:

  header  {header}
  claims  {claims}

  {left} seconds left; the key lives on.

The same by hand, in each way to show a key:

  KEY={key}
  curl {issuer}/oauth/token -u \"{APP}:$KEY\" -d grant_type=client_credentials
  curl {issuer}/oauth/token -d grant_type=client_credentials -d client_id={APP} -d client_secret=\"$KEY\"
  curl {issuer}/oauth/token -H \"Authorization: Bearer $KEY\" -d grant_type=client_credentials
  curl {issuer}/oauth/token -H \"X-API-Key: $KEY\" -d grant_type=client_credentials",
        claims = claims.replace('\n', "\n          "),
    ))?;
    if once {
        return Ok(());
    }
    line_out(&format!(
        "
Sign in as one of the demo people, and see your account:

  {issuer}/account

Next: a service that verifies it, in another terminal:

  ISSUER={issuer} AUDIENCE={RESOURCE} LISTEN=127.0.0.1:9000 \\
    cargo run --release -p hallpass-verifier --features actix --example service

And an app that signs people in and calls that service, in a third:

  ISSUER={issuer} CLIENT_ID={APP} KEY={key} SERVICE=http://127.0.0.1:9000 \\
    cargo run --release --example web_app

Provider: {provider}    Numbers: {}    Keys: hallpass keys list    Stop: Ctrl-C",
        around.metrics_url.as_deref().unwrap_or("-"),
        provider = around.provider,
    ))
}

/// Who can be chosen at the demo provider.
fn people() -> Vec<Value> {
    let person = |person: &demo::Person| {
        json!({
            "sub": person.sub,
            "name": person.name,
            "email": person.email,
            "email_verified": person.is_email_verified,
            "groups": person.groups,
        })
    };
    demo::people().iter().map(person).collect()
}

/// The apps that people can sign in to.
fn apps(key: &str) -> Value {
    json!([
        { "client_id": APP, "key": key, "redirect_uris": [format!("{WEB_APP}/callback")] },
        { "client_id": CLI_APP, "key": null, "redirect_uris": ["http://127.0.0.1/callback"] },
    ])
}
