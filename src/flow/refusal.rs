//! Refusals: why a caller does not get what it asked for. What a stranger may learn of it stands in `http::answer`.

use std::time::Duration;

use super::Scheme;
use crate::credential::KeyId;
use crate::policy::audience::NoTarget;
use crate::store::StoreError;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request could not be read.
    #[error("the form is {0:?}")]
    Form(FormFault),
    /// A parameter stands there twice.
    #[error("a parameter is repeated")]
    Repeated,
    /// There is no `grant_type`.
    #[error("grant_type is missing")]
    NoGrantType,
    /// We have no such grant.
    #[error("the grant type is not supported")]
    UnsupportedGrantType,
    /// Two credentials at once.
    #[error("more than one credential")]
    SeveralCredentials,
    /// No credential at all.
    #[error("no credential")]
    NoCredential,
    /// A credential that is not good; `reason` is for the log alone.
    #[error("bad key{}: {reason}", key_id.map_or_else(String::new, |id| format!(" {id}")))]
    BadCredential {
        /// How it was shown.
        scheme: Scheme,
        /// Which key, when what was shown has the form of one.
        key_id: Option<KeyId>,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The app may not use this grant, or who calls may not.
    #[error("the grant type is not for this app: {0}")]
    UnauthorizedGrant(&'static str),
    /// A code or refresh token that is not good; `reason` is for the log alone.
    #[error("bad grant: {0}")]
    BadGrant(&'static str),
    /// A parameter that the request needs is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// No access token was shown.
    #[error("no access token")]
    NoToken,
    /// An access token that is not good; `reason` is for the log alone.
    #[error("bad access token: {0}")]
    BadToken(&'static str),
    /// A logout token that is not good; the reason is for the log alone.
    #[error("bad logout token: {0}")]
    BadLogoutToken(&'static str),
    /// An access token that does not allow this.
    #[error("the token lacks the scope {0}")]
    ScopeMissing(&'static str),
    /// The `scope` is no list of scopes.
    #[error("malformed scope")]
    MalformedScope,
    /// A scope the key lacks, or the resource does not know.
    #[error("a scope is not allowed")]
    ScopeNotAllowed,
    /// No resource fits.
    #[error("no target: {0:?}")]
    NoTarget(NoTarget),
    /// Several resources whose tokens look different.
    #[error("the resources have different token profiles")]
    ProfilesDiffer,
    /// The key's rate is used up.
    #[error("too many requests")]
    TooMany {
        /// How long to wait.
        wait: Duration,
    },
    /// There is nothing at this address.
    #[error("no such address")]
    NoSuchAddress,
    /// The address knows other methods.
    #[error("method not allowed")]
    MethodNotAllowed {
        /// Which, for `Allow`.
        allow: &'static str,
    },
    /// A request in a form that proxies and servers read differently.
    #[error("odd request: {0}")]
    OddRequest(&'static str),
    /// No key of the resource's kind signs here yet, or the database does not answer.
    #[error("not available: {0}")]
    Unavailable(&'static str),
    /// The database.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// What should not happen.
    #[error("internal: {0}")]
    Internal(&'static str),
}

/// What is wrong with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormFault {
    /// Its `Content-Type` is another, or has another charset.
    WrongMediaType,
    /// It is larger than [`crate::limit::FORM_MAX`].
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// It is compressed or encoded.
    Encoded,
    /// It is not what its type says: bad escapes, not UTF-8, too many parameters, cut off.
    Broken,
}
