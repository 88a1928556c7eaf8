//! HTTP: the only rooms with actix-web. Handlers read, ask a flow, and answer.
//!
//! In:    requests.
//! Out:   answers, each with an `X-Request-Id`.
//! Never: decides anything; believes `Host` or `Forwarded`; reads a secret from a URL.

mod answer;
mod caller;
mod errors;
mod form;
mod framing;
mod health;
mod listen;
mod oauth;
mod observe;
mod pace;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the handlers move in next"))]
mod pages;
mod shape;
mod stream;
mod tls;
mod unread;
mod wellknown;

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::from_fn;
use actix_web::{App, Error, FromRequest, Handler, Resource, Responder, web};
use ipnet::IpNet;

pub use health::metrics_app;
pub use listen::Listen;
pub use pace::Pace;
pub use tls::Certificate;
pub use wellknown::Documents;

use crate::flow::{Flows, Refusal};
use answer::Answer;

/// How requests arrive, and where everything lies.
#[derive(Debug)]
pub struct Arrival {
    /// The path of the issuer, without a final slash.
    pub base: String,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// When refused credentials are answered.
    pub pace: Arc<Pace>,
}

/// The URL table.
pub fn app(
    flows: Arc<Flows>,
    arrival: Arc<Arrival>,
    documents: Arc<Documents>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let base = arrival.base.clone();
    App::new()
        .wrap(from_fn(observe::observe))
        .app_data(web::Data::from(flows))
        .app_data(web::Data::from(arrival))
        .app_data(web::Data::from(documents))
        .service(document(&format!("/.well-known/oauth-authorization-server{base}"), "metadata", wellknown::metadata))
        .service(document(&format!("{base}/.well-known/openid-configuration"), "metadata", wellknown::metadata))
        .service(document(&format!("{base}/.well-known/jwks.json"), "jwks", wellknown::jwks))
        .service(
            web::resource(format!("{base}/oauth/token"))
                .name("token")
                .route(web::post().to(oauth::token::issue))
                .default_service(only("POST")),
        )
        .service(document(&format!("{base}/errors/{{code}}"), "errors", errors::page))
        .service(document("/livez", "health", health::livez))
        .service(document("/readyz", "health", health::readyz))
        .service(document("/healthz", "health", health::readyz))
        .service(document("/version", "health", health::version))
        .default_service(web::to(answer::no_such_address))
}

/// A document: `GET` and `HEAD`, and readable from any origin.
fn document<F, Args>(path: &str, name: &'static str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .name(name)
        .route(web::get().to(handler.clone()))
        .route(web::head().to(handler))
        .route(web::method(Method::OPTIONS).to(wellknown::preflight))
        .default_service(only("GET, HEAD, OPTIONS"))
}

/// What other methods get where only those in `allow` are known.
fn only(allow: &'static str) -> actix_web::Route {
    web::to(move |flows: web::Data<Flows>| async move {
        Err::<&str, _>(Answer::new(Refusal::MethodNotAllowed { allow }, flows.issuer()))
    })
}
