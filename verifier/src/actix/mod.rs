//! At the door of an actix-web service (feature `actix`): RFC 6750, to the letter.
//!
//! A handler that takes a [`Bearer`] is only reached with a good token; everyone else gets the [`Challenge`].
//!
//! ```
//! use actix_web::{App, HttpResponse, Responder, get, web};
//! use hallpass_verifier::actix::{Bearer, RequiredScope};
//! use hallpass_verifier::Verifier;
//!
//! struct ReadOrders;
//! impl RequiredScope for ReadOrders {
//!     const SCOPE: &'static str = "orders:read";
//! }
//!
//! #[get("/orders")]
//! async fn orders(caller: Bearer<ReadOrders>) -> impl Responder {
//!     HttpResponse::Ok().body(format!("the orders of {}", caller.sub))
//! }
//!
//! let verifier = Verifier::builder("https://issuer.example").audience("https://api.example").build()?;
//! let app = App::new().app_data(web::Data::new(verifier)).service(orders);
//! # drop(app);
//! # Ok::<_, hallpass_verifier::BuildError>(())
//! ```

mod body;
mod challenge;

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::{FromRequest, HttpRequest, web};

use crate::door::bearer_token;
use crate::{Claims, ScopeRule, Verifier};

pub use crate::door::Challenge;

/// The claims of a good token that was shown as a bearer, and that allows what `S` asks for.
///
/// Needs a [`Verifier`] in the application's data, as `web::Data<Verifier>` or plainly. The token is taken from the one
/// `Authorization` header and from nowhere else. A second header, or an `access_token` in the query or in a form body
/// beside the header, is 400 `invalid_request`. Of a form body the first 16 KiB are looked at, and handed on to the
/// extractors that stand behind this one in the handler's list; so take `Bearer` before `web::Form`.
#[derive(Clone, Debug)]
pub struct Bearer<S = AnyScope> {
    claims: Claims,
    required: PhantomData<S>,
}

/// What a handler asks of a token. Each text is scope tokens one space apart, compared whole; empty asks for none. See
/// [`ScopeRule`], which this is as a type.
///
/// ```
/// use hallpass_verifier::actix::RequiredScope;
///
/// struct Refund;
/// impl RequiredScope for Refund {
///     const SCOPE: &'static str = "orders:read orders:refund";
///     const ANY_OF: &'static str = "shop:eu shop:us";
/// }
/// ```
pub trait RequiredScope: 'static {
    /// Every one of these is needed.
    const SCOPE: &'static str = "";
    /// One of these is needed besides.
    const ANY_OF: &'static str = "";
}

/// Asks for no scope.
#[derive(Clone, Copy, Debug)]
pub struct AnyScope;

impl RequiredScope for AnyScope {}

impl<S> Bearer<S> {
    /// What the token says.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What the token says.
    #[must_use]
    pub fn into_claims(self) -> Claims {
        self.claims
    }

    /// Goes on only if the token allows `scope`; else 403 `insufficient_scope`, which names it.
    pub fn require_scope(&self, scope: &str) -> Result<(), Challenge> {
        if self.claims.has_scope(scope) {
            Ok(())
        } else {
            Err(Challenge::InsufficientScope { scope: scope.to_owned() })
        }
    }

    /// Goes on only if the token allows what the rule asks for; else 403 `insufficient_scope`.
    pub fn require(&self, rule: ScopeRule) -> Result<(), Challenge> {
        rule.check(&self.claims)
    }
}

impl<S> Deref for Bearer<S> {
    type Target = Claims;

    fn deref(&self) -> &Claims {
        &self.claims
    }
}

impl<S: RequiredScope> FromRequest for Bearer<S> {
    type Error = Challenge;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Challenge>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers().get_all(AUTHORIZATION).map(HeaderValue::as_bytes);
        let token = match bearer_token(headers, request.query_string()) {
            Ok(token) => token.to_owned(),
            Err(challenge) => return Box::pin(async { Err(challenge) }),
        };
        let Some(verifier) = verifier_of(request) else {
            tracing::error!("no Verifier in the application's data");
            return Box::pin(async { Err(Challenge::NotConfigured) });
        };
        let form = body::peek_form(request, payload);
        Box::pin(async move {
            let bearer = Self { claims: verifier.verify(&token).await?, required: PhantomData };
            // Only now: a stranger can't make us wait for a body.
            if let Some(form) = form
                && form.await
            {
                return Err(Challenge::InvalidRequest("a token in the body beside the Authorization header"));
            }
            bearer.require(const { ScopeRule::all_of(S::SCOPE).and_any_of(S::ANY_OF) })?;
            Ok(bearer)
        })
    }
}

fn verifier_of(request: &HttpRequest) -> Option<Verifier> {
    let shared = request.app_data::<web::Data<Verifier>>().map(web::Data::get_ref);
    shared.or_else(|| request.app_data::<Verifier>()).cloned()
}
