//! The one thing that is asked of an HTTP client.
//!
//! In:    an address, and what the last answer from there was called.
//! Out:   status, the few headers that matter, the body.
//! Never: decides what an answer means. That is `fetch`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use url::Url;

use crate::fetch::NoAnswer;

/// An HTTP client of your own, for a service that has one already or that must do without ours (feature `fetch`).
///
/// Implement it with whatever the service speaks HTTP with, and hand it to
/// [`VerifierBuilder::http_get`](crate::VerifierBuilder::http_get). Whom to ask and what the answer means is decided
/// here; connections, TLS and proxies are yours. A refresh, which is up to three requests, is given up after the
/// builder's `fetch_timeout`, by dropping the future.
///
/// ```
/// use hallpass_verifier::{GetFuture, GetRequest, GetResponse, HttpGet, NoAnswer, Verifier};
///
/// struct Canned;
///
/// impl HttpGet for Canned {
///     fn get<'g>(&'g self, request: GetRequest<'g>) -> GetFuture<'g> {
///         Box::pin(async move {
///             match request.url.path() {
///                 "/jwks" => Ok(GetResponse { status: 200, body: br#"{"keys": []}"#.to_vec(), ..GetResponse::default() }),
///                 _ => Err(NoAnswer::Unreachable),
///             }
///         })
///     }
/// }
///
/// let verifier = Verifier::builder("https://issuer.example")
///     .audience("https://api.example")
///     .jwks_uri("https://issuer.example/jwks")
///     .http_get(Canned)
///     .build()?;
/// # drop(verifier);
/// # Ok::<_, hallpass_verifier::BuildError>(())
/// ```
pub trait HttpGet: Send + Sync + 'static {
    /// Sends a GET with `Accept: application/json` and `Accept-Encoding: identity`, follows no redirect, and reads at most
    /// `max_bytes` of the body.
    ///
    /// Any status is an answer. No answer is [`NoAnswer::Unreachable`]; one that is too large, [`NoAnswer::TooLarge`]; one
    /// that was compressed all the same, [`NoAnswer::Compressed`]. Who may not ask there says [`NoAnswer::Forbidden`].
    fn get<'g>(&'g self, request: GetRequest<'g>) -> GetFuture<'g>;
}

/// What [`HttpGet::get`] returns: a boxed future, so that the client can be chosen when the program runs.
pub type GetFuture<'g> = Pin<Box<dyn Future<Output = Result<GetResponse, NoAnswer>> + Send + 'g>>;

/// What to ask for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GetRequest<'g> {
    /// Where: https, or http on loopback.
    pub url: &'g Url,
    /// What to send as `If-None-Match`, as it is (RFC 9110 13.1.2).
    pub if_none_match: Option<&'g str>,
    /// How many bytes the body may have.
    pub max_bytes: usize,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub struct GetResponse {
    /// The status: 200 and, after `if_none_match`, 304 are good ones.
    pub status: u16,
    /// `Cache-Control`; several lines with a comma between (RFC 9110 5.3).
    pub cache_control: Option<String>,
    /// `Age`, in seconds.
    pub age: Option<String>,
    /// `ETag`, with its quotes.
    pub etag: Option<String>,
    /// The body; of no account unless the status is 200.
    pub body: Vec<u8>,
}

pub(crate) type SharedGet = Arc<dyn HttpGet>;
