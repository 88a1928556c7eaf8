//! `hallpass serve`: the server, in production.

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, Global, check};
use crate::app::Application;
use crate::clock::Clock;
use crate::telemetry;

pub(super) async fn run(global: &Global) -> Result<(), Failure> {
    let settings = global.settings()?;
    check::may_serve(&settings)?;
    let _log = telemetry::init_server_log(&settings.log);
    let metrics = telemetry::init_metrics().map_err(Failure::error)?;
    let issuer = settings.issuer.clone();
    let application = Application::build(settings, Clock::System, Some(metrics)).await?;
    let database = application.flows().store().kind();
    let (address, metrics) = (application.address(), application.metrics_address());
    let stopped = stopped();
    tracing::info!(%address, ?metrics, issuer, database, version = env!("CARGO_PKG_VERSION"), "ready");
    application.run(stopped).await.map_err(Failure::error)
}

/// Ready when the process is asked to end: SIGTERM or SIGINT. It listens from this call on, not from the first poll:
/// who reads that the server is ready may ask it to end in the same moment.
pub(super) fn stopped() -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut term), Ok(mut int)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    }
}
