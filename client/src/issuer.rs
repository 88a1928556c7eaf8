//! Talking to the issuer: its metadata, and the trade itself.
//!
//! In:    a key, and what a token is to be for.
//! Out:   a grant and when it was asked for, or why there is none.
//! Never: follows a redirect, sends the key to an address that nobody named, reads more than the limit, tries again.

use std::sync::OnceLock;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use url::Url;

use crate::address;
use crate::answer::{self, Failure};
use crate::clock::{Moment, Stopwatch};
use crate::error::{BadMetadata, Error, Trouble};
use crate::key::Key;
use crate::retry_after;
use crate::target::Target;
use crate::token::Grant;

/// One issuer, and what it takes to ask it.
pub(crate) struct Issuer {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) url: Url,
    /// Where keys are traded: given, or found once.
    pub(crate) endpoint: OnceLock<Url>,
    pub(crate) max_answer: usize,
    pub(crate) stopwatch: Stopwatch,
}

/// RFC 8414 2.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
}

impl Issuer {
    /// Shows the key, once.
    pub(crate) async fn trade(&self, key: &Key, target: &Target) -> Result<(Grant, Moment), Failure> {
        self.show(key, target).await.map_err(|failure| failure.without(key))
    }

    async fn show(&self, key: &Key, target: &Target) -> Result<(Grant, Moment), Failure> {
        let endpoint = self.endpoint().await?;
        let asked = self.stopwatch.now();
        let request = self.client.post(endpoint.clone()).bearer_auth(key.reveal());
        let response =
            send(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(target.form())).await?;
        let status = response.status();
        let retry_after = retry_after::read(response.headers(), self.stopwatch.now().wall);
        match self.body(response).await {
            Ok(body) if status == StatusCode::OK => Ok((answer::grant(&body, key)?, asked)),
            Ok(body) => Err(answer::refusal(status, &body, retry_after)),
            Err(trouble) => Err(Failure::Passing { trouble, retry_after }),
        }
    }

    /// Where keys are traded, by the issuer's own word.
    async fn endpoint(&self) -> Result<&Url, Failure> {
        if let Some(endpoint) = self.endpoint.get() {
            return Ok(endpoint);
        }
        let response = send(self.client.get(address::metadata(&self.url))).await?;
        if response.status() != StatusCode::OK {
            let retry_after = retry_after::read(response.headers(), self.stopwatch.now().wall);
            return Err(Failure::Passing { trouble: Trouble::Status(response.status()), retry_after });
        }
        let body = self.body(response).await?;
        let metadata: Metadata =
            serde_json::from_slice(&body).map_err(|_| Trouble::Malformed("issuer` and `token_endpoint"))?;
        let endpoint = self.judge(&metadata).map_err(|reason| Failure::Final(Error::Metadata(reason)))?;
        Ok(self.endpoint.get_or_init(|| endpoint))
    }

    fn judge(&self, metadata: &Metadata) -> Result<Url, BadMetadata> {
        if metadata.issuer != self.name {
            return Err(BadMetadata::OtherIssuer);
        }
        address::endpoint(&metadata.token_endpoint)
            .filter(|endpoint| endpoint.origin() == self.url.origin())
            .ok_or(BadMetadata::OtherOrigin)
    }

    /// The whole body, counted as it comes in.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Trouble> {
        if response.headers().get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(Trouble::Compressed);
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
            if body.len() + chunk.len() > self.max_answer {
                return Err(Trouble::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

async fn send(request: RequestBuilder) -> Result<Response, Trouble> {
    let request = request.header(ACCEPT, "application/json").header(ACCEPT_ENCODING, "identity");
    request.send().await.map_err(|error| unreachable(&error))
}

/// Of the chain of causes the last says why; those before it, at what.
fn unreachable(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() {
        return Trouble::Unreachable { why: "it took too long".to_owned() };
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Trouble::Unreachable { why: answer::words(&cause.to_string()) }
}
