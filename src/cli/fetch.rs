//! How commands ask a server: over reqwest, within limits, without redirects.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, StatusCode, redirect};
use serde_json::Value;

use super::Failure;

const TIMEOUT: Duration = Duration::from_secs(10);

/// A client that trusts the web's authorities, and follows nothing.
pub(super) fn client() -> Result<Client, Failure> {
    hallpass_verifier::provider::install();
    Client::builder()
        .timeout(TIMEOUT)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("hallpass/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(Failure::error)
}

/// Sends a request and reads the answer as JSON.
pub(super) async fn send(request: RequestBuilder) -> Result<(StatusCode, Value), Failure> {
    let answer = request.send().await.map_err(|error| Failure::network(error.with_causes()))?;
    let status = answer.status();
    let body = answer.bytes().await.map_err(|error| Failure::network(error.with_causes()))?;
    Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
}

/// What an OAuth endpoint says when it does not say yes (RFC 6749 section 5.2).
pub(super) fn refused(status: StatusCode, body: &Value) -> Failure {
    let error = body["error"].as_str().unwrap_or("no OAuth error");
    let words = format!("{status}: {error}: {}", body["error_description"].as_str().unwrap_or("-"));
    let words = words.replace(char::is_control, " ");
    match status {
        // The one says that the app is not who it says, the other that the grant has ended.
        StatusCode::UNAUTHORIZED => Failure::not_authenticated(words),
        _ if error == "invalid_grant" => Failure::not_authenticated(words),
        StatusCode::FORBIDDEN => Failure::forbidden(words),
        StatusCode::TOO_MANY_REQUESTS => Failure::network(words),
        _ if status.is_server_error() => Failure::network(words),
        _ => Failure::error(words),
    }
}

trait WithCauses {
    /// The whole chain of causes: the outermost alone says little.
    fn with_causes(self) -> String;
}

impl WithCauses for reqwest::Error {
    fn with_causes(self) -> String {
        let mut words = self.to_string();
        let mut cause = std::error::Error::source(&self);
        while let Some(error) = cause {
            words = format!("{words}: {error}");
            cause = error.source();
        }
        words
    }
}
