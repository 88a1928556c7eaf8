//! The wire: one request to a provider and its whole answer, within limits.
//!
//! In:    a request.
//! Out:   status and body, counted as it comes in; else which limit it met.
//! Never: follows a redirect, uses a proxy, unpacks anything, asks twice, reads what an answer means.

use std::sync::Arc;
use std::time::Instant;

use openidconnect::{HttpRequest, HttpResponse, http};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue,
};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Request, Response};

use super::guard::{Guard, is_forbidden};
use super::{Document, Provider, Settings, UpstreamError};
use crate::limit;

/// What nearly every document is.
pub(super) const JSON: &str = "application/json";

/// How requests leave this house.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    client: Client,
    pub(super) guard: Guard,
}

/// An answer, whatever its status.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// A certificate that is none, or a machine on which TLS can't be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a root certificate for providers is not in PEM, or is broken")]
pub struct BadCertificate;

impl Wire {
    pub(super) fn new(settings: &Settings) -> Result<Self, BadCertificate> {
        hallpass_verifier::provider::install();
        let guard = Guard::new(&settings.allowed_networks);
        let mut certificates = Vec::new();
        for pem in &settings.root_certificates {
            let found = Certificate::from_pem_bundle(pem).map_err(|_| BadCertificate)?;
            if found.is_empty() {
                return Err(BadCertificate);
            }
            certificates.extend(found);
        }
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .no_proxy()
                .retry(reqwest::retry::never())
                .dns_resolver(guard.clone())
                .timeout(limit::UPSTREAM_TIMEOUT)
                .connect_timeout(limit::DISCOVERY_TIMEOUT)
                .user_agent(concat!("hallpass/", env!("CARGO_PKG_VERSION")))
        };
        let client = builder().tls_certs_merge(certificates.clone()).build().or_else(|_| {
            // A server starts on a machine without root certificates, too: it may never ask a public provider.
            tracing::warn!("this machine has no root certificates; providers behind https can't be asked");
            builder().tls_certs_only(certificates).build()
        });
        Ok(Self { client: client.map_err(|_| BadCertificate)?, guard })
    }

    /// A request for a document of this media type.
    pub(super) fn get(&self, url: &str, accept: &'static str) -> reqwest::RequestBuilder {
        self.client.get(url).header(ACCEPT, accept)
    }

    /// Sends a request and reads the whole answer.
    pub(super) async fn send(
        &self,
        provider: &Provider,
        document: Document,
        request: reqwest::RequestBuilder,
    ) -> Result<Reply, UpstreamError> {
        self.send_counted(&provider.name, document, request).await
    }

    /// The same, counted under the name of the provider.
    pub(super) async fn send_counted(
        &self,
        name: &Arc<str>,
        document: Document,
        request: reqwest::RequestBuilder,
    ) -> Result<Reply, UpstreamError> {
        // A builder fails where an endpoint is no URL, and those were checked.
        let request = request.build().map_err(|_| UpstreamError::Malformed(document, "its address can't be asked"))?;
        let mut seen = Seen { name, document, began: Instant::now(), outcome: "slow" };
        let outcome = self.exchange(document, request).await;
        seen.outcome = outcome.as_ref().map_or_else(UpstreamError::outcome, |reply| match reply.status {
            200 | 304 => "ok",
            400..=499 => "refused",
            _ => "wrong",
        });
        outcome
    }

    /// The same for a request of `openidconnect`, whose answer it reads.
    pub(super) async fn send_for_tokens(
        &self,
        provider: &Provider,
        request: HttpRequest,
    ) -> Result<Reply, UpstreamError> {
        let request = Request::try_from(request)
            .map_err(|_| UpstreamError::Malformed(Document::Tokens, "its address can't be asked"))?;
        self.send(provider, Document::Tokens, reqwest::RequestBuilder::from_parts(self.client.clone(), request)).await
    }

    async fn exchange(&self, document: Document, mut request: Request) -> Result<Reply, UpstreamError> {
        self.guard.check(request.url()).map_err(|_| UpstreamError::Forbidden)?;
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let response = self.client.execute(request).await.map_err(|error| what_happened(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(UpstreamError::Compressed(document));
        }
        Ok(Reply { status, headers, body: whole_body(document, response).await? })
    }
}

async fn whole_body(document: Document, mut response: Response) -> Result<Vec<u8>, UpstreamError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| what_happened(&error))? {
        if body.len() + chunk.len() > limit::UPSTREAM_DOCUMENT_MAX {
            return Err(UpstreamError::TooLarge(document));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn what_happened(error: &reqwest::Error) -> UpstreamError {
    if is_forbidden(error) {
        UpstreamError::Forbidden
    } else if error.is_timeout() {
        UpstreamError::TooSlow
    } else {
        UpstreamError::Unreachable
    }
}

impl Reply {
    /// The body of an answer with status 200.
    pub(super) fn good(self, document: Document) -> Result<Self, UpstreamError> {
        if self.status == 200 { Ok(self) } else { Err(UpstreamError::Status(document, self.status)) }
    }

    /// The media type, without its parameters, in lower case.
    pub(super) fn media_type(&self) -> Option<String> {
        let whole = self.header(&CONTENT_TYPE)?;
        whole.split(';').next().map(|media_type| media_type.trim().to_ascii_lowercase())
    }

    /// When the provider says that it is.
    pub(super) fn date(&self) -> Option<&str> {
        self.header(&DATE)
    }

    pub(super) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// As `openidconnect` takes it, once it was judged.
    pub(super) fn into_response(self) -> HttpResponse {
        let mut response = http::Response::new(self.body);
        *response.status_mut() = http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::BAD_GATEWAY);
        response
    }
}

/// A request under way: however it ends, it is counted. Who is still waiting when the time is up counts as slow.
struct Seen<'p> {
    name: &'p Arc<str>,
    document: Document,
    began: Instant,
    outcome: &'static str,
}

impl Drop for Seen<'_> {
    fn drop(&mut self) {
        let (name, document) = (self.name, self.document.as_str());
        metrics::counter!("hallpass_upstream_requests_total",
            "provider" => name.clone(), "document" => document, "outcome" => self.outcome)
        .increment(1);
        metrics::histogram!("hallpass_upstream_request_seconds", "provider" => name.clone(), "document" => document)
            .record(self.began.elapsed());
    }
}
