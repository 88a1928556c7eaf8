//! Our own HTTP client: reqwest with rustls and ring.
//!
//! In:    the issuer, the certificates to trust, the time a fetch may take.
//! Out:   a client that gets one document at a time.
//! Never: follows a redirect, reads more than the limit.

use std::time::Duration;

use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH,
};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};
use url::Url;

use crate::address;
use crate::error::BuildError;
use crate::fetch::NoAnswer;
use crate::http_get::{GetFuture, GetRequest, GetResponse, HttpGet};

/// Makes ring what rustls works with in this process, unless somebody has chosen before.
pub(crate) fn install_ring() {
    // An error says that the host chose before us, which is as it should be.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client for one issuer's documents.
pub(crate) fn new(
    issuer: &Url,
    needs_tls: bool,
    root_certificates: &[Vec<u8>],
    timeout: Duration,
) -> Result<Client, BuildError> {
    install_ring();
    let mut client = Client::builder()
        .redirect(Policy::none())
        .timeout(timeout)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(10))
        .user_agent(concat!("hallpass-verifier/", env!("CARGO_PKG_VERSION")));

    // What is on this machine is not asked for through a proxy.
    if address::is_loopback(issuer) {
        client = client.no_proxy();
    }
    let mut certificates = Vec::new();
    for pem in root_certificates {
        let found = Certificate::from_pem_bundle(pem).map_err(|_| BuildError::RootCertificate)?;
        if found.is_empty() {
            return Err(BuildError::RootCertificate);
        }
        certificates.extend(found);
    }
    // A machine without root certificates can still talk to itself.
    client = if needs_tls { client.tls_certs_merge(certificates) } else { client.tls_certs_only(certificates) };
    client.build().map_err(|_| BuildError::Tls)
}

impl HttpGet for Client {
    fn get<'g>(&'g self, request: GetRequest<'g>) -> GetFuture<'g> {
        Box::pin(async move {
            let mut asking = Client::get(self, request.url.clone())
                .header(ACCEPT, "application/json")
                .header(ACCEPT_ENCODING, "identity");
            if let Some(etag) = request.if_none_match {
                asking = asking.header(IF_NONE_MATCH, etag);
            }
            let response = asking.send().await.map_err(|_| NoAnswer::Unreachable)?;
            read(response, request.max_bytes).await
        })
    }
}

/// The body only of a good answer, counted as it comes in.
async fn read(mut response: Response, max_bytes: usize) -> Result<GetResponse, NoAnswer> {
    let headers = response.headers();
    let mut answer = GetResponse {
        status: response.status().as_u16(),
        cache_control: cache_control(headers),
        age: text(headers, &AGE),
        etag: text(headers, &ETAG),
        body: Vec::new(),
    };
    if answer.status != 200 {
        return Ok(answer);
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(NoAnswer::Compressed);
    }
    while let Some(chunk) = response.chunk().await.map_err(|_| NoAnswer::Unreachable)? {
        if answer.body.len() + chunk.len() > max_bytes {
            return Err(NoAnswer::TooLarge);
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// A header that is not even text says something unreadable.
fn cache_control(headers: &HeaderMap) -> Option<String> {
    let lines: Vec<_> =
        headers.get_all(CACHE_CONTROL).iter().map(|value| value.to_str().unwrap_or("no-store")).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}
