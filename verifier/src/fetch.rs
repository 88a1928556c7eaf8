//! Asking the issuer for its keys: metadata first, then the JWKS.
//!
//! In:    the issuer, and what the last answer was called.
//! Out:   a key set, or word that the old one is still good; else what went wrong.
//! Never: follows a redirect, asks a host that nobody named, reads more than the limit, decides when to ask.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH,
};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;
use url::{Origin, Url};

use crate::advice::Advice;
use crate::keyset::{KeySet, NotAKeySet};
use crate::limits;
use crate::{address, strict_json};

/// A longer one is not sent back.
const MAX_ETAG: usize = 256;

/// What it takes to fetch one issuer's keys.
pub(crate) struct Fetch {
    pub(crate) client: Client,
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
    etag: HeaderValue,
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
    /// Not 200; a redirect is not followed.
    #[error("the answer has status {0}")]
    Status(StatusCode),
    /// More bytes than the limit.
    #[error("the answer is larger than the limit")]
    TooLarge,
    /// Something between us and the issuer compressed it.
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

        let response = self.ask(&address, known.as_ref()).await?;
        let advice = advice_of(response.headers());
        if response.status() == StatusCode::NOT_MODIFIED && known.is_some() {
            return Ok(Answer::Unchanged { advice });
        }
        let etag = response.headers().get(ETAG).filter(|etag| etag.len() <= MAX_ETAG).cloned();
        let body = self.body(response).await?;
        let keys = KeySet::read(&body, self.limits.max_keys)?;
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
        let body = self.body(self.ask(address, None).await?).await?;
        let metadata: Metadata = strict_json::object(&body).map_err(|_| NoAnswer::NotMetadata)?;
        if metadata.issuer != self.issuer {
            return Err(NoAnswer::OtherIssuer);
        }
        address::document(&metadata.jwks_uri)
            .filter(|jwks| origins.contains(&jwks.origin()))
            .ok_or(NoAnswer::OtherOrigin)
    }

    async fn ask(&self, address: &Url, known: Option<&Known>) -> Result<Response, NoAnswer> {
        let mut request =
            self.client.get(address.clone()).header(ACCEPT, "application/json").header(ACCEPT_ENCODING, "identity");
        if let Some(known) = known {
            request = request.header(IF_NONE_MATCH, known.etag.clone());
        }
        request.send().await.map_err(|_| NoAnswer::Unreachable)
    }

    /// The whole body of a good answer, counted as it comes in.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, NoAnswer> {
        if response.status() != StatusCode::OK {
            return Err(NoAnswer::Status(response.status()));
        }
        if response.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(NoAnswer::Compressed);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| NoAnswer::Unreachable)? {
            if body.len() + chunk.len() > self.limits.max_bytes {
                return Err(NoAnswer::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn advice_of(headers: &HeaderMap) -> Advice {
    // A header that is not even text says something unreadable.
    let cache_control = headers.get_all(CACHE_CONTROL).iter().map(|value| value.to_str().unwrap_or("no-store"));
    Advice::read(cache_control, headers.get(AGE).and_then(|age| age.to_str().ok()))
}
