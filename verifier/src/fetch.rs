//! Asking the issuer for its keys: metadata first, then the JWKS.
//!
//! In:    the issuer, and what the last answer was called.
//! Out:   a key set, or word that the old one is still good; else what went wrong.
//! Never: follows a redirect, asks a host that nobody named, reads more than the limit, decides when to ask.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use url::{Origin, Url};

use crate::advice::Advice;
use crate::http_get::{GetRequest, GetResponse, SharedGet};
use crate::keyset::{KeySet, NotAKeySet};
use crate::limits;
use crate::{address, strict_json};

/// A longer one is not sent back.
const MAX_ETAG: usize = 256;

/// What it takes to fetch one issuer's keys.
pub(crate) struct Fetch {
    pub(crate) client: SharedGet,
    pub(crate) issuer: String,
    pub(crate) source: Source,
    pub(crate) limits: limits::Fetch,
}

/// Where the JWKS lies.
pub(crate) enum Source {
    /// Where the service's author said.
    Given(Url),
    /// Where the issuer's metadata says, on one of these origins.
    Discovered { metadata: [Url; 2], origins: Vec<Origin> },
}

/// The name of an answer: for which address, and its `ETag`.
#[derive(Clone)]
pub(crate) struct Known {
    address: Url,
    etag: String,
}

/// A good answer.
pub(crate) enum Answer {
    Keys { keys: Arc<KeySet>, known: Option<Known>, advice: Advice },
    Unchanged { advice: Advice },
}

/// Why there are no new keys. For whoever looks after an issuer; callers only learn that the keys can't be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The time was up.
    #[error("no answer within {0:?}")]
    TooSlow(Duration),
    /// No connection, or none to the end.
    #[error("the issuer can't be reached, or broke off")]
    Unreachable,
    /// An address that the client must not ask, such as one in an inner network.
    #[error("the address may not be asked")]
    Forbidden,
    /// Not 200; a redirect is not followed.
    #[error("the answer has status {0}")]
    Status(u16),
    /// More bytes than the limit.
    #[error("the answer is larger than the limit")]
    TooLarge,
    /// Somebody between us and the issuer compressed it.
    #[error("the answer is compressed, which was not asked for")]
    Compressed,
    /// There is something else at the address of the metadata.
    #[error("the metadata is not a JSON object with `issuer` and `jwks_uri`")]
    NotMetadata,
    /// The issuer in it is not the one that was asked (RFC 8414 3.3).
    #[error("the metadata is that of another issuer")]
    OtherIssuer,
    /// They would send us where nobody said that keys may be.
    #[error("the metadata's `jwks_uri` is not https on an origin that was named")]
    OtherOrigin,
    /// There is something else at the address of the keys.
    #[error(transparent)]
    NotAKeySet(#[from] NotAKeySet),
}

impl NoAnswer {
    /// A short name without numbers, such as a label of a metric wants: `too_slow`, `unreachable`, `forbidden`, `status`,
    /// `too_large`, `compressed`, `not_metadata`, `other_issuer`, `other_origin` or `not_a_key_set`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooSlow(_) => "too_slow",
            Self::Unreachable => "unreachable",
            Self::Forbidden => "forbidden",
            Self::Status(_) => "status",
            Self::TooLarge => "too_large",
            Self::Compressed => "compressed",
            Self::NotMetadata => "not_metadata",
            Self::OtherIssuer => "other_issuer",
            Self::OtherOrigin => "other_origin",
            Self::NotAKeySet(_) => "not_a_key_set",
        }
    }

    /// All the names.
    #[cfg(feature = "metrics")]
    pub(crate) const NAMES: [&'static str; 10] = [
        "too_slow",
        "unreachable",
        "forbidden",
        "status",
        "too_large",
        "compressed",
        "not_metadata",
        "other_issuer",
        "other_origin",
        "not_a_key_set",
    ];
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Fetch {
    /// One refresh, metadata and keys together within the time limit.
    pub(crate) async fn keys(&self, known: Option<Known>) -> Result<Answer, NoAnswer> {
        tokio::time::timeout(self.limits.timeout, self.metadata_then_keys(known))
            .await
            .unwrap_or(Err(NoAnswer::TooSlow(self.limits.timeout)))
    }

    async fn metadata_then_keys(&self, known: Option<Known>) -> Result<Answer, NoAnswer> {
        let address = match &self.source {
            Source::Given(address) => address.clone(),
            Source::Discovered { metadata, origins } => self.discover(metadata, origins).await?,
        };
        let known = known.filter(|known| known.address == address);

        let answer = self.ask(&address, known.as_ref()).await?;
        let advice = Advice::read(answer.cache_control.as_deref().into_iter(), answer.age.as_deref());
        if answer.status == 304 && known.is_some() {
            return Ok(Answer::Unchanged { advice });
        }
        let etag = answer.etag.clone().filter(|etag| etag.len() <= MAX_ETAG);
        let keys = KeySet::read(&self.body(answer)?, self.limits.max_keys)?;
        Ok(Answer::Keys { keys: Arc::new(keys), known: etag.map(|etag| Known { address, etag }), advice })
    }

    /// Where the keys are, by the issuer's own word. The second address is asked when the first has no metadata.
    async fn discover(&self, metadata: &[Url; 2], origins: &[Origin]) -> Result<Url, NoAnswer> {
        let [oauth, openid] = metadata;
        match self.metadata(oauth, origins).await {
            Err(NoAnswer::Status(_) | NoAnswer::NotMetadata) => self.metadata(openid, origins).await,
            found => found,
        }
    }

    async fn metadata(&self, address: &Url, origins: &[Origin]) -> Result<Url, NoAnswer> {
        let body = self.body(self.ask(address, None).await?)?;
        let metadata: Metadata = strict_json::object(&body).map_err(|_| NoAnswer::NotMetadata)?;
        if metadata.issuer != self.issuer {
            return Err(NoAnswer::OtherIssuer);
        }
        address::document(&metadata.jwks_uri)
            .filter(|jwks| origins.contains(&jwks.origin()))
            .ok_or(NoAnswer::OtherOrigin)
    }

    async fn ask(&self, address: &Url, known: Option<&Known>) -> Result<GetResponse, NoAnswer> {
        let if_none_match = known.map(|known| known.etag.as_str());
        self.client.get(GetRequest { url: address, if_none_match, max_bytes: self.limits.max_bytes }).await
    }

    /// The whole body of a good answer. Counted again: the client may not be ours.
    fn body(&self, answer: GetResponse) -> Result<Vec<u8>, NoAnswer> {
        if answer.status != 200 {
            return Err(NoAnswer::Status(answer.status));
        }
        if answer.body.len() > self.limits.max_bytes {
            return Err(NoAnswer::TooLarge);
        }
        Ok(answer.body)
    }
}
