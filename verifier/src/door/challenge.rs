use std::time::Duration;

use serde_json::json;

use crate::{Error, Scope};

/// Why a caller is not let in, as HTTP says it (RFC 6750 3).
///
/// The features `actix` and `tower` turn it into an answer. Elsewhere, put one together from [`status`](Self::status),
/// [`headers`](Self::headers) and [`body`](Self::body):
///
/// ```
/// use hallpass_verifier::{Challenge, Error};
///
/// let challenge = Challenge::from(Error::Audience);
///
/// assert_eq!(challenge.status(), 401);
/// assert_eq!(challenge.headers()[0], ("Cache-Control", "no-store".to_owned()));
/// assert_eq!(challenge.headers()[1].0, "WWW-Authenticate");
/// assert!(challenge.body().unwrap().starts_with(r#"{"error":"invalid_token","#));
/// ```
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

    /// The status: 400, 401, 403, 500 or 503.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::NoCredentials | Self::InvalidToken(_) => 401,
            Self::InvalidRequest(_) => 400,
            Self::InsufficientScope { .. } => 403,
            Self::Unavailable { .. } => 503,
            Self::NotConfigured => 500,
        }
    }

    /// Name and value of each header but `Content-Type`, which is `application/json` when there is a body: always
    /// `Cache-Control: no-store`; `WWW-Authenticate` with 400, 401 and 403; `Retry-After`, in seconds, with 503.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("Cache-Control", "no-store".to_owned())];
        if let Some(challenge) = self.challenge() {
            headers.push(("WWW-Authenticate", challenge));
        }
        if let Self::Unavailable { retry_after } = self {
            // Whole seconds, and never too early.
            headers.push(("Retry-After", retry_after.as_millis().div_ceil(1000).max(1).to_string()));
        }
        headers
    }

    /// JSON with `error` and `error_description`, in the words of the challenge. A caller who has shown nothing gets no
    /// words at all (RFC 6750 3.1).
    #[must_use]
    pub fn body(&self) -> Option<String> {
        let code = self.code()?;
        Some(json!({ "error": code, "error_description": self.to_string() }).to_string())
    }

    /// The value of `WWW-Authenticate`, where there is one. Our own texts only, so nothing needs escaping.
    fn challenge(&self) -> Option<String> {
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
