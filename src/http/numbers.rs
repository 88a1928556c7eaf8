//! Numbers of requests: how many, how long, what they were answered. A number is looked up once and kept, since that takes
//! longer than to count.

use std::sync::OnceLock;
use std::time::Duration;

use hallpass_verifier::Profile;
use metrics::{Counter, Histogram};

const STATUSES: [&str; 6] = ["2xx", "3xx", "4xx", "429", "5xx", "503"];

/// The last one is for what is nowhere.
static ROUTES: [Route; 16] = [
    Route::new("token"),
    Route::new("introspect"),
    Route::new("revoke"),
    Route::new("userinfo"),
    Route::new("authorize"),
    Route::new("logout"),
    Route::new("login"),
    Route::new("provider_logout"),
    Route::new("consent"),
    Route::new("account"),
    Route::new("assets"),
    Route::new("jwks"),
    Route::new("metadata"),
    Route::new("errors"),
    Route::new("health"),
    Route::new("none"),
];

static TOKENS: [OnceLock<Counter>; Profile::ALL.len()] = [const { OnceLock::new() }; Profile::ALL.len()];

struct Route {
    name: &'static str,
    requests: [OnceLock<Counter>; STATUSES.len()],
    seconds: OnceLock<Histogram>,
}

impl Route {
    const fn new(name: &'static str) -> Self {
        Self { name, requests: [const { OnceLock::new() }; STATUSES.len()], seconds: OnceLock::new() }
    }
}

/// A request to `name` of the URL table was answered with `status` after `took`.
pub(super) fn answered(name: Option<&str>, status: u16, took: Duration) {
    let route = ROUTES.iter().find(|route| Some(route.name) == name).unwrap_or(&ROUTES[ROUTES.len() - 1]);
    let at = match status {
        429 => 3,
        503 => 5,
        200..=299 => 0,
        300..=399 => 1,
        400..=499 => 2,
        _ => 4,
    };
    let number = || metrics::counter!("hallpass_http_requests_total", "route" => route.name, "status" => STATUSES[at]);
    route.requests[at].get_or_init(number).increment(1);
    route
        .seconds
        .get_or_init(|| metrics::histogram!("hallpass_http_request_seconds", "route" => route.name))
        .record(took);
}

/// A token of `profile` was issued.
pub(super) fn issued(profile: Profile) {
    let at = Profile::ALL.iter().position(|own| *own == profile).unwrap_or_default();
    TOKENS[at]
        .get_or_init(|| metrics::counter!("hallpass_tokens_issued_total", "profile" => profile.as_str()))
        .increment(1);
}
