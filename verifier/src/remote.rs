use std::fmt;
use std::sync::Arc;

use crate::clock::{Clock, Stopwatch};
use crate::error::{BuildError, Error};
use crate::fetch::{Fetch, NoAnswer, Source};
use crate::http_get::HttpGet;
use crate::issuer::Issuer;
use crate::keyset::KeySet;
use crate::limits::Limits;
use crate::unverified::Unverified;
use crate::{Algorithm, address};

/// The keys of an issuer whose tokens are of another kind, kept as a [`Verifier`](crate::Verifier) keeps its own: the
/// same rules for each key, the same ages, one fetch at a time, a pause between two of them.
///
/// For somebody who has claims of their own to check, such as a client that reads ID tokens. Clones share the keys.
#[derive(Clone)]
pub struct RemoteKeySet(Arc<Issuer>);

/// What a JWS says, once a key of its issuer has vouched for it. Its claims are still unread.
pub struct Jws {
    /// What it was signed with.
    pub algorithm: Algorithm,
    /// The header's `typ`, if it is text.
    pub typ: Option<String>,
    /// The payload, whatever bytes that is.
    pub payload: Vec<u8>,
}

impl RemoteKeySet {
    /// The keys at `jwks_uri` (https, or http on loopback), as `client` sees them: it decides whom it connects to, and
    /// should follow no redirect. With the feature `fetch`, a `reqwest::Client` is one. `issuer` is for the log. Nothing
    /// is fetched yet.
    pub fn new(
        client: impl HttpGet,
        issuer: impl Into<String>,
        jwks_uri: &str,
        clock: Clock,
    ) -> Result<Self, BuildError> {
        let source = Source::Given(address::document(jwks_uri).ok_or(BuildError::JwksUri)?);
        let Limits { ages, fetch: limits, .. } = Limits::default();
        let fetch = Fetch { client: Arc::new(client), issuer: issuer.into(), source, limits };
        Ok(Self(Issuer::new(fetch, ages, Stopwatch::start(clock))))
    }

    /// Checks form, header and signature of a compact JWS of at most `max_length` bytes. An unknown `kid` causes one
    /// fetch, if the last is 30 s ago. Without one (OpenID Connect Core 10.1), it is the only key of its algorithm that
    /// is meant, which needs no name either.
    pub async fn verify(&self, compact: &str, max_length: usize) -> Result<Jws, Error> {
        let unverified = Unverified::read(compact, max_length)?;
        let (keys, key);
        if let Some(kid) = unverified.kid_if_any()? {
            keys = self.0.keys_for(kid).await?;
            key = keys.find(kid).ok_or(Error::UnknownKey)?;
        } else {
            keys = self.0.keys().await?;
            key = keys.only(unverified.algorithm()).ok_or(Error::KeyId)?;
        }

        let (algorithm, typ) = (unverified.algorithm(), unverified.typ().map(str::to_owned));
        Ok(Jws { algorithm, typ, payload: unverified.verify(key)? })
    }

    /// The keys of the moment, fetched if there are none yet or if they are old.
    pub async fn keys(&self) -> Result<Arc<KeySet>, Error> {
        self.0.keys().await
    }

    /// Why the last fetch brought no keys, if it did not.
    #[must_use]
    pub fn trouble(&self) -> Option<NoAnswer> {
        self.0.trouble()
    }
}

impl fmt::Debug for RemoteKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteKeySet").field(&self.0.name()).finish()
    }
}

/// Without the payload, which may be about a person.
impl fmt::Debug for Jws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jws").field("algorithm", &self.algorithm).field("typ", &self.typ).finish_non_exhaustive()
    }
}
