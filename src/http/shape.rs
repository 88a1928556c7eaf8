//! The shape of a request: what a proxy in front might read in another way than we do is refused before anything
//! else, and so is any second spelling of a path that a proxy's rule might miss.

use actix_web::dev::RequestHead;
use actix_web::http::header::{CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use actix_web::http::{Method, Version};

use crate::flow::Refusal;

/// Refuses a request in absolute form, with two hosts or lengths, with a length and an encoding, that acts and
/// wants another protocol, or that spells a path with escapes. Where the issuer `is_on_this_machine` there is no proxy.
pub(super) fn check(head: &RequestHead, is_on_this_machine: bool) -> Result<(), Refusal> {
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
    // Java's HttpClient offers h2c with every request over plain http; behind a document nothing comes that could be
    // misread, and on this machine there is nobody in between who could.
    let is_reading = matches!(head.method, Method::GET | Method::HEAD);
    let is_offer = |value: &HeaderValue| is_on_this_machine && value.as_bytes().eq_ignore_ascii_case(b"h2c");
    if !is_reading && !head.headers().get_all(UPGRADE).all(is_offer) {
        return Err(Refusal::OddRequest("upgrade"));
    }
    if head.uri.path().contains('%') {
        return Err(Refusal::NoSuchAddress);
    }
    Ok(())
}
