//! An issuer as a command meets it: found by its metadata, and trusted with secrets at its own addresses alone.

use hallpass_verifier::{Clock, RemoteKeySet};
use reqwest::Client;
use serde_json::Value;
use url::Url;

use super::{Failure, Global, fetch};
use crate::config::check_issuer;

/// An issuer whose metadata were read.
pub(super) struct Issuer {
    pub(super) name: String,
    url: Url,
    metadata: Value,
}

impl Issuer {
    /// Reads the metadata of the issuer called `name` (RFC 8414 section 3).
    pub(super) async fn discover(client: &Client, name: &str) -> Result<Self, Failure> {
        // No secret goes through the net in the clear.
        check_issuer(name).map_err(|words| Failure::usage(format!("the issuer {name}: {words}")))?;
        let url = Url::parse(name).map_err(|_| Failure::usage("the issuer is no URL"))?;
        let address = format!(
            "{}/.well-known/oauth-authorization-server{}",
            url.origin().ascii_serialization(),
            url.path().trim_end_matches('/')
        );
        let (status, metadata) = fetch::send(client.get(&address)).await?;
        if !status.is_success() {
            return Err(Failure::network(format!("{address}: {status}")));
        }
        if metadata["issuer"] != *name {
            return Err(Failure::not_valid(format!("{address} names another issuer")));
        }
        Ok(Self { name: name.to_owned(), url, metadata })
    }

    /// An address that the metadata name: one of the issuer's own, since secrets go there.
    pub(super) fn endpoint(&self, name: &str) -> Result<String, Failure> {
        let Some(endpoint) = self.metadata[name].as_str() else {
            return Err(Failure::not_valid(format!("{} has no {name}", self.name)));
        };
        let is_own = Url::parse(endpoint).is_ok_and(|endpoint| endpoint.origin() == self.url.origin());
        if is_own {
            Ok(endpoint.to_owned())
        } else {
            Err(Failure::not_valid(format!("the {name} is not at the issuer")))
        }
    }

    /// Whether something is announced.
    pub(super) fn announces(&self, name: &str) -> bool {
        self.metadata[name] == true
    }

    /// The keys that its tokens are signed with.
    pub(super) fn keys(&self, client: &Client) -> Result<RemoteKeySet, Failure> {
        RemoteKeySet::new(client.clone(), &*self.name, &self.endpoint("jwks_uri")?, Clock::System)
            .map_err(Failure::not_valid)
    }
}

/// The issuer that was named, or the configured one.
pub(super) fn configured(given: Option<&str>, global: &Global) -> Result<String, Failure> {
    if let Some(issuer) = given {
        return Ok(issuer.to_owned());
    }
    let settings = global.settings()?;
    if settings.issuer.is_empty() {
        return Err(Failure::usage("which issuer? say --issuer https://…, or set it in hallpass.toml"));
    }
    Ok(settings.issuer)
}
