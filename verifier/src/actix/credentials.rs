//! What a caller has shown.
//!
//! In:    a request's head.
//! Out:   the text of one token, from the one place it may be in.
//! Never: takes a token from the query, which ends up in logs (RFC 9700 4.3.2).

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use url::form_urlencoded;

use super::Challenge;

/// The token of `Authorization: Bearer …` (RFC 6750 2.1), one space between; the scheme in any case (RFC 9110 11.1).
pub(super) fn read(request: &HttpRequest) -> Result<&str, Challenge> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let header = headers.next().ok_or(Challenge::NoCredentials)?;
    if headers.next().is_some() {
        return Err(Challenge::InvalidRequest("more than one Authorization header"));
    }
    let header =
        header.to_str().map_err(|_| Challenge::InvalidRequest("the Authorization header is not ASCII text"))?;
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Challenge::NoCredentials);
    }
    if !is_b64token(token) {
        return Err(Challenge::InvalidRequest("the Authorization header is not `Bearer`, one space and one token"));
    }
    if form_urlencoded::parse(request.query_string().as_bytes()).any(|(name, _)| name == "access_token") {
        return Err(Challenge::InvalidRequest("a token in the query beside the Authorization header"));
    }
    Ok(token)
}

/// `b64token` of RFC 6750 2.1.
fn is_b64token(text: &str) -> bool {
    let unpadded = text.trim_end_matches('=');
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !unpadded.is_empty() && unpadded.bytes().all(is_allowed)
}
