//! Documents served from memory: their bytes, and the ETag that names them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;

/// A JSON document, ready to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The body.
    pub body: Box<str>,
    /// A strong entity tag with its quotes (RFC 9110 section 8.8.3).
    pub etag: Box<str>,
}

impl Document {
    /// The document `body`.
    #[must_use]
    pub fn new(body: &serde_json::Value) -> Self {
        let body = body.to_string().into_boxed_str();
        let hash = digest::digest(&digest::SHA256, body.as_bytes());
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16])).into();
        Self { body, etag }
    }
}
