//! A token in a form body, beside the one in the header (RFC 6750 2: one way per request).
//!
//! In:    a payload that others want to read too.
//! Out:   whether the beginning of it has an `access_token`; the payload, as it was.
//! Never: keeps more than 16 KiB of it.

use std::future::Future;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::sync::oneshot;
use url::form_urlencoded;

const MOST: usize = 16 * 1024;

type Chunk = Result<Bytes, PayloadError>;

/// For a form, a look at its beginning. Whoever reads the payload next waits until that has been had.
pub(super) fn peek_form(request: &HttpRequest, payload: &mut Payload) -> Option<impl Future<Output = bool> + use<>> {
    let is_form = request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded");
    if !is_form || !request.headers().contains_key(CONTENT_TYPE) || matches!(payload, Payload::None) {
        return None;
    }
    let mut body = payload.take();
    let (hand_on, received) = oneshot::channel::<(Vec<Chunk>, Payload)>();
    let whole = stream::once(received).flat_map(|given| {
        let (seen, rest) = given.unwrap_or((Vec::new(), Payload::None));
        stream::iter(seen).chain(rest)
    });
    *payload = Payload::Stream { payload: Box::pin(whole) };

    Some(async move {
        let mut seen: Vec<Chunk> = Vec::new();
        let mut text = Vec::new();
        while text.len() < MOST {
            let Some(chunk) = body.next().await else { break };
            let is_broken = chunk.is_err();
            if let Ok(bytes) = &chunk {
                text.extend_from_slice(&bytes[..bytes.len().min(MOST - text.len())]);
            }
            seen.push(chunk);
            if is_broken {
                break;
            }
        }
        let has_token = form_urlencoded::parse(&text).any(|(name, _)| name == "access_token");
        // Nobody else wants the body when this fails.
        let _ = hand_on.send((seen, body));
        has_token
    })
}
