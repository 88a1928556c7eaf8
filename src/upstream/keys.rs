//! A provider's keys, kept as the verifier keeps an issuer's, and asked for over our own wire: within its limits, and nowhere
//! that the guard does not allow.

use std::sync::Arc;

use hallpass_verifier::{Clock, GetFuture, GetRequest, GetResponse, HttpGet, NoAnswer, RemoteKeySet};
use reqwest::header::{AGE, CACHE_CONTROL, ETAG, IF_NONE_MATCH};

use super::wire::{JSON, Reply, Wire};
use super::{Document, Provider, UpstreamError};

/// Keys that are at `jwks_uri`. Nothing is fetched yet.
pub(super) fn of(
    wire: &Wire,
    provider: &Provider,
    jwks_uri: &str,
    clock: Clock,
) -> Result<RemoteKeySet, UpstreamError> {
    let line = Line { wire: wire.clone(), name: Arc::clone(&provider.name) };
    RemoteKeySet::new(line, &*provider.issuer, jwks_uri, clock)
        .map_err(|_| UpstreamError::Malformed(Document::Metadata, "no https `jwks_uri`"))
}

/// The wire, as whoever keeps one provider's keys sees it.
struct Line {
    wire: Wire,
    name: Arc<str>,
}

impl HttpGet for Line {
    fn get<'g>(&'g self, asked: GetRequest<'g>) -> GetFuture<'g> {
        Box::pin(async move {
            let mut request = self.wire.get(asked.url.as_str(), JSON);
            if let Some(etag) = asked.if_none_match {
                request = request.header(IF_NONE_MATCH, etag);
            }
            let sent = self.wire.send_counted(&self.name, Document::Keys, request).await;
            sent.map(document).map_err(|error| no_answer(&error))
        })
    }
}

fn document(reply: Reply) -> GetResponse {
    let text = |name| reply.header(name).map(str::to_owned);
    // A header that is not even text says something unreadable.
    let advice = reply.headers.get_all(CACHE_CONTROL).iter().map(|value| value.to_str().unwrap_or("no-store"));
    let advice: Vec<&str> = advice.collect();
    GetResponse {
        status: reply.status,
        cache_control: (!advice.is_empty()).then(|| advice.join(", ")),
        age: text(&AGE),
        etag: text(&ETAG),
        body: reply.body,
    }
}

fn no_answer(error: &UpstreamError) -> NoAnswer {
    match error {
        UpstreamError::Forbidden => NoAnswer::Forbidden,
        UpstreamError::TooLarge(_) => NoAnswer::TooLarge,
        UpstreamError::Compressed(_) => NoAnswer::Compressed,
        _ => NoAnswer::Unreachable,
    }
}
