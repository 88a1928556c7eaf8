//! Every number that a server tells: what `/metrics` says of it, and the reference.

use metrics::{describe_counter, describe_gauge, describe_histogram};

/// How a number behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It grows.
    Counter,
    /// It is what it is now.
    Gauge,
    /// How often which value was seen.
    Histogram,
}

impl Kind {
    /// One word for lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A number that a server tells.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// What it is told apart by.
    pub labels: &'static [&'static str],
    /// What it says.
    pub help: &'static str,
}

const fn counter(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, labels, help }
}

const fn gauge(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, labels, help }
}

const fn histogram(name: &'static str, labels: &'static [&'static str], help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, labels, help }
}

/// All of them.
#[rustfmt::skip] // A table is read by rows.
pub const METRICS: &[Metric] = &[
    counter("hallpass_http_requests_total", &["route", "status"],
        "Answers. `status` is `2xx`, `3xx`, `4xx`, `5xx`, or `429` and `503` by themselves"),
    histogram("hallpass_http_request_seconds", &["route"],
        "Time from a request's head to its answer"),
    counter("hallpass_tokens_issued_total", &["profile"],
        "Tokens issued"),
    counter("hallpass_refused_total", &["error"],
        "Requests refused at the token endpoint, by code"),
    counter("hallpass_authorize_refused_total", &["error"],
        "Authorization requests that went back to their app without a code"),
    counter("hallpass_sign_ins_total", &["provider", "outcome"],
        "People who came back from a provider: `ok` when they are signed in, `failed` when the provider, its answer or a rule of yours said no"),
    counter("hallpass_refresh_reuse_total", &[],
        "Token families that died because a spent refresh token came back"),
    counter("hallpass_store_calls_total", &["verb"],
        "Calls that touch the database. On a warm hot path it stands still"),
    counter("hallpass_upstream_logins_total", &["provider", "step", "outcome"],
        "Logins at identity providers, by step and outcome"),
    counter("hallpass_upstream_requests_total", &["provider", "document", "outcome"],
        "Requests behind them, with the same outcomes; `refused` is any status 4xx"),
    histogram("hallpass_upstream_request_seconds", &["provider", "document"],
        "Time of such a request"),
    counter("hallpass_job_runs_total", &["job", "outcome"],
        "Runs of each job: `ok` or `failed`"),
    gauge("hallpass_job_failing", &["job"],
        "1 while the last run failed"),
    gauge("hallpass_signing_key_age_seconds", &["algorithm"],
        "Age of the key that signs"),
    gauge("hallpass_change_log_age_seconds", &[],
        "Time since the change log was last read to its end"),
    counter("hallpass_change_log_heard_total", &[],
        "Times that PostgreSQL said that something changed"),
    gauge("hallpass_cached_keys", &[],
        "API keys in memory"),
    gauge("hallpass_lease_held", &["job"],
        "1 on the node that does this job for all: `chores`"),
    gauge("hallpass_ready", &["check"],
        "1 while this is there: `database` (the change log was read a second ago at most) or `signing_key`"),
];

/// Says what each number is. Those that are told apart by nothing begin at zero: the first time would not be seen as a
/// step otherwise.
pub(super) fn describe() {
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, metric.help),
            Kind::Histogram => describe_histogram!(metric.name, metric.help),
        }
        if metric.kind == Kind::Counter && metric.labels.is_empty() {
            metrics::counter!(metric.name).increment(0);
        }
    }
}
