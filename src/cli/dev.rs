//! `hallpass dev`: one command from a fresh clone to a verified token.

use std::net::{SocketAddr, TcpListener};

use clap::Args;
use hallpass_verifier::{Claims, Verifier};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::output::{Output, line_out};
use super::{Failure, Global, fetch, quiet, serve, token};
use crate::app::{Application, StartError};
use crate::clock::Clock;
use crate::config::{Secret, Settings};
use crate::credential::{Environment, random_text};
use crate::demo;
use crate::flow::{AppWish, Declined, Flows, KeyWish, ProviderWish, ResourceWish, RevokeWish, Vault, standing};
use crate::policy::admission::Admission;
use crate::policy::lifetime::Expiry;
use crate::policy::standing::Standing;
use crate::telemetry;

const APP: &str = "demo";
const RESOURCE: &str = "https://orders.example";
const SCOPES: [(&str, &str); 2] = [("orders:read", "See your orders"), ("orders:write", "Place and change orders")];
const PROVIDER: &str = "demo";
const WEB_APP: &str = "http://127.0.0.1:8090";
const CLI_APP: &str = "hallpass-cli";

/// Starts a server on this machine with a demo app, and shows a key become a token.
#[derive(Debug, Args)]
pub(super) struct Dev {
    /// Where to listen; port 0 is any. Loopback only.
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Ends after the demonstration instead of serving on.
    #[arg(long)]
    once: bool,
}

/// The key, the token it bought, and what a service would read in it.
struct Demonstration {
    key: String,
    reply: Value,
    claims: Claims,
}

impl Dev {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let settings = self.settings(global)?;
        let _log = telemetry::init_server_log(&quiet(&settings.log));
        let metrics = telemetry::init_metrics().map_err(Failure::error)?;
        Vault::new(&settings).make().map_err(Declined::from)?;
        let database = absolute(settings.database.url.reveal());
        let application = Application::build(settings, Clock::System, Some(metrics)).await?;
        let metrics_url = application.metrics_address().map(|address| format!("http://{address}/metrics"));
        let flows = application.flows();
        let provider = start_provider(&flows, application.address()).await?;
        let provider_issuer = provider.issuer().to_owned();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = actix_web::rt::spawn(application.run(async {
            let _ = stopped.await;
        }));
        let (stop_provider, provider_stopped) = tokio::sync::oneshot::channel::<()>();
        let provider = actix_web::rt::spawn(provider.run(async {
            let _ = provider_stopped.await;
        }));
        let asked_to_end = serve::stopped();
        let shown = async {
            let demonstration = demonstrate(&flows).await?;
            let around = Around { metrics_url, database, provider: provider_issuer };
            show(&flows, output, &demonstration, &around, self.once)
        };
        let outcome = shown.await;
        if outcome.is_ok() && !self.once {
            asked_to_end.await;
        }
        let _ = stop.send(());
        let _ = stop_provider.send(());
        provider.await.map_err(Failure::error)?.map_err(Failure::error)?;
        server.await.map_err(Failure::error)?.map_err(Failure::error)?;
        outcome
    }

    /// On loopback, where the issuer is the address itself. A `hallpass.toml` in this folder is for `serve`: the demo
    /// must not end up in a database that matters.
    fn settings(&self, global: &Global) -> Result<Settings, Failure> {
        let mut settings = global.settings_without_file()?;
        settings.server.listen = self.listen.unwrap_or(settings.server.listen);
        if !settings.server.listen.ip().is_loopback() {
            let words = "dev is for this machine alone: listen on a loopback address, or run `hallpass serve`";
            return Err(StartError::Unsafe(words.to_owned()).into());
        }
        settings.issuer = String::new();
        settings.tls = crate::config::Tls::default();
        // The demo provider is on this machine, and nothing else that a stranger could name is asked.
        settings.upstream.allowed_networks = vec!["127.0.0.0/8".to_owned(), "::1/128".to_owned()];
        settings.metrics.listen = SocketAddr::new(settings.server.listen.ip(), 0);
        if self.listen.is_none() && TcpListener::bind(settings.server.listen).is_err() {
            // Something else has the usual port; any other serves the demonstration as well.
            settings.server.listen.set_port(0);
        }
        Ok(settings)
    }
}

/// What is around the demonstration.
struct Around {
    metrics_url: Option<String>,
    database: String,
    provider: String,
}

/// Starts the demo provider beside the server, on the next port if that is free, and lets people sign in there.
async fn start_provider(flows: &Flows, server: SocketAddr) -> Result<demo::Provider, Failure> {
    let next = SocketAddr::new(server.ip(), server.port().wrapping_add(1));
    let any = SocketAddr::new(server.ip(), 0);
    let listener = TcpListener::bind(next).or_else(|_| TcpListener::bind(any)).map_err(Failure::error)?;
    let secret = Secret::from(random_text());
    let client = demo::Client {
        client_id: "hallpass".to_owned(),
        client_secret: secret.clone(),
        redirect_uris: vec![flows.callback(PROVIDER)],
        post_logout_redirect_uris: vec![],
    };
    let provider = demo::Provider::bind(listener, client, flows.clock().clone()).map_err(Failure::error)?;
    let wish = ProviderWish {
        title: Some("Demo provider".to_owned()),
        issuer: Some(provider.issuer().to_owned()),
        client_id: Some("hallpass".to_owned()),
        client_secret: Some(secret),
        scopes: Some(["openid", "profile", "email", "groups"].map(str::to_owned).to_vec()),
        admission: Some(Admission {
            roles: [("admins".to_owned(), vec!["admin".to_owned()])].into(),
            ..Admission::default()
        }),
        ..ProviderWish::default()
    };
    match flows.update_provider(PROVIDER, &wish).await {
        Err(Declined::NoSuch { .. }) => there(flows.create_provider(PROVIDER, &wish).await)?,
        outcome => drop(outcome?),
    }
    Ok(provider)
}

/// Finds or makes the demo resource and apps, revokes earlier demo keys, and makes a new one.
async fn prepare(flows: &Flows) -> Result<String, Failure> {
    let scopes = || SCOPES.map(|(scope, _)| scope.to_owned()).to_vec();
    if let Err(Declined::NoSuch { .. }) = flows.find_resource(RESOURCE).await {
        let wish = ResourceWish {
            name: Some("Orders (demo)".to_owned()),
            scopes: Some(scopes()),
            scope_words: Some(SCOPES.map(|(scope, words)| (scope.to_owned(), words.to_owned())).into()),
            claims: Some(["name", "email", "roles"].map(str::to_owned).to_vec()),
            ..ResourceWish::default()
        };
        there(flows.create_resource(RESOURCE, &wish).await)?;
    }
    let usual = || AppWish { scopes: Some(scopes()), resources: Some(vec![RESOURCE.to_owned()]), ..AppWish::default() };
    if let Err(Declined::NoSuch { .. }) = flows.find_app(APP).await {
        let wish = AppWish {
            name: Some("Demo".to_owned()),
            redirect_uris: Some(vec![format!("{WEB_APP}/callback")]),
            post_logout_redirect_uris: Some(vec![format!("{WEB_APP}/")]),
            home_uri: Some(Some(format!("{WEB_APP}/"))),
            allows_personal_keys: Some(true),
            ..usual()
        };
        there(flows.create_app(APP, &wish).await)?;
    }
    if let Err(Declined::NoSuch { .. }) = flows.find_app(CLI_APP).await {
        let wish = AppWish {
            name: Some("Hallpass command line".to_owned()),
            is_public: Some(true),
            redirect_uris: Some(vec!["http://127.0.0.1/callback".to_owned()]),
            ..usual()
        };
        there(flows.create_app(CLI_APP, &wish).await)?;
    }
    let now = flows.clock().now();
    for (old, _) in flows.list_keys(Some(APP)).await? {
        if old.name == APP && !matches!(standing(&old, now), Standing::Revoked { .. }) {
            let wish = RevokeWish { reason: "replaced by a new demo key".to_owned(), by: "dev".to_owned() };
            match flows.revoke_key(&old.id, &wish).await {
                // Another `dev` in this folder did it.
                Ok(()) | Err(Declined::Spent { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    let wish = KeyWish {
        client_id: APP.to_owned(),
        owner_id: None,
        name: APP.to_owned(),
        note: None,
        environment: Environment::Test,
        scopes: scopes(),
        resources: None,
        networks: vec![],
        rate_limit: None,
        expiry: Expiry::Default,
    };
    Ok(flows.create_key(&wish).await?.key.reveal(flows.prefix()))
}

/// Another `dev` that starts in the same moment may make it first.
fn there<T>(made: Result<T, Declined>) -> Result<(), Failure> {
    match made {
        Ok(_) | Err(Declined::Exists { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Makes a key and trades it. Another `dev` that starts in the same moment revokes it as an earlier one; then there is
/// another try.
async fn demonstrate(flows: &Flows) -> Result<Demonstration, Failure> {
    for _ in 0..8 {
        if let Some(demonstration) = trade(flows, prepare(flows).await?).await? {
            return Ok(demonstration);
        }
    }
    Err(Failure::error("the demo key was refused: does something else keep revoking it?"))
}

/// Trades the key over HTTP like anyone else, and verifies the token like any service; `None` when it was refused.
async fn trade(flows: &Flows, key: String) -> Result<Option<Demonstration>, Failure> {
    let issuer = flows.issuer();
    let client = fetch::client()?;
    let form = [("grant_type", "client_credentials")];
    let request = client.post(format!("{issuer}/oauth/token")).basic_auth(APP, Some(&key)).form(&form);
    let (status, reply) = fetch::send(request).await?;
    if status == StatusCode::UNAUTHORIZED {
        return Ok(None);
    }
    let token = reply["access_token"].as_str().ok_or_else(|| Failure::error(format!("no token: {status} {reply}")))?;
    let verifier = Verifier::builder(issuer).audience(RESOURCE).build().map_err(Failure::error)?;
    let claims = verifier.verify(token).await.map_err(Failure::error)?;
    Ok(Some(Demonstration { key, reply, claims }))
}

fn show(flows: &Flows, output: Output, shown: &Demonstration, around: &Around, once: bool) -> Result<(), Failure> {
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

/// The URL of a SQLite file, from wherever it is read.
fn absolute(url: &str) -> String {
    let path = url.strip_prefix("sqlite:").and_then(|path| std::path::absolute(path).ok());
    path.map_or_else(|| url.to_owned(), |path| format!("sqlite:{}", path.display()))
}
