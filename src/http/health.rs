//! Health: for load balancers, for orchestrators, for Prometheus.

use std::sync::Arc;

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{App, Error, HttpResponse, web};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::flow::{Flows, Health};

/// `GET /livez`: the process answers.
pub(super) async fn livez() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(json!({ "status": "ok" }))
}

/// `GET /readyz` (and `/healthz`): requests may be sent here. 503 names what is missing; what is `away` is missed
/// and can be done without for a while.
pub(super) async fn readyz(flows: web::Data<Flows>) -> HttpResponse {
    let checks = flows.readiness();
    let is_ready = checks.iter().all(|(_, health)| *health != Health::Unavailable);
    let mut answer = if is_ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    let status = words(if is_ready { Health::Good } else { Health::Unavailable });
    let checks: serde_json::Map<_, _> =
        checks.into_iter().map(|(name, health)| (name.to_owned(), words(health).into())).collect();
    answer.insert_header((CACHE_CONTROL, "no-store")).json(json!({ "status": status, "checks": checks }))
}

const fn words(health: Health) -> &'static str {
    match health {
        Health::Good => "ok",
        Health::Away => "away",
        Health::Unavailable => "unavailable",
    }
}

/// `GET /version`.
pub(super) async fn version() -> HttpResponse {
    let body = json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") });
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(body)
}

/// The second listener: `/metrics` and nothing else.
pub fn metrics_app(
    handle: Arc<PrometheusHandle>,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>> {
    App::new().app_data(web::Data::from(handle)).route("/metrics", web::get().to(metrics))
}

async fn metrics(handle: web::Data<PrometheusHandle>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")).body(handle.render())
}
