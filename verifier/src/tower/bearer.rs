use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Challenge, ScopeRule, Verifier, bearer_token};

/// Lets in whoever shows a good token, and puts its [`Claims`](crate::Claims) into the request's extensions. Cheap to
/// clone.
#[derive(Clone, Debug)]
pub struct BearerLayer {
    verifier: Verifier,
    rule: ScopeRule,
}

impl BearerLayer {
    /// Asks for a good token and no scope.
    #[must_use]
    pub fn new(verifier: Verifier) -> Self {
        Self { verifier, rule: ScopeRule::nothing() }
    }

    /// Asks for these scopes too; else 403 `insufficient_scope`.
    #[must_use]
    pub fn require(self, rule: ScopeRule) -> Self {
        Self { rule, ..self }
    }
}

impl<S> Layer<S> for BearerLayer {
    type Service = BearerService<S>;

    fn layer(&self, inner: S) -> BearerService<S> {
        BearerService { inner, door: self.clone() }
    }
}

/// The service that [`BearerLayer`] makes.
#[derive(Clone, Debug)]
pub struct BearerService<S> {
    inner: S,
    door: BearerLayer,
}

impl<S, A, B> Service<Request<A>> for BearerService<S>
where
    S: Service<Request<A>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    A: Send + 'static,
    B: From<String>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<B>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        // The one that was ready is the one to call; the clone has yet to be asked.
        let ready = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, ready);
        let door = self.door.clone();
        let shown = shown(&request).map(str::to_owned);
        Box::pin(async move {
            let claims = match door.admit(shown).await {
                Ok(claims) => claims,
                Err(challenge) => return Ok(challenge.to_http_response()),
            };
            request.extensions_mut().insert(claims);
            inner.call(request).await
        })
    }
}

impl BearerLayer {
    async fn admit(&self, shown: Result<String, Challenge>) -> Result<crate::Claims, Challenge> {
        let claims = self.verifier.verify(&shown?).await?;
        self.rule.check(&claims)?;
        Ok(claims)
    }
}

fn shown<A>(request: &Request<A>) -> Result<&str, Challenge> {
    let headers = request.headers().get_all(AUTHORIZATION).into_iter().map(HeaderValue::as_bytes);
    bearer_token(headers, request.uri().query().unwrap_or_default())
}
