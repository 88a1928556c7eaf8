//! What was shown: exactly one API key, in one of four ways, or the bare name of a public app.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Arrival, form};
use crate::credential::{ApiKey, NotAnApiKey, Prefix};
use crate::flow::{Caller, Form, Refusal, Scheme, ShownKey};
use crate::policy::address;

const API_KEY_HEADER: &str = "x-api-key";
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Who a request says it is: two credentials are a refusal (RFC 6749 section 2.3), and none is for public apps alone.
pub(super) fn read(headers: &HeaderMap, form: &Form, prefix: &Prefix) -> Result<Caller, Refusal> {
    let mut shown = headers
        .get_all(AUTHORIZATION)
        .map(|value| authorization(value.as_bytes(), prefix))
        .chain(headers.get_all(API_KEY_HEADER).map(|value| Some(bare(Scheme::ApiKeyHeader, value.as_bytes(), prefix))))
        .chain(form.one("client_secret").map(|secret| Some(bare(Scheme::Post, secret.as_bytes(), prefix))))
        // A JWT that we can't take is still a second credential.
        .chain(form.one("client_assertion").map(|_| None));
    let first = shown.next();
    if shown.next().is_some() {
        return Err(Refusal::SeveralCredentials);
    }
    drop(shown);
    let client_id = form.one("client_id").map(str::to_owned);
    match first {
        None => client_id.map(|client_id| Caller::Public { client_id }).ok_or(Refusal::NoCredential),
        Some(shown) => {
            let mut shown = shown.ok_or(Refusal::NoCredential)?;
            shown.client_ids.extend(client_id);
            Ok(Caller::Key(shown))
        }
    }
}

/// The address a request comes from, past the proxies that are trusted; `None` when nobody can tell.
pub(super) fn address(request: &HttpRequest, arrival: &Arrival) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    if arrival.trusted_proxies.is_empty() {
        return Some(peer.to_canonical());
    }
    // Several lines are one list (RFC 9110 section 5.3).
    let lines: Vec<&[u8]> = request.headers().get_all(FORWARDED_FOR).map(HeaderValue::as_bytes).collect();
    address::client(peer, &lines.join(&b','), &arrival.trusted_proxies)
}

/// `None` for a scheme that is not ours.
fn authorization(value: &[u8], prefix: &Prefix) -> Option<ShownKey> {
    let at = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, rest) = value.split_at(at);
    let rest = rest.strip_prefix(b" ").unwrap_or_default();
    if scheme.eq_ignore_ascii_case(b"basic") {
        Some(basic(rest, prefix).unwrap_or(ShownKey {
            scheme: Scheme::Basic,
            client_ids: vec![],
            key: Err(NotAnApiKey),
        }))
    } else if scheme.eq_ignore_ascii_case(b"bearer") {
        Some(bare(Scheme::Bearer, rest, prefix))
    } else {
        None
    }
}

/// `client_id:key` in base64, each form-encoded (RFC 6749 section 2.3.1).
fn basic(credentials: &[u8], prefix: &Prefix) -> Option<ShownKey> {
    let pair = Zeroizing::new(STANDARD.decode(credentials).ok()?);
    let at = pair.iter().position(|byte| *byte == b':')?;
    let client_id = form::decode(&pair[..at]).ok().filter(|client_id| !client_id.is_empty())?;
    let key = Zeroizing::new(form::decode(&pair[at + 1..]).ok()?);
    Some(ShownKey { scheme: Scheme::Basic, client_ids: vec![client_id], key: ApiKey::parse(prefix, &key) })
}

fn bare(scheme: Scheme, key: &[u8], prefix: &Prefix) -> ShownKey {
    let key = std::str::from_utf8(key).map_err(|_| NotAnApiKey).and_then(|key| ApiKey::parse(prefix, key));
    ShownKey { scheme, client_ids: vec![], key }
}
