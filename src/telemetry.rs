//! What is written about what happens: lines on standard error, numbers for Prometheus.

mod metric;

use std::io::IsTerminal;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

pub use metric::{Kind, METRICS, Metric};

use crate::config::{Log, LogFormat};

/// Bounds of the histograms of spans, in seconds.
const SPANS: &[f64] =
    &[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 10.0];

/// Lets lines be written from now on, as they come. Only the first call in a process counts.
pub fn init_log(log: &Log) {
    init(log, std::io::stderr);
}

/// The same for a server: a reader of its lines that stalls loses some of them, and never stops a request. What is
/// still to be written is, when the guard is dropped.
pub fn init_server_log(log: &Log) -> WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    init(log, writer);
    guard
}

fn init(log: &Log, writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static) {
    let filter = EnvFilter::try_new(&log.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let is_terminal = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).log_internal_errors(false);
    let _ = match log.format {
        LogFormat::Text => lines.with_ansi(is_terminal).try_init(),
        LogFormat::Auto if is_terminal => lines.try_init(),
        LogFormat::Json | LogFormat::Auto => lines.json().flatten_event(true).try_init(),
    };
}

/// Lets numbers be counted from now on. A process has one recorder; a second call fails.
pub fn init_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SPANS)?
        .install_recorder()?;
    metric::describe();
    Ok(handle)
}

/// How often a histogram's samples are folded into its buckets.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);
