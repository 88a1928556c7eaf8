//! Userinfo: what an ID token leaves out (`OpenID` Connect Core 5.3).

use hallpass_verifier::strict_json;
use serde_json::Value;

use super::id_token::Claims;
use super::wire::{JSON, Wire};
use super::{Document, Provider, UpstreamError};

/// Asks for the claims of `subject`. A signed answer is only for clients that registered for one, and we did not.
pub(super) async fn fetch(
    wire: &Wire,
    provider: &Provider,
    endpoint: &str,
    access_token: &str,
    subject: &str,
) -> Result<Claims, UpstreamError> {
    let request = wire.get(endpoint, JSON).bearer_auth(access_token);
    let reply = wire.send(provider, Document::UserInfo, request).await?.good(Document::UserInfo)?;
    if reply.media_type().as_deref() == Some("application/jwt") {
        return Err(malformed("it is signed, which was not asked for"));
    }
    let claims: Claims = strict_json::object(&reply.body).map_err(|_| malformed("it is no JSON object"))?;
    match claims.get("sub") {
        Some(Value::String(own)) if own == subject => Ok(claims),
        Some(Value::String(_)) => Err(UpstreamError::OtherSubject),
        _ => Err(malformed("it does not say about whom it is")),
    }
}

fn malformed(words: &'static str) -> UpstreamError {
    UpstreamError::Malformed(Document::UserInfo, words)
}
