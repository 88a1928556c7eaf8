//! What is written about what happens: lines on standard error, numbers for Prometheus.

use std::io::IsTerminal;
use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

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
    describe();
    Ok(handle)
}

/// How often a histogram's samples are folded into its buckets.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_counter!("hallpass_http_requests_total", "Answers, by route and status");
    describe_histogram!("hallpass_http_request_seconds", "Time from a request's head to its answer, by route");
    describe_counter!("hallpass_tokens_issued_total", "Tokens issued, by profile");
    describe_counter!("hallpass_refused_total", "Requests refused at the token endpoint, by OAuth error");
    describe_counter!("hallpass_authorize_refused_total", "Requests sent back to apps without a code, by error");
    describe_counter!("hallpass_sign_ins_total", "People back from a provider, by provider and outcome");
    describe_counter!("hallpass_refresh_reuse_total", "Families that died because a spent refresh token came back");
    describe_counter!("hallpass_store_calls_total", "Calls that touch the database, by verb");
    describe_counter!("hallpass_upstream_logins_total", "Logins at providers, by provider, step and outcome");
    describe_counter!("hallpass_upstream_requests_total", "Requests to providers, by provider, document and outcome");
    describe_histogram!(
        "hallpass_upstream_request_seconds",
        "Time of a request to a provider, by provider and document"
    );
    describe_counter!("hallpass_job_runs_total", "Runs of each job, by outcome");
    describe_gauge!("hallpass_job_failing", "1 while the last run of a job failed");
    describe_gauge!("hallpass_signing_key_age_seconds", "Age of the key that signs, by algorithm");
    describe_gauge!("hallpass_change_log_age_seconds", "Time since the change log was last read to its end");
    describe_gauge!("hallpass_cached_keys", "API keys in memory");
}
