//! `hallpass serve`: the server, in production.

use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, Global, check};
use crate::app::Application;
use crate::clock::Clock;
use crate::telemetry;

pub(super) async fn run(global: &Global) -> Result<(), Failure> {
    let settings = global.settings()?;
    check::may_serve(&settings)?;
    telemetry::init_log(&settings.log);
    let metrics = telemetry::init_metrics().map_err(Failure::error)?;
    let issuer = settings.issuer.clone();
    let application = Application::build(settings, Clock::System, Some(metrics)).await?;
    let database = application.flows().store().kind();
    let (address, metrics) = (application.address(), application.metrics_address());
    tracing::info!(%address, ?metrics, issuer, database, version = env!("CARGO_PKG_VERSION"), "ready");
    application.run(stopped()).await.map_err(Failure::error)
}

/// Ready when the process is asked to end: SIGTERM or SIGINT.
pub(super) async fn stopped() {
    let (Ok(mut term), Ok(mut int)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
