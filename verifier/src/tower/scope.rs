use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Challenge, Claims, ScopeRule};

/// Lets in whose token allows this, behind a [`BearerLayer`](super::BearerLayer), which has verified it. Without one in
/// front there are no claims to judge by: 500, and a line in the log.
#[derive(Clone, Copy, Debug)]
pub struct ScopeLayer {
    rule: ScopeRule,
}

impl ScopeLayer {
    /// Asks for these scopes; else 403 `insufficient_scope`.
    #[must_use]
    pub const fn new(rule: ScopeRule) -> Self {
        Self { rule }
    }
}

impl<S> Layer<S> for ScopeLayer {
    type Service = ScopeService<S>;

    fn layer(&self, inner: S) -> ScopeService<S> {
        ScopeService { inner, rule: self.rule }
    }
}

/// The service that [`ScopeLayer`] makes.
#[derive(Clone, Debug)]
pub struct ScopeService<S> {
    inner: S,
    rule: ScopeRule,
}

impl<S, A, B> Service<Request<A>> for ScopeService<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    B: From<String> + Send + 'static,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<B>, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let allowed = if let Some(claims) = request.extensions().get::<Claims>() {
            self.rule.check(claims)
        } else {
            tracing::error!("no BearerLayer stands before this ScopeLayer");
            Err(Challenge::NotConfigured)
        };
        match allowed {
            Ok(()) => Box::pin(self.inner.call(request)),
            Err(challenge) => {
                let answer = challenge.to_http_response();
                Box::pin(async { Ok(answer) })
            }
        }
    }
}
