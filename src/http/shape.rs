//! The shape of a request: what a proxy in front might read in another way than we do is refused before anything
//! else, and so is any second spelling of a path that a proxy's rule might miss.

use actix_web::dev::RequestHead;
use actix_web::http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING, UPGRADE};
use actix_web::http::{Method, Version};

use crate::flow::Refusal;

/// Refuses a request in absolute form, with two hosts or lengths, with a length and an encoding, that acts and
/// wants another protocol, or that spells a path with escapes.
pub(super) fn check(head: &RequestHead) -> Result<(), Refusal> {
    let count = |name| head.headers().get_all(name).count();
    if head.uri.scheme().is_some() || head.uri.authority().is_some() {
        return Err(Refusal::OddRequest("absolute form"));
    }
    if count(HOST) > 1 || count(CONTENT_LENGTH) > 1 || count(TRANSFER_ENCODING) > 1 {
        return Err(Refusal::OddRequest("a header twice"));
    }
    let has_encoding = head.headers().contains_key(TRANSFER_ENCODING);
    if has_encoding && (head.headers().contains_key(CONTENT_LENGTH) || head.version < Version::HTTP_11) {
        return Err(Refusal::OddRequest("a transfer encoding beside a length"));
    }
    // Java's HttpClient offers h2c with every request; behind a document nothing comes that could be misread.
    let is_reading = matches!(head.method, Method::GET | Method::HEAD);
    if head.headers().contains_key(UPGRADE) && !is_reading {
        return Err(Refusal::OddRequest("upgrade"));
    }
    if head.uri.path().contains('%') {
        return Err(Refusal::NoSuchAddress);
    }
    Ok(())
}
