//! What a caller has shown.
//!
//! In:    a request's head.
//! Out:   the text of one token, from the one place it may be in.
//! Never: takes a token from the query, which ends up in logs (RFC 9700 4.3.2).

use url::form_urlencoded;

use super::Challenge;

/// The token of `Authorization: Bearer …` (RFC 6750 2.1), one space between; the scheme in any case (RFC 9110 11.1).
///
/// `authorization` is the value of each `Authorization` line, of which there has to be exactly one; `query` is the
/// request's, without the question mark, empty when there is none. Nothing, or another scheme, is
/// [`Challenge::NoCredentials`]; a second line, a header that is not one token, or an `access_token` in the query beside
/// the header is [`Challenge::InvalidRequest`].
///
/// ```
/// use hallpass_verifier::{Challenge, bearer_token};
///
/// assert_eq!(bearer_token([&b"bearer a.b.c"[..]], ""), Ok("a.b.c"));
/// assert_eq!(bearer_token([], "access_token=a.b.c"), Err(Challenge::NoCredentials));
/// assert!(matches!(bearer_token([&b"Bearer a.b.c"[..]], "access_token=x"), Err(Challenge::InvalidRequest(_))));
/// ```
pub fn bearer_token<'r>(authorization: impl IntoIterator<Item = &'r [u8]>, query: &str) -> Result<&'r str, Challenge> {
    let mut headers = authorization.into_iter();
    let header = headers.next().ok_or(Challenge::NoCredentials)?;
    if headers.next().is_some() {
        return Err(Challenge::InvalidRequest("more than one Authorization header"));
    }
    let header = text(header).ok_or(Challenge::InvalidRequest("the Authorization header is not ASCII text"))?;
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Challenge::NoCredentials);
    }
    if !is_b64token(token) {
        return Err(Challenge::InvalidRequest("the Authorization header is not `Bearer`, one space and one token"));
    }
    if form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "access_token") {
        return Err(Challenge::InvalidRequest("a token in the query beside the Authorization header"));
    }
    Ok(token)
}

/// Visible ASCII, spaces and tabs.
fn text(header: &[u8]) -> Option<&str> {
    let is_text = header.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    std::str::from_utf8(header).ok().filter(|_| is_text)
}

/// `b64token` of RFC 6750 2.1.
fn is_b64token(text: &str) -> bool {
    let unpadded = text.trim_end_matches('=');
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !unpadded.is_empty() && unpadded.bytes().all(is_allowed)
}
