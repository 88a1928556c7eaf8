//! The application: configuration → flows → server. Built apart from run, so that it can tell its port.

mod port;
mod work;

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use metrics_exporter_prometheus::PrometheusHandle;
use url::Url;

use crate::clock::Clock;
use crate::config::Settings;
use crate::flow::{Declined, Flows, Vault};
use crate::http::{self, Arrival, Certificate, Documents, Listen, Pace};
use crate::jobs::Jobs;
use crate::limit;
use crate::policy::address;
use crate::store::Store;
use port::Port;

/// Why the server does not start, and how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something the settings say is unsafe, or can't be.
    #[error("{0}")]
    Unsafe(String),
    /// The flows could not be opened.
    #[error("{0}")]
    Flows(#[from] Declined),
    /// A listener or a certificate.
    #[error("{what}: {cause}")]
    Io {
        /// Which.
        what: String,
        /// Why.
        cause: std::io::Error,
    },
}

/// Opens the database, brings its tables up to date, and wires the flows.
pub async fn open(settings: &Settings, clock: Clock) -> Result<Flows, Declined> {
    // Without a root key nothing is begun: a command in the wrong folder leaves no database behind.
    let vault = Vault::new(settings);
    vault.root_keys()?;
    let store = Store::open(settings.database.url.reveal(), settings.database.cached_keys).await?;
    let store = store.with_grace(settings.database.outage_grace.get());
    store.migrate().await?;
    Flows::open(settings, clock, store, vault).await
}

/// A server that listens and is ready to run.
pub struct Application {
    flows: Arc<Flows>,
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    server: Server,
    metrics_server: Option<Server>,
    jobs: Jobs,
}

impl Application {
    /// Takes the ports, opens the flows, applies what is declared and prepares the signing keys; then it listens. Without
    /// an issuer in the settings, it is the loopback address that was taken.
    pub async fn build(
        mut settings: Settings,
        clock: Clock,
        metrics: Option<PrometheusHandle>,
    ) -> Result<Self, StartError> {
        hallpass_verifier::provider::install();
        let port = take(settings.server.listen)?;
        let metrics_port = match &metrics {
            Some(_) if settings.metrics.enabled => Some(take(settings.metrics.listen)?),
            _ => None,
        };
        let (address, metrics_address) = (port.address(), metrics_port.as_ref().map(Port::address));
        if settings.issuer.is_empty() {
            settings.issuer = format!("http://{address}");
        }
        let flows = Arc::new(open(&settings, clock).await?);
        flows.apply_declared(&settings, false).await?;
        flows.tend_ring().await?;
        flows.follow().await?;

        let certificate = read_certificate(&settings)?;
        let pace = Arc::default();
        let server = serve(&settings, &flows, port, certificate.as_ref(), &pace)?;
        let metrics_server = match (&metrics, metrics_port) {
            (Some(handle), Some(port)) => Some(serve_metrics(&settings, handle, port)?),
            _ => None,
        };
        let jobs = work::start(&flows, &settings, pace, certificate, metrics);
        Ok(Self { flows, address, metrics_address, server, metrics_server, jobs })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where its numbers are, if they are.
    #[must_use]
    pub const fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// What it serves.
    #[must_use]
    pub fn flows(&self) -> Arc<Flows> {
        Arc::clone(&self.flows)
    }

    /// Serves until `stop` is ready; then finishes what was accepted and writes down what was counted.
    pub async fn run(self, stop: impl Future<Output = ()>) -> std::io::Result<()> {
        let handle = self.server.handle();
        let metrics_handle = self.metrics_server.as_ref().map(Server::handle);
        let metrics = self.metrics_server.map(actix_web::rt::spawn);
        let mut server = actix_web::rt::spawn(self.server);
        let outcome = tokio::select! {
            () = stop => {
                tracing::info!("stopping: requests that were accepted are finished");
                handle.stop(true).await;
                server.await
            }
            outcome = &mut server => outcome,
        };
        if let Some(metrics_handle) = metrics_handle {
            metrics_handle.stop(false).await;
        }
        drop(metrics);
        self.jobs.stop().await;
        flush_the_last(&self.flows).await;
        self.flows.leave_chores().await;
        self.flows.store().close().await;
        outcome.map_err(std::io::Error::other).flatten()
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application({})", self.address)
    }
}

/// What can't be written now is lost.
async fn flush_the_last(flows: &Flows) {
    for left in (0..limit::LAST_FLUSHES).rev() {
        match flows.flush_uses().await {
            Ok(_) => return,
            Err(error) if left == 0 => tracing::error!(%error, "the last uses could not be written down"),
            Err(_) => {}
        }
    }
}

fn serve(
    settings: &Settings,
    flows: &Arc<Flows>,
    port: Port,
    certificate: Option<&Arc<Certificate>>,
    pace: &Arc<Pace>,
) -> Result<Server, StartError> {
    let base =
        Url::parse(&settings.issuer).map_or_else(|_| String::new(), |url| url.path().trim_end_matches('/').to_owned());
    let trusted_proxies =
        settings.server.trusted_proxies.iter().filter_map(|text| address::network(text).ok()).collect();
    let arrival = Arc::new(Arrival { base, trusted_proxies, pace: Arc::clone(pace) });
    let documents = Arc::new(Documents::new(&settings.issuer));
    let flows = Arc::clone(flows);
    let listen = Listen {
        workers: settings.server.workers,
        max_connections: settings.server.max_connections,
        shutdown: limit::SHUTDOWN,
        issuer: settings.issuer.as_str().into(),
    };
    let app = move || http::app(Arc::clone(&flows), Arc::clone(&arrival), Arc::clone(&documents));
    let address = port.address().to_string();
    port.listen().and_then(|listener| listen.serve(listener, certificate, app)).map_err(io(&address))
}

fn serve_metrics(settings: &Settings, handle: &PrometheusHandle, port: Port) -> Result<Server, StartError> {
    let handle = Arc::new(handle.clone());
    let listen = Listen {
        workers: 1,
        max_connections: limit::METRICS_CONNECTIONS_MAX,
        shutdown: Duration::from_secs(1),
        issuer: settings.issuer.as_str().into(),
    };
    let app = move || http::metrics_app(Arc::clone(&handle));
    let address = port.address().to_string();
    port.listen().and_then(|listener| listen.serve(listener, None, app)).map_err(io(&address))
}

fn read_certificate(settings: &Settings) -> Result<Option<Arc<Certificate>>, StartError> {
    match (&settings.tls.certificate_file, &settings.tls.key_file) {
        (Some(chain), Some(key)) => Certificate::read(chain, key).map(Some).map_err(io("the TLS certificate")),
        _ => Ok(None),
    }
}

fn take(address: SocketAddr) -> Result<Port, StartError> {
    Port::take(address).map_err(io(&address.to_string()))
}

fn io(what: &str) -> impl Fn(std::io::Error) -> StartError + use<'_> {
    move |cause| StartError::Io { what: what.to_owned(), cause }
}
