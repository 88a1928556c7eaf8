//! `hallpass dev`: one command from a fresh clone to a verified token.

mod demonstration;
mod show;

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use clap::Args;
use metrics_exporter_prometheus::PrometheusHandle;

use super::output::Output;
use super::{Failure, Global, quiet, serve};
use crate::app::{Application, StartError};
use crate::clock::Clock;
use crate::config::{Secret, Settings};
use crate::credential::random_text;
use crate::demo;
use crate::flow::{Declined, Flows, ProviderWish, Vault};
use crate::policy::admission::Admission;
use crate::telemetry;
use demonstration::{demonstrate, furnish};
use show::{Around, show};

const APP: &str = "demo";
const RESOURCE: &str = "https://orders.example";
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

impl Dev {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let settings = self.settings(global)?;
        let _log = telemetry::init_server_log(&quiet(&settings.log));
        let metrics = telemetry::init_metrics().map_err(Failure::error)?;
        let vault = Vault::new(&settings);
        vault.make().map_err(Declined::from)?;
        let database = absolute(settings.database.url.reveal());
        let application = self.build(settings, metrics).await?;
        let metrics_url = application.metrics_address().map(|address| format!("http://{address}/metrics"));
        let flows = application.flows();
        let provider = start_provider(&flows, application.address()).await?;
        let provider_issuer = provider.issuer().to_owned();
        // Before anybody is answered: who sees that the server is there finds the app there too.
        furnish(&flows).await?;
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
            let demonstration = demonstrate(&flows, vault).await?;
            let around = Around { metrics_url, database, provider: provider_issuer.clone() };
            show(&flows, output, &demonstration, &around, self.once)
        };
        let outcome = shown.await;
        if outcome.is_ok() && !self.once {
            asked_to_end.await;
        }
        let unoffered = stop_offering(&flows, &provider_issuer).await;
        let _ = stop.send(());
        let _ = stop_provider.send(());
        provider.await.map_err(Failure::error)?.map_err(Failure::error)?;
        server.await.map_err(Failure::error)?.map_err(Failure::error)?;
        outcome.and(unoffered)
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
        Ok(settings)
    }

    /// Where something else has the usual port, maybe since a moment ago, any other serves the demonstration as well.
    async fn build(&self, mut settings: Settings, metrics: PrometheusHandle) -> Result<Application, StartError> {
        let built = Application::build(settings.clone(), Clock::System, Some(metrics.clone())).await;
        match built {
            Err(StartError::Io { cause, .. }) if self.listen.is_none() && cause.kind() == ErrorKind::AddrInUse => {
                settings.server.listen.set_port(0);
                Application::build(settings, Clock::System, Some(metrics)).await
            }
            built => built,
        }
    }
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
        is_disabled: Some(false),
        ..ProviderWish::default()
    };
    match flows.update_provider(PROVIDER, &wish).await {
        Err(Declined::NoSuch { .. }) => there(flows.create_provider(PROVIDER, &wish).await)?,
        outcome => drop(outcome?),
    }
    Ok(provider)
}

/// Nobody is sent there any more: whatever serves from this database later has no such provider. Another `dev` that has
/// put its own in place keeps it.
async fn stop_offering(flows: &Flows, issuer: &str) -> Result<(), Failure> {
    if flows.find_provider(PROVIDER).await?.issuer == issuer {
        flows.update_provider(PROVIDER, &ProviderWish { is_disabled: Some(true), ..ProviderWish::default() }).await?;
    }
    Ok(())
}

/// The URL of a SQLite file, from wherever it is read.
fn absolute(url: &str) -> String {
    let path = url.strip_prefix("sqlite:").and_then(|path| std::path::absolute(path).ok());
    path.map_or_else(|| url.to_owned(), |path| format!("sqlite:{}", path.display()))
}

/// Another `dev` that starts in the same moment may make it first.
fn there<T>(made: Result<T, Declined>) -> Result<(), Failure> {
    match made {
        Ok(_) | Err(Declined::Exists { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
