//! The service of `service.rs` once more, in axum: a layer at the door, and an extractor for whoever came in.
//!
//! ```text
//! ISSUER=http://127.0.0.1:8080 AUDIENCE=https://api.example \
//!     cargo run --release -p hallpass-verifier --features tower --example service_axum
//! ```
//!
//! `LISTEN` is the address to listen on, 127.0.0.1:8081 unless set; `PROFILE` is standard, compat or modern. Several
//! issuers in `ISSUER`, with commas between, are all believed.

use std::env;
use std::error::Error;

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use hallpass_verifier::tower::{BearerLayer, ScopeLayer};
use hallpass_verifier::{Challenge, Claims, Profile, ScopeRule, Verifier};
use tokio::net::TcpListener;

/// Some thousand tokens of about a kilobyte.
const CACHED_TOKENS: usize = 4096;

/// Who calls: the claims that the layer has verified. A handler that takes this stands behind a `BearerLayer`.
struct Caller(Claims);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        parts.extensions.get::<Claims>().cloned().map(Self).ok_or(Refused(Challenge::NotConfigured))
    }
}

/// Why a handler does not let somebody in, with the challenge of RFC 6750.
struct Refused(Challenge);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.to_http_response()
    }
}

/// Greets whom the token speaks for: a person by name, or else the app, which is its own `sub`.
async fn greet(Caller(caller): Caller) -> String {
    format!("Hello, {}\n", caller.name.as_ref().unwrap_or(&caller.sub))
}

/// The verified claims.
async fn claims(Caller(caller): Caller) -> Json<Claims> {
    Json(caller)
}

/// Something that not every token allows.
async fn orders(Caller(caller): Caller) -> Json<serde_json::Value> {
    Json(serde_json::json!({ "orders": [], "of": caller.sub }))
}

/// For whoever decides whether this service gets requests: 503 while no token could be verified.
async fn ready(State(verifier): State<Verifier>) -> StatusCode {
    match verifier.warm_up().await {
        Ok(()) => StatusCode::OK,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn verifier() -> Result<Verifier, Box<dyn Error>> {
    let issuers = env::var("ISSUER").map_err(|_| "set ISSUER to the address of the issuer")?;
    let audience = env::var("AUDIENCE").map_err(|_| "set AUDIENCE to what the tokens are for")?;
    let profile: Profile = env::var("PROFILE").map_or(Ok(Profile::default()), |profile| profile.parse())?;
    let of = |issuer| Verifier::builder(issuer).audience(&*audience).profile(profile).cache(CACHED_TOKENS).build();
    Ok(Verifier::any_of(issuers.split(',').map(of).collect::<Result<Vec<_>, _>>()?)?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Says why the issuer's keys can't be had, when they can't.
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();

    let verifier = verifier()?;
    let app = Router::new()
        .route("/orders", get(orders).route_layer(ScopeLayer::new(ScopeRule::any_of("orders:read orders:admin"))))
        .route("/", get(greet))
        .route("/claims", get(claims))
        .route_layer(BearerLayer::new(verifier.clone()))
        .route("/ready", get(ready))
        .with_state(verifier);

    let listener = TcpListener::bind(env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8081".to_owned())).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
