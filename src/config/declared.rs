//! Apps, resources and providers that `hallpass.toml` declares.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ConfigError, Secret, Span};

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

/// A provider that shall be there, as `[[providers]]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredProvider {
    /// Its short name, as it stands in addresses.
    pub name: String,
    /// What people read on its button; the name when absent.
    pub title: Option<String>,
    /// Which kind it is: `openid` when absent.
    pub preset: Option<String>,
    /// Its issuer; the preset's when it has one.
    pub issuer: Option<String>,
    /// What we are called there.
    pub client_id: String,
    /// A file that holds our secret there.
    pub client_secret_file: Option<PathBuf>,
    /// The name of the variable that holds it.
    pub client_secret_env: Option<String>,
    /// What we ask there; the preset's when absent.
    pub scopes: Option<Vec<String>>,
    /// Which of its claims is which of ours, on top of the preset's: `{ "email" = "mail" }`; an empty name is none.
    #[serde(default)]
    pub claims: BTreeMap<String, String>,
    /// More parameters of the authorization request.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// Domains of e-mail addresses that may come in; any when absent.
    #[serde(default)]
    pub allowed_domains: Vec<String>,
    /// Whether an address must be there and verified.
    #[serde(default)]
    pub require_verified_email: bool,
    /// Whether an identity is linked to the user who has the same address, when both providers verified it.
    #[serde(default)]
    pub link_by_email: bool,
    /// Roles for groups at the provider: `{ "admins" = ["owner"] }`.
    #[serde(default)]
    pub roles: BTreeMap<String, Vec<String>>,
    /// Whether nobody signs in there for now.
    #[serde(default)]
    pub disabled: bool,
}

impl DeclaredProvider {
    /// Our secret there, read when it is needed: a command that has no use for it need not be able to. `None` when
    /// nobody says where it is.
    pub fn client_secret(&self) -> Result<Option<Secret>, ConfigError> {
        let invalid = |field: &str, message: String| ConfigError::Invalid {
            place: format!("provider `{}`", self.name),
            name: field.to_owned(),
            message,
        };
        let text = match (&self.client_secret_file, &self.client_secret_env) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                return Err(invalid("client_secret_env", "say it or client_secret_file, not both".to_owned()));
            }
            (Some(path), None) => std::fs::read_to_string(path)
                .map_err(|error| invalid("client_secret_file", format!("{}: {error}", path.display())))?,
            (None, Some(name)) => std::env::var(name)
                .map_err(|_| invalid("client_secret_env", format!("there is no variable {name} in the environment")))?,
        };
        let secret = text.trim();
        if secret.is_empty() {
            return Err(invalid("client_secret", "the secret is empty".to_owned()));
        }
        Ok(Some(Secret::from(secret.to_owned())))
    }
}
