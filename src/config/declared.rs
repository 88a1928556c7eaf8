//! Apps and resources that `hallpass.toml` declares.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Span;

/// A resource that shall be there, as `[[resources]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Which claims of a person its tokens carry: of `name`, `preferred_username`, `email`, `email_verified`, `groups`
    /// and `roles`.
    #[serde(default)]
    pub claims: Vec<String>,
    /// What its scopes mean, for people: `{ "orders:read" = "See your orders" }`.
    #[serde(default)]
    pub scope_words: BTreeMap<String, String>,
}

/// An app that shall be there, as `[[apps]]`.
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether it can keep no secret: it proves itself by PKCE alone.
    #[serde(default)]
    pub public: bool,
    /// Where people may be sent back to it.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after they signed out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// What it may trade for tokens; what fits the rest when absent.
    pub grant_types: Option<Vec<String>>,
    /// Whether it is the operator's own: nobody is asked to allow it anything.
    #[serde(default)]
    pub first_party: bool,
    /// Whether it may rely on `nonce` instead of PKCE, for old OpenID libraries.
    #[serde(default)]
    pub skip_pkce: bool,
    /// How its ID tokens are signed: `RS256` (default), `ES256` or `EdDSA`.
    pub id_token_alg: Option<String>,
    /// Its home page.
    pub home_uri: Option<String>,
    /// Roles, one of which a person needs to sign in to it; everyone may when absent.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Whether people may make keys of their own for it.
    #[serde(default)]
    pub personal_keys: bool,
}
