//! What a provider says of itself (`OpenID` Connect Discovery 3): as much of it as a login needs, each part checked.

use hallpass_verifier::{address, strict_json};
use serde::Deserialize;
use url::Url;

use super::guard::Guard;
use super::{Document, UpstreamError};

/// Checked metadata. Addresses are kept as they were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) userinfo_endpoint: Option<String>,
    pub(super) jwks_uri: String,
    /// Whether the client secret goes into the body: only where the provider takes it nowhere else.
    pub(super) wants_secret_in_body: bool,
    /// Whether every answer names its issuer (RFC 9207 3).
    pub(super) announces_iss: bool,
    /// The challenge methods that it announces, if it announces any.
    pub(super) challenge_methods: Option<Vec<String>>,
    /// The values of `prompt` that it announces.
    pub(super) prompts: Vec<String>,
    /// What it may sign ID tokens with.
    pub(super) algorithms: Vec<String>,
    /// The scopes that it announces.
    pub(super) scopes: Vec<String>,
}

#[derive(Deserialize)]
struct Raw {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    userinfo_endpoint: Option<String>,
    jwks_uri: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    prompt_values_supported: Vec<String>,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
}

/// Where an issuer's metadata lies (`OpenID` Connect Discovery 4.1).
pub(super) fn address_of(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

impl Metadata {
    /// Reads the document that `issuer` gave. Another issuer in it is somebody who would like to be this one.
    pub(super) fn read(body: &[u8], issuer: &str, guard: &Guard) -> Result<Self, UpstreamError> {
        let raw: Raw = strict_json::object(body).map_err(|_| malformed("no JSON object with an `issuer`"))?;
        if raw.issuer != issuer {
            return Err(UpstreamError::OtherIssuer);
        }
        let browser =
            |text: Option<String>, words| text.filter(|text| address::document(text).is_some()).ok_or(malformed(words));
        let asked = |text: Option<String>, words| {
            let text = browser(text, words)?;
            let url = Url::parse(&text).map_err(|_| malformed(words))?;
            guard.check(&url).map(|()| text).map_err(|_| UpstreamError::Forbidden)
        };
        let methods = raw.token_endpoint_auth_methods_supported.unwrap_or_default();
        let takes = |method: &str| methods.iter().any(|own| own == method);
        Ok(Self {
            authorization_endpoint: browser(raw.authorization_endpoint, "no https `authorization_endpoint`")?,
            token_endpoint: asked(raw.token_endpoint, "no https `token_endpoint`")?,
            userinfo_endpoint: match raw.userinfo_endpoint {
                None => None,
                there => Some(asked(there, "no https `userinfo_endpoint`")?),
            },
            jwks_uri: asked(raw.jwks_uri, "no https `jwks_uri`")?,
            wants_secret_in_body: takes("client_secret_post") && !takes("client_secret_basic"),
            announces_iss: raw.authorization_response_iss_parameter_supported,
            challenge_methods: raw.code_challenge_methods_supported,
            prompts: raw.prompt_values_supported,
            algorithms: raw.id_token_signing_alg_values_supported,
            scopes: raw.scopes_supported,
        })
    }
}

fn malformed(words: &'static str) -> UpstreamError {
    UpstreamError::Malformed(Document::Metadata, words)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://id.example/realm",
            "authorization_endpoint": "https://id.example/authorize?v=2",
            "token_endpoint": "https://id.example/token",
            "userinfo_endpoint": "https://api.example/me",
            "jwks_uri": "https://keys.example/jwks",
            "service_documentation": "",
        })
    }

    fn read(document: &Value) -> Result<Metadata, UpstreamError> {
        Metadata::read(document.to_string().as_bytes(), "https://id.example/realm", &Guard::new(&[]))
    }

    fn with(name: &str, value: impl Into<Value>) -> Result<Metadata, UpstreamError> {
        let mut document = document();
        document[name] = value.into();
        read(&document)
    }

    #[test]
    fn addresses_of_other_hosts_are_fine_and_odd_members_ignored() {
        let metadata = read(&document()).unwrap();

        assert_eq!(metadata.jwks_uri, "https://keys.example/jwks");
        assert_eq!(metadata.authorization_endpoint, "https://id.example/authorize?v=2");
        assert_eq!((metadata.announces_iss, metadata.wants_secret_in_body), (false, false));
    }

    #[test]
    fn the_issuer_is_compared_byte_for_byte() {
        for other in ["https://id.example/realm/", "https://ID.example/realm", "https://id.example", ""] {
            assert_eq!(with("issuer", other), Err(UpstreamError::OtherIssuer), "{other}");
        }
    }

    #[test]
    fn an_endpoint_is_there_and_https_and_in_reach() {
        for (name, bad) in [
            ("token_endpoint", "http://id.example/token"),
            ("token_endpoint", "https://u:p@id.example/token"),
            ("jwks_uri", "https://id.example/jwks#x"),
            ("authorization_endpoint", "javascript:alert(1)"),
            ("userinfo_endpoint", "/me"),
        ] {
            assert!(matches!(with(name, bad), Err(UpstreamError::Malformed(Document::Metadata, _))), "{name}");
        }
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            let mut document = document();
            document.as_object_mut().unwrap().remove(name);
            assert!(matches!(read(&document), Err(UpstreamError::Malformed(Document::Metadata, _))), "{name}");
        }
        for name in ["token_endpoint", "userinfo_endpoint", "jwks_uri"] {
            for inside in [
                "https://127.0.0.1/x",
                "http://127.0.0.1/x",
                "https://169.254.169.254/x",
                "https://[::1]/x",
                "https://10.0.0.1/x",
            ] {
                assert_eq!(with(name, inside), Err(UpstreamError::Forbidden), "{name} {inside}");
            }
        }
    }

    #[test]
    fn the_secret_goes_into_the_body_only_where_it_must() {
        for (methods, expected) in [
            (json!(["client_secret_post"]), true),
            (json!(["client_secret_post", "private_key_jwt"]), true),
            (json!(["client_secret_basic", "client_secret_post"]), false),
            (json!([]), false),
        ] {
            let metadata = with("token_endpoint_auth_methods_supported", methods.clone()).unwrap();
            assert_eq!(metadata.wants_secret_in_body, expected, "{methods}");
        }
    }

    #[test]
    fn what_is_no_object_or_says_something_twice_is_refused() {
        for body in [
            "",
            "[]",
            "<html>",
            "{",
            r#"{"issuer":"https://id.example/realm","issuer":"https://id.example/realm"}"#,
            "\u{feff}{}",
        ] {
            let read = Metadata::read(body.as_bytes(), "https://id.example/realm", &Guard::new(&[]));
            assert!(matches!(read, Err(UpstreamError::Malformed(Document::Metadata, _))), "{body}");
        }
    }
}
