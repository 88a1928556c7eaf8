//! Who asks for tokens: the one client, proven in one way.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use ring::digest::{SHA256, digest};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Client;
use super::parameters::Parameters;

/// Why it is not our client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stranger {
    /// Something else was shown, or nothing.
    Wrong,
    /// It was shown in two ways at once (RFC 6749 section 2.3).
    Twice,
}

/// Proves that `client` asks.
pub(super) fn check(headers: &HeaderMap, form: &Parameters, client: &Client) -> Result<(), Stranger> {
    let mut headers = headers.get_all(AUTHORIZATION);
    let (header, another) = (headers.next(), headers.next());
    if another.is_some() || header.is_some() && form.one("client_secret").is_some() {
        return Err(Stranger::Twice);
    }
    let (client_id, secret) = match header {
        Some(header) => header.to_str().ok().and_then(basic),
        None => form
            .one("client_id")
            .zip(form.one("client_secret"))
            .map(|(client_id, secret)| (client_id.to_owned(), Zeroizing::new(secret.to_owned()))),
    }
    .ok_or(Stranger::Wrong)?;
    let is_same = form.one("client_id").is_none_or(|other| other == client_id) && client_id == client.client_id;
    // Hashes have one length, so that not even that of the secret shows.
    let hash = |text: &str| digest(&SHA256, text.as_bytes());
    let is_right: bool = hash(&secret).as_ref().ct_eq(hash(client.client_secret.reveal()).as_ref()).into();
    if is_same && is_right { Ok(()) } else { Err(Stranger::Wrong) }
}

/// `client_id:secret` in base64, each form-encoded (RFC 6749 section 2.3.1).
fn basic(header: &str) -> Option<(String, Zeroizing<String>)> {
    let (scheme, credentials) = header.split_once(' ')?;
    let pair = STANDARD.decode(credentials).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let pair = Zeroizing::new(String::from_utf8(pair).ok()?);
    let (client_id, secret) = pair.split_once(':')?;
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8().map(String::from).ok();
    Some((decode(client_id)?, Zeroizing::new(decode(secret)?)))
}
