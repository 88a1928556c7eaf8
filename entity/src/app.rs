//! Apps: OAuth clients.

use sea_orm::entity::prelude::*;

/// An OAuth client that holds API keys.
#[allow(clippy::struct_excessive_bools, reason = "each is a column of its own")]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "app")]
pub struct Model {
    /// What the app is called on the wire: the OAuth `client_id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: String,
    /// What people call it.
    pub name: String,
    /// Every scope its keys may hold.
    pub scopes: String,
    /// Identifiers of the resources its keys may ask tokens for.
    pub resources: String,
    /// The resource a token is for when a request names none and the key has several.
    pub default_resource: Option<String>,
    /// Whether `hallpass.toml` declares it.
    pub is_declared: bool,
    /// Whether it can keep no secret: it holds no keys, and proves itself by PKCE alone.
    pub is_public: bool,
    /// Where people may be sent back to it.
    pub redirect_uris: String,
    /// Where people may be sent after they signed out.
    pub post_logout_redirect_uris: String,
    /// What it may trade for tokens.
    pub grant_types: String,
    /// Whether it is the operator's own: nobody is asked to allow it anything.
    pub is_first_party: bool,
    /// Whether it may rely on `nonce` instead of PKCE.
    pub may_skip_pkce: bool,
    /// How its ID tokens are signed.
    pub id_token_alg: String,
    /// Its home page.
    pub home_uri: Option<String>,
    /// Who may sign in to it: people with one of these roles, or everyone.
    pub roles: String,
    /// Whether people may make keys of their own for it.
    pub allows_personal_keys: bool,
    /// When it came to be.
    pub created_at: i64,
    /// Since when none of its keys mints anything.
    pub disabled_at: Option<i64>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
