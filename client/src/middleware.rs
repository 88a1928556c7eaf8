//! A middleware for reqwest: shows the token where the app said that it may, and renews it once when it is refused.

use std::fmt;

use http::Extensions;
use reqwest::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use reqwest::{Request, Response, StatusCode};
use reqwest_middleware::{Error, Middleware, Next, Result};
use url::Origin;

use crate::error::BuildError;
use crate::source::TokenSource;
use crate::token::Token;
use crate::{address, challenge};

/// Shows a token (RFC 6750 2.1) with each request to the origins that were named, and nowhere else.
///
/// - A request to another origin, or one that has `Authorization` already, goes out as it is.
/// - When a service answers 401 with `error="invalid_token"`, the token is renewed, once for everyone, and the request
///   repeated, once, if its body can be sent again. When either is not possible, the caller gets the 401: at once while
///   the issuer is away, or when there is nothing to repeat.
/// - Without a token no request goes out; the error is that of [`TokenSource::token`].
///
/// Redirects are the client's own matter: reqwest takes the token out when one leads to another host or port.
pub struct Bearer {
    source: TokenSource,
    origins: Vec<Origin>,
    target: Option<(String, Vec<String>)>,
}

impl Bearer {
    /// The tokens of this source, so far for nobody.
    #[must_use]
    pub const fn new(source: TokenSource) -> Self {
        Self { source, origins: Vec::new(), target: None }
    }

    /// An origin, such as `https://orders.example`, that the token may be shown to: https, or http on loopback. May be
    /// called again.
    pub fn origin(mut self, origin: &str) -> std::result::Result<Self, BuildError> {
        self.origins.push(address::origin(origin).ok_or(BuildError::Origin)?);
        Ok(self)
    }

    /// Shows tokens for this resource and these scopes, as [`TokenSource::token_for`] gives them, instead of those of
    /// [`TokenSource::token`].
    #[must_use]
    pub fn token_for(mut self, resource: &str, scopes: &[&str]) -> Self {
        self.target = Some((resource.to_owned(), scopes.iter().map(|scope| (*scope).to_owned()).collect()));
        self
    }

    async fn token(&self) -> Result<Token> {
        let token = match &self.target {
            None => self.source.token().await,
            Some((resource, scopes)) => {
                let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
                self.source.token_for(resource, &scopes).await
            }
        };
        token.map_err(Error::middleware)
    }
}

#[async_trait::async_trait]
impl Middleware for Bearer {
    async fn handle(&self, mut request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        let is_allowed = self.origins.contains(&request.url().origin());
        if !is_allowed || request.headers().contains_key(AUTHORIZATION) {
            return next.run(request, extensions).await;
        }
        let again = request.try_clone();
        let token = self.token().await?;
        request.headers_mut().insert(AUTHORIZATION, token.authorization());
        let response = next.clone().run(request, extensions).await?;
        if !is_refused(&response) {
            return Ok(response);
        }
        let Some(mut request) = again else {
            self.source.renew_for_others(&token);
            return Ok(response);
        };
        match self.source.renew(&token).await {
            Ok(renewed) if renewed.reveal() != token.reveal() => {
                request.headers_mut().insert(AUTHORIZATION, renewed.authorization());
                next.run(request, extensions).await
            }
            // It was renewed just now and did not help, or can't be: the service has the last word.
            _ => Ok(response),
        }
    }
}

/// Whether a service says that the token is not good (RFC 6750 3.1).
fn is_refused(response: &Response) -> bool {
    let challenges = response.headers().get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    response.status() == StatusCode::UNAUTHORIZED && challenge::says_invalid_token(challenges)
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, origins, target } = self;
        let origins: Vec<String> = origins.iter().map(Origin::ascii_serialization).collect();
        f.debug_struct("Bearer").field("source", source).field("origins", &origins).field("target", target).finish()
    }
}
