//! Forms: `application/x-www-form-urlencoded`, read strictly and within limits.

use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::{HttpRequest, rt, web};
use futures_util::StreamExt;
use percent_encoding::percent_decode;

use crate::flow::{Form, FormFault, Refusal};
use crate::limit;

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Reads the body of `request` as a form. Nothing is taken from the query.
pub(super) async fn read(request: &HttpRequest, payload: web::Payload) -> Result<Form, Refusal> {
    Form::new(pairs(request, payload).await?)
}

/// The same, with repeats and empty ones.
pub(super) async fn pairs(request: &HttpRequest, payload: web::Payload) -> Result<Vec<(String, String)>, Refusal> {
    check_type(request.headers()).map_err(Refusal::Form)?;
    let body = rt::time::timeout(limit::READ_TIMEOUT, read_body(request, payload)).await;
    let body = body.map_err(|_| FormFault::TooSlow).flatten().map_err(Refusal::Form)?;
    parse(&body).map_err(Refusal::Form)
}

/// The query of `request`, with repeats and empty ones.
pub(super) fn query(request: &HttpRequest) -> Result<Vec<(String, String)>, Refusal> {
    parse(request.query_string().as_bytes()).map_err(Refusal::Form)
}

/// The name or value that `text` encodes: `+` is a space, `%` has two digits behind it, and all is UTF-8 without NUL.
pub(super) fn decode(text: &[u8]) -> Result<String, FormFault> {
    let mut escapes = text.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    if escapes.any(|(at, _)| !text.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))) {
        return Err(FormFault::Broken);
    }
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_decode(&spaced).decode_utf8().map_err(|_| FormFault::Broken)?;
    // Nothing of ours has a NUL in it, and a database may not even look for one.
    if decoded.contains('\0') { Err(FormFault::Broken) } else { Ok(decoded.into_owned()) }
}

fn check_type(headers: &HeaderMap) -> Result<(), FormFault> {
    let mut types = headers.get_all(CONTENT_TYPE);
    let (Some(own), None) = (types.next(), types.next()) else {
        return Err(FormFault::WrongMediaType);
    };
    let own = own.to_str().map_err(|_| FormFault::WrongMediaType)?;
    let mut parts = own.split(';').map(str::trim);
    let is_form = parts.next().is_some_and(|media| media.eq_ignore_ascii_case(MEDIA_TYPE));
    let is_utf8 = parts.filter(|part| !part.is_empty()).all(|part| match part.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    if !is_form || !is_utf8 {
        return Err(FormFault::WrongMediaType);
    }
    match headers.get(CONTENT_ENCODING) {
        Some(encoding) if !encoding.as_bytes().eq_ignore_ascii_case(b"identity") => Err(FormFault::Encoded),
        _ => Ok(()),
    }
}

async fn read_body(request: &HttpRequest, mut payload: web::Payload) -> Result<web::Bytes, FormFault> {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit::FORM_MAX as u64) {
        return Err(FormFault::TooLarge);
    }
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => FormFault::TooLarge,
            _ => FormFault::Broken,
        })?;
        if body.len() + chunk.len() > limit::FORM_MAX {
            return Err(FormFault::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn parse(body: &[u8]) -> Result<Vec<(String, String)>, FormFault> {
    let mut parameters = Vec::with_capacity(4);
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if parameters.len() == limit::FORM_FIELDS_MAX {
            return Err(FormFault::Broken);
        }
        let at = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let value = pair.get(at + 1..).unwrap_or_default();
        parameters.push((decode(&pair[..at])?, decode(value)?));
    }
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_and_spaces_are_read_and_broken_ones_refused() {
        assert_eq!(
            parse(b"a=1+2&b=%C3%A4&c&&=d"),
            Ok([("a", "1 2"), ("b", "ä"), ("c", ""), ("", "d")].map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec())
        );
        for broken in ["a=%", "a=%4", "a=%zz", "a=%ff", "%c3=1", "a=%C3%28", "a=%00", "a=b%00c", "\0=1"] {
            assert_eq!(parse(broken.as_bytes()), Err(FormFault::Broken), "{broken}");
        }
    }

    proptest! {
        #[test]
        fn what_a_client_encodes_is_what_we_read(pairs in proptest::collection::vec(("[^\0]{1,20}", "[^\0]{0,20}"), 0..8)) {
            let body: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();

            prop_assert_eq!(parse(body.as_bytes()), Ok(pairs));
        }

        #[test]
        fn no_body_makes_it_panic(body: Vec<u8>) {
            let _ = parse(&body);
        }
    }
}
