//! The one table: what each refusal looks like from outside. No `_` arm: a new reason does not compile until somebody
//! decides what a stranger may learn.

use std::fmt;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::flow::{FormFault, Refusal, Scheme};
use crate::limit;
use crate::policy::audience::NoTarget;

/// A refusal on its way out.
#[derive(Debug)]
pub(super) struct Answer {
    refusal: Refusal,
    issuer: Box<str>,
}

/// What a stranger sees of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Public {
    status: StatusCode,
    /// The OAuth error code, which is also the name of its page in the catalogue.
    error: &'static str,
    /// For people, in our words.
    words: &'static str,
}

impl Answer {
    /// The answer to `refusal`; pages of the catalogue lie below `issuer`.
    pub(super) fn new(refusal: Refusal, issuer: &str) -> Self {
        Self { refusal, issuer: issuer.into() }
    }

    /// Whether it says no to a credential: then the time it takes must say nothing more.
    pub(super) const fn is_about_credentials(&self) -> bool {
        matches!(self.refusal, Refusal::BadCredential { .. } | Refusal::NoCredential)
    }

    /// The OAuth error code.
    pub(super) fn code(&self) -> &'static str {
        public(&self.refusal).error
    }

    /// Writes the cause down, once, with the request's id. Our own trouble is an error, a caller's is not.
    pub(super) fn log(&self, request_id: &str) {
        let (public, cause) = (public(&self.refusal), &self.refusal);
        if let Refusal::Store(error) = cause {
            let source = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            tracing::error!(request_id, error = public.error, %cause, source, "refused");
        } else if public.status.is_server_error() {
            tracing::error!(request_id, error = public.error, %cause, "refused");
        } else {
            tracing::info!(request_id, error = public.error, %cause, "refused");
        }
    }
}

#[rustfmt::skip] // A table is read by columns.
fn public(refusal: &Refusal) -> Public {
    use Refusal as R;
    let (status, error, words) = match refusal {
        R::Form(FormFault::WrongMediaType) => (415, "invalid_request", "the body must be application/x-www-form-urlencoded, in UTF-8"),
        R::Form(FormFault::Encoded)        => (415, "invalid_request", "the body must not be compressed"),
        R::Form(FormFault::TooLarge)       => (413, "invalid_request", "the body is larger than 16 KiB"),
        R::Form(FormFault::TooSlow)        => (408, "invalid_request", "the body did not arrive in time"),
        R::Form(FormFault::Broken)         => (400, "invalid_request", "the form can't be read"),
        R::Repeated                        => (400, "invalid_request", "a parameter is repeated"),
        R::NoGrantType                     => (400, "invalid_request", "grant_type is missing"),
        R::UnsupportedGrantType            => (400, "unsupported_grant_type", "this grant type is not supported"),
        R::SeveralCredentials              => (400, "invalid_request", "show the key in one way only"),
        R::NoCredential | R::BadCredential { .. } => (401, "invalid_client", "a valid API key is needed"),
        R::UnauthorizedGrant(_)            => (400, "unauthorized_client", "this app may not use this grant type"),
        R::BadGrant(_)                     => (400, "invalid_grant", "the code or token is not valid, was spent, or is not for this app"),
        R::Missing(_)                      => (400, "invalid_request", "a parameter is missing"),
        R::NoToken                         => (401, "invalid_request", "an access token is needed"),
        R::BadToken(_)                     => (401, "invalid_token", "the access token is not valid"),
        R::BadLogoutToken(_)               => (400, "invalid_request", "the logout token is not valid"),
        R::ScopeMissing(_)                 => (403, "insufficient_scope", "the access token does not allow this"),
        R::MalformedScope                  => (400, "invalid_scope", "the scope is malformed"),
        R::ScopeNotAllowed                 => (400, "invalid_scope", "the key does not have this scope, or the resource does not know it"),
        R::NoTarget(NoTarget::NotAUri)     => (400, "invalid_target", "a resource is an absolute URI without fragment"),
        R::NoTarget(NoTarget::NotAllowed)  => (400, "invalid_target", "the key may not ask tokens for this resource"),
        R::NoTarget(NoTarget::NoDefault)   => (400, "invalid_target", "name a resource: the key has several, or none"),
        R::ProfilesDiffer                  => (400, "invalid_target", "these resources take different kinds of token: ask for one at a time"),
        R::TooMany { .. }                  => (429, "temporarily_unavailable", "too many requests"),
        R::NoSuchAddress                   => (404, "not_found", "there is nothing at this address"),
        R::MethodNotAllowed { .. }         => (405, "method_not_allowed", "this address takes other methods"),
        R::OddRequest(_)                   => (400, "invalid_request", "the request's form is not accepted here"),
        R::Unavailable(_) | R::Store(_)    => (503, "temporarily_unavailable", "try again in a moment"),
        R::Internal(_)                     => (500, "server_error", "something went wrong here"),
    };
    Public { status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), error, words }
}

/// What a person sees of a refusal that any endpoint may give.
pub(super) fn for_page(refusal: &Refusal) -> (StatusCode, &'static str) {
    let Public { status, error, .. } = public(refusal);
    (status, error)
}

/// RFC 6749 section 5.2.
#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    error_description: &'a str,
    error_uri: String,
}

impl ResponseError for Answer {
    fn status_code(&self) -> StatusCode {
        public(&self.refusal).status
    }

    fn error_response(&self) -> HttpResponse {
        let Public { status, error, words } = public(&self.refusal);
        let mut answer = HttpResponse::build(status);
        answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache"));
        match &self.refusal {
            // RFC 6750 section 3.1: without a token no error code, only the challenge.
            Refusal::BadCredential { scheme: Scheme::Bearer, .. } | Refusal::NoToken => {
                answer.insert_header((WWW_AUTHENTICATE, r#"Bearer realm="hallpass""#));
            }
            Refusal::BadCredential { .. } | Refusal::NoCredential => {
                answer.insert_header((WWW_AUTHENTICATE, r#"Basic realm="hallpass""#));
            }
            Refusal::BadToken(_) => {
                answer.insert_header((WWW_AUTHENTICATE, r#"Bearer realm="hallpass", error="invalid_token""#));
            }
            Refusal::ScopeMissing(scope) => {
                let challenge = format!(r#"Bearer realm="hallpass", error="insufficient_scope", scope="{scope}""#);
                answer.insert_header((WWW_AUTHENTICATE, challenge));
            }
            Refusal::MethodNotAllowed { allow } => {
                answer.insert_header((ALLOW, *allow));
            }
            Refusal::TooMany { wait } => {
                answer.insert_header((RETRY_AFTER, seconds_up(*wait)));
            }
            Refusal::Store(_) | Refusal::Unavailable(_) => {
                answer.insert_header((RETRY_AFTER, seconds_up(limit::RETRY_AFTER)));
            }
            // What comes behind it is for nobody: the rest of a body, or a request that a proxy meant for another. The
            // stream hands nothing on behind an answer that closes.
            Refusal::Form(_) | Refusal::OddRequest(_) => {
                answer.force_close();
            }
            _ => {}
        }
        let error_uri = format!("{}/errors/{error}", self.issuer);
        answer.json(Body { error, error_description: words, error_uri })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(public(&self.refusal).words)
    }
}

pub(super) fn seconds_up(span: Duration) -> String {
    span.as_secs().saturating_add(u64::from(span.subsec_nanos() > 0)).max(1).to_string()
}

#[cfg(test)]
mod tests;
