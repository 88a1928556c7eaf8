//! HTTP: the only rooms with actix-web. Handlers read, ask a flow, and answer.
//!
//! In:    requests.
//! Out:   answers, each with an `X-Request-Id`.
//! Never: decides anything; believes `Host` or `Forwarded`; reads a secret from a URL.

mod account;
mod answer;
mod assets;
mod caller;
mod crowd;
mod errors;
mod form;
mod framing;
mod health;
mod journey;
mod listen;
mod lost;
mod numbers;
mod oauth;
mod observe;
mod pace;
mod pages;
mod room;
mod shape;
mod stopped;
mod stream;
mod table;
mod tls;
mod unread;
mod visitor;
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
use table::page;

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
    let at = |path: &str| format!("{base}{path}");
    App::new()
        .wrap(from_fn(observe::observe))
        .app_data(web::Data::from(flows))
        .app_data(web::Data::from(arrival))
        .app_data(web::Data::from(documents))
        // The first that fits is taken, and this one is asked for most.
        .service(posted(&at("/oauth/token"), "token", oauth::token::issue))
        .service(document(&format!("/.well-known/oauth-authorization-server{base}"), "metadata", wellknown::metadata))
        .service(document(&at("/.well-known/openid-configuration"), "metadata", wellknown::metadata))
        .service(document(&at("/.well-known/jwks.json"), "jwks", wellknown::jwks))
        .service(page(&at("/oauth/authorize"), "authorize").get(oauth::authorize::get).post(oauth::authorize::post))
        .service(posted(&at("/oauth/introspect"), "introspect", oauth::introspect::look))
        .service(posted(&at("/oauth/revoke"), "revoke", oauth::revoke::revoke))
        .service(
            web::resource(at("/oauth/userinfo"))
                .name("userinfo")
                .route(web::get().to(oauth::userinfo::tell))
                .route(web::post().to(oauth::userinfo::tell))
                .route(web::method(Method::OPTIONS).to(wellknown::preflight_with_token))
                .default_service(only("GET, POST, OPTIONS")),
        )
        .service(page(&at("/oauth/logout"), "logout").get(oauth::logout::get).post(oauth::logout::post))
        .service(page(&at("/login"), "login").get(journey::login::show).post(journey::login::begin))
        .service(page(&at("/login/continue"), "login").post(journey::login::go_on))
        .service(page(&at("/login/callback/{provider}"), "login").get(journey::login::finish))
        .service(posted(&at("/login/logout/{provider}"), "provider_logout", oauth::provider_logout::hear))
        .service(page(&at("/consent"), "consent").get(journey::consent::show).post(journey::consent::decide))
        .configure(|config| account::table(config, &at("/account")))
        .service(web::resource([at(""), at("/")]).name("account").to(lost::home))
        .service(document(&at("/assets/{name}"), "assets", assets::asset))
        .service(document(&at("/errors/{code}"), "errors", errors::page))
        .service(document("/livez", "health", health::livez))
        .service(document("/readyz", "health", health::readyz))
        .service(document("/healthz", "health", health::readyz))
        .service(document("/version", "health", health::version))
        .default_service(web::to(lost::nowhere))
}

/// What only takes forms from apps.
fn posted<F, Args>(path: &str, name: &'static str, handler: F) -> Resource
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path).name(name).route(web::post().to(handler)).default_service(only("POST"))
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
