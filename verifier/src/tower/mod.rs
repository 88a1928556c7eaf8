//! At the door of a tower service (feature `tower`): axum, hyper, and whatever else speaks `http::Request`.
//!
//! [`BearerLayer`] lets a request in only with a good token, and hands its [`Claims`] on in the request's extensions;
//! [`ScopeLayer`] stands further in, before routes that ask for more. Whoever is refused gets the same answers as from
//! the extractor for actix-web: see [`Challenge`].
//!
//! ```
//! use hallpass_verifier::tower::{BearerLayer, ScopeLayer};
//! use hallpass_verifier::{Claims, ScopeRule, Verifier};
//! use axum::routing::get;
//! use axum::{Extension, Router};
//!
//! async fn orders(Extension(caller): Extension<Claims>) -> String {
//!     format!("the orders of {}", caller.sub)
//! }
//!
//! let verifier = Verifier::builder("https://issuer.example").audience("https://api.example").build()?;
//! let app: Router = Router::new()
//!     .route("/orders", get(orders))
//!     .route_layer(ScopeLayer::new(ScopeRule::any_of("orders:read orders:admin")))
//!     .route_layer(BearerLayer::new(verifier));
//! # drop(app);
//! # Ok::<_, hallpass_verifier::BuildError>(())
//! ```
//!
//! The token is taken from the one `Authorization` header and from nowhere else. A second header, or an `access_token` in
//! the query beside the header, is 400 `invalid_request`. Bodies are left alone: an `access_token` in one is neither taken
//! nor looked for.
//!
//! The answer's body is made from a `String`, so the inner service's body has to be `From<String>`: axum's `Body` is, and
//! so is `Full<Bytes>` of `http-body-util`.

mod answer;
mod bearer;
mod scope;

pub use bearer::{BearerLayer, BearerService};
pub use scope::{ScopeLayer, ScopeService};

#[cfg(doc)]
use crate::{Challenge, Claims};
