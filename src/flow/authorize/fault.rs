//! What can be wrong with an authorization request: shown to the person while nobody knows who asks, else sent back to
//! the app.

use crate::flow::Refusal;
use crate::store::StoreError;

/// Why a request is not answered with a code.
#[derive(Debug)]
pub enum NotAuthorized {
    /// It ends here, on a page: where it came from can't be told.
    Halt(Halt),
    /// It goes back to the app.
    Back(Box<Back>),
}

/// Why a browser's journey ends on a page.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// There is no such app, or it is disabled.
    #[error("unknown app")]
    UnknownApp,
    /// The redirect URI is missing, repeated or not the app's.
    #[error("the redirect URI is not registered")]
    UnregisteredRedirect,
    /// An app sends somebody away, and its ID token does not tell who it is.
    #[error("the id_token_hint is {0}")]
    BadHint(&'static str),
    /// The authorization request is gone: too old, answered, or another browser's.
    #[error("the request is gone")]
    RequestGone,
    /// A form that no page of ours sent to this browser.
    #[error("a foreign form: {0}")]
    ForeignForm(&'static str),
    /// Cookies that can't be read: two of the same name, or none where there must be one.
    #[error("cookies: {0}")]
    Cookies(&'static str),
    /// The `state` is unknown, used, or another browser's.
    #[error("an unknown state")]
    UnknownState,
    /// There is nowhere to sign in.
    #[error("no such provider: {0}")]
    NoProvider(String),
    /// The provider said no, or the person did there.
    #[error("{provider} refused: {error}")]
    ProviderRefused {
        /// Which.
        provider: String,
        /// Its error code.
        error: String,
    },
    /// The provider is wrong.
    #[error("{provider}: {cause}")]
    ProviderWrong {
        /// Which.
        provider: String,
        /// Why.
        cause: String,
    },
    /// The provider is too slow.
    #[error("{provider}: {cause}")]
    ProviderSlow {
        /// Which.
        provider: String,
        /// Why.
        cause: String,
    },
    /// The provider did not ask the person again.
    #[error("{0} did not ask again")]
    NotReauthenticated(String),
    /// The provider vouches for no address.
    #[error("the e-mail address is not verified")]
    EmailNotVerified,
    /// The address is of another domain.
    #[error("the domain is not allowed")]
    DomainNotAllowed,
    /// The person may not sign in.
    #[error("the person is disabled")]
    PersonDisabled,
    /// The identity is linked to somebody else.
    #[error("the identity is another person's")]
    IdentityTaken,
    /// What every other endpoint refuses as well.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// An error on its way back to the app (RFC 6749 section 4.1.2.1, OpenID Connect Core section 3.1.2.6).
#[derive(Debug)]
pub struct Back {
    /// Where to.
    pub way: Way,
    /// Which error.
    pub error: AuthorizeError,
    /// What is behind it, for the log, when it is our own trouble.
    pub cause: Option<Refusal>,
}

/// The way back to the app.
#[derive(Clone, Debug)]
pub struct Way {
    /// One of its redirect URIs.
    pub redirect_uri: String,
    /// How the answer travels.
    pub mode: ResponseMode,
    /// What the app sent along.
    pub state: Option<String>,
}

/// How an answer travels back (OAuth 2.0 Multiple Response Type Encoding Practices, Form Post Response Mode).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query.
    #[default]
    Query,
    /// In a form that the browser posts.
    FormPost,
}

/// What the app is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizeError {
    /// Something is missing, repeated or malformed; the words say what.
    InvalidRequest(&'static str),
    /// The app may not sign people in.
    UnauthorizedClient,
    /// The person, or a rule, said no.
    AccessDenied,
    /// Only codes are given.
    UnsupportedResponseType,
    /// No scope is left, or the list is malformed.
    InvalidScope,
    /// No such resource for this app.
    InvalidTarget,
    /// Somebody has to sign in, and may not be asked.
    LoginRequired,
    /// Somebody has to allow it, and may not be asked.
    ConsentRequired,
    /// `request`
    RequestNotSupported,
    /// `request_uri`
    RequestUriNotSupported,
    /// `registration`
    RegistrationNotSupported,
    /// Our own trouble.
    TemporarilyUnavailable,
}

impl AuthorizeError {
    /// The code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// For people, in our words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::InvalidRequest(words) => words,
            Self::UnauthorizedClient => "this app may not sign people in",
            Self::AccessDenied => "it was not allowed",
            Self::UnsupportedResponseType => "only response_type=code is supported",
            Self::InvalidScope => "no scope that this app may ask for",
            Self::InvalidTarget => "no resource that this app may ask for, or resources that differ in kind",
            Self::LoginRequired => "the person has to sign in",
            Self::ConsentRequired => "the person has to allow it",
            Self::RequestNotSupported => "request objects are not supported",
            Self::RequestUriNotSupported => "request_uri is not supported",
            Self::RegistrationNotSupported => "registration is not supported",
            Self::TemporarilyUnavailable => "try again in a moment",
        }
    }
}

impl Way {
    pub(super) fn refused(self, error: AuthorizeError) -> NotAuthorized {
        NotAuthorized::Back(Box::new(Back { way: self, error, cause: None }))
    }

    /// Our own trouble goes back too where no request waits: then only the app can begin again, and a 503 does not reach it
    /// through a browser (RFC 6749 section 4.1.2.1). While one waits it is a page, and the person tries again.
    pub(super) fn troubled(self, fault: NotAuthorized) -> NotAuthorized {
        match fault {
            NotAuthorized::Halt(Halt::Refused(cause @ (Refusal::Store(_) | Refusal::Unavailable(_)))) => {
                let error = AuthorizeError::TemporarilyUnavailable;
                NotAuthorized::Back(Box::new(Back { way: self, error, cause: Some(cause) }))
            }
            other => other,
        }
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl<E: Into<Halt>> From<E> for NotAuthorized {
    fn from(error: E) -> Self {
        Self::Halt(error.into())
    }
}
