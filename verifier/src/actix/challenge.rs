use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

use crate::{Error, Scope};

/// Why a caller is not let in, as HTTP says it (RFC 6750 3).
///
/// Every answer has `Cache-Control: no-store`. Its body is JSON with `error` and `error_description`, in the words of
/// the challenge; a caller who has shown nothing gets no words at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Challenge {
    /// Nothing was shown, or nothing that is a bearer: 401 and the bare challenge.
    #[error("no bearer token was shown")]
    NoCredentials,
    /// A token was shown in a wrong way or in two: 400 `invalid_request`.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The token is not good: 401 `invalid_token`.
    #[error("{0}")]
    InvalidToken(Error),
    /// The token is good and does not allow this: 403 `insufficient_scope`.
    #[error("the token does not allow this")]
    InsufficientScope {
        /// What it would have to allow.
        scope: String,
    },
    /// The issuer's keys can't be had: 503 with `Retry-After`, and no challenge, since the token may be good.
    #[error("tokens can't be checked at the moment")]
    Unavailable {
        /// When to ask again.
        retry_after: Duration,
    },
    /// The service has no verifier: 500.
    #[error("tokens can't be checked here")]
    NotConfigured,
}

impl From<Error> for Challenge {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable { retry_after } => Self::Unavailable { retry_after },
            error => Self::InvalidToken(error),
        }
    }
}

impl Challenge {
    /// The code of RFC 6750 3.1, or of RFC 6749 5.2's kin for trouble of our own.
    const fn code(&self) -> Option<&'static str> {
        match self {
            Self::NoCredentials => None,
            Self::InvalidRequest(_) => Some("invalid_request"),
            Self::InvalidToken(_) => Some("invalid_token"),
            Self::InsufficientScope { .. } => Some("insufficient_scope"),
            Self::Unavailable { .. } => Some("temporarily_unavailable"),
            Self::NotConfigured => Some("server_error"),
        }
    }

    /// The value of `WWW-Authenticate`, where there is one. Our own texts only, so nothing needs escaping.
    fn header(&self) -> Option<String> {
        let code = self.code();
        match self {
            Self::NoCredentials => Some("Bearer".to_owned()),
            Self::InvalidRequest(_) | Self::InvalidToken(_) => {
                Some(format!(r#"Bearer error="{}", error_description="{self}""#, code?))
            }
            Self::InsufficientScope { scope } => {
                // What is no scope must not get into a header.
                let scope: Scope = scope.parse().unwrap_or_default();
                Some(format!(r#"Bearer error="{}", error_description="{self}", scope="{scope}""#, code?))
            }
            Self::Unavailable { .. } | Self::NotConfigured => None,
        }
    }
}

impl ResponseError for Challenge {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NoCredentials | Self::InvalidToken(_) => StatusCode::UNAUTHORIZED,
            Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Self::InsufficientScope { .. } => StatusCode::FORBIDDEN,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotConfigured => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(challenge) = self.header() {
            answer.insert_header((WWW_AUTHENTICATE, challenge));
        }
        if let Self::Unavailable { retry_after } = self {
            // Whole seconds, and never too early.
            answer.insert_header((RETRY_AFTER, retry_after.as_millis().div_ceil(1000).max(1).to_string()));
        }
        match self.code() {
            None => answer.finish(),
            Some(code) => answer.json(json!({ "error": code, "error_description": self.to_string() })),
        }
    }
}
