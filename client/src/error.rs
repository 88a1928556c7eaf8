use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;

/// Why there is no token. Nothing in it is secret.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// There is no key to show.
    #[error("there is no key to show: {0}")]
    Key(#[from] NoKey),
    /// The issuer refused the key or what was asked for. Asking again changes nothing; a person has to.
    #[error("the issuer refused: {0}")]
    Refused(#[from] Refusal),
    /// What stands where the issuer's metadata should be is none that may be followed.
    #[error("the issuer's metadata can't be followed: {0}")]
    Metadata(#[from] BadMetadata),
    /// No token could be had within the time that a caller waits. The caller may try again.
    #[error("no token could be had in time: {trouble}")]
    Unavailable {
        /// What went wrong last.
        trouble: Trouble,
        /// When asking again makes sense, if the issuer is being left alone until then.
        retry_after: Option<Duration>,
    },
    /// The caller is not in a tokio runtime, which tokens are fetched and renewed in.
    #[error("tokens can only be had in a tokio runtime")]
    NoRuntime,
}

/// Why there is no key.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NoKey {
    /// The variable is not set.
    #[error("{0} is not set")]
    Variable(String),
    /// The file can't be read.
    #[error("{}: {kind}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        kind: io::ErrorKind,
    },
    /// There is nothing where the key should be. Perhaps somebody is just writing it, so it is looked for again.
    #[error("there is nothing where it should be")]
    Empty,
    /// It is longer than 4 KiB, or has characters that no key has.
    #[error("what is there is no key")]
    Malformed,
    /// The callback, or the disk, has not answered in time. It is asked again.
    #[error("it did not come in time")]
    TooSlow,
    /// The callback gave none. It is asked again.
    #[error("the callback gave none: {0}")]
    Callback(Arc<dyn std::error::Error + Send + Sync>),
}

/// What the issuer said (RFC 6749 5.2), with characters that do not belong there taken out, and a text that has a piece of
/// the key in it left out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {description}")]
pub struct Refusal {
    /// The status of the answer.
    pub status: StatusCode,
    /// The code, such as `invalid_client` or `invalid_scope`; at most 256 characters.
    pub error: String,
    /// What it says to people; `-` when nothing, at most 256 characters.
    pub description: String,
}

/// Why the metadata (RFC 8414) can't be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMetadata {
    /// They name another issuer (RFC 8414 3.3).
    #[error("they are those of another issuer")]
    OtherIssuer,
    /// The key would go where nobody said that it may.
    #[error("their `token_endpoint` is not https on the issuer's own origin")]
    OtherOrigin,
}

/// What passes by itself, most of the time, and is tried again meanwhile.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Trouble {
    /// Nothing has come back yet.
    #[error("the issuer has not answered yet")]
    NoAnswer,
    /// No connection, none to the end, or none in time.
    #[error("no answer from the issuer: {why}")]
    Unreachable {
        /// What the operating system or TLS said; at most 256 characters.
        why: String,
    },
    /// A status that says nothing about the key: 429, 5xx, or one that is not the issuer's. Redirects are not followed.
    #[error("the answer has status {0}")]
    Status(StatusCode),
    /// More bytes than the limit.
    #[error("the answer is larger than the limit")]
    TooLarge,
    /// Something between us and the issuer compressed it.
    #[error("the answer is compressed, which was not asked for")]
    Compressed,
    /// Something else stands at the issuer's address.
    #[error("the answer has no `{0}` as it should be")]
    Malformed(&'static str),
    /// The key is not there yet.
    #[error("there is no key to show: {0}")]
    Key(NoKey),
    /// The task that was to bring a token has ended before its time: the source of the key panicked, or the runtime that
    /// the task ran in is gone.
    #[error("the attempt broke off: the source of the key panicked, or a runtime ended")]
    Abandoned,
}

impl Error {
    /// Whether the trouble may be over when the caller tries again: what was asked for is not to blame.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}

/// Why a description makes no token source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The issuer is not https (or http on loopback), or has a user, a query or a fragment.
    #[error("the issuer has to be an https address, or http on loopback, without user, query and fragment")]
    Issuer,
    /// The address to trade at is not https (or http on loopback).
    #[error("the token endpoint has to be an https address, or http on loopback")]
    TokenEndpoint,
    /// Nobody said where the key comes from.
    #[error("say where the key comes from")]
    NoKey,
    /// A text that should hold root certificates in PEM holds none.
    #[error("there is no certificate in PEM where a root certificate should be")]
    RootCertificate,
    /// TLS can't be set up: this machine has no root certificates and none was named, or a named one is broken.
    #[error("TLS can't be set up: no root certificates on this machine, or a named one is broken")]
    Tls,
    /// An origin that tokens may be shown to is not https (or http on loopback), or has a path.
    #[error("an origin for tokens has to be https, or http on loopback, without a path")]
    Origin,
}
