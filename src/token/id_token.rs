//! ID tokens (OpenID Connect Core section 2): who signed in, for the app that asked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hallpass_verifier::Algorithm;
use ring::digest::{SHA256, SHA512, digest};
use serde::Serialize;
use serde_json::{Map, Value};

/// The claims of an ID token, in the order they are signed.
#[derive(Clone, Debug, Serialize)]
pub struct IdClaims<'a> {
    /// The issuer.
    pub iss: &'a str,
    /// The person.
    pub sub: &'a str,
    /// The app: its `client_id`.
    pub aud: &'a str,
    /// The second from which it is dead.
    pub exp: i64,
    /// When it was signed.
    pub iat: i64,
    /// When the person proved who they are.
    pub auth_time: i64,
    /// What the app sent along.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// How they did, in the provider's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acr: Option<&'a str>,
    /// By which means, in the provider's words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<&'a str>,
    /// Binds the access token that came with it.
    pub at_hash: String,
    /// The session.
    pub sid: &'a str,
    /// What the app may know of the person.
    #[serde(flatten)]
    pub person: Map<String, Value>,
}

/// `at_hash` (OpenID Connect Core section 3.1.3.6): the left half of the access token's hash.
#[must_use]
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Rs256 | Algorithm::Es256 => digest(&SHA256, access_token.as_bytes()),
        Algorithm::EdDsa => digest(&SHA512, access_token.as_bytes()),
    };
    BASE64URL.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard() {
        // OpenID Connect Core, appendix A.3.
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";

        assert_eq!(at_hash(Algorithm::Rs256, access_token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
}
