//! Apps and resources that `hallpass.toml` declares.

use serde::{Deserialize, Serialize};

use super::Span;

/// A resource that shall be there, as `[[resources]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredResource {
    /// Its absolute URI: the `aud` of its tokens.
    pub identifier: String,
    /// What people call it; the identifier when absent.
    pub name: Option<String>,
    /// The scopes it knows.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// `standard` (default), `compat` or `modern`.
    pub profile: Option<String>,
    /// How long its tokens live: 60 s to 1 h, 5 min when absent.
    pub token_lifetime: Option<Span>,
}

/// An app that shall be there, as `[[apps]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredApp {
    /// Its `client_id`.
    pub client_id: String,
    /// What people call it; the `client_id` when absent.
    pub name: Option<String>,
    /// What its keys may hold.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// What its keys may ask tokens for.
    #[serde(default)]
    pub resources: Vec<String>,
    /// What a token is for when nobody says.
    pub default_resource: Option<String>,
}
