//! API keys: the long-lived credentials of apps. The secret itself is nowhere.

use sea_orm::entity::prelude::*;

/// An API key, as it is at rest.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key")]
pub struct Model {
    /// The 16 letters and digits between the environment and the secret.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The app it belongs to.
    pub client_id: String,
    /// The person it belongs to and speaks for.
    pub owner_id: Option<String>,
    /// What people call it.
    pub name: String,
    /// Whatever the operator wants to remember.
    pub note: Option<String>,
    /// `live` or `test`.
    pub environment: String,
    /// HMAC-SHA-256 of the secret under the pepper.
    pub secret_hash: Vec<u8>,
    /// Which pepper that is.
    pub pepper_id: i64,
    /// Its scopes: a subset of the app's.
    pub scopes: String,
    /// Its resources: a subset of the app's.
    pub resources: String,
    /// Networks (CIDR) it may be used from; empty means any.
    pub networks: String,
    /// Exchanges a second it may make, if limited.
    pub rate_limit: Option<i64>,
    /// When it came to be.
    pub created_at: i64,
    /// When it stops to work by itself.
    pub expires_at: Option<i64>,
    /// Since when it is switched off.
    pub disabled_at: Option<i64>,
    /// Since when it is dead.
    pub revoked_at: Option<i64>,
    /// Why it was revoked.
    pub revoked_reason: Option<String>,
    /// Who revoked it.
    pub revoked_by: Option<String>,
    /// The key it took over from.
    pub rotated_from: Option<String>,
    /// The key that took over from it.
    pub rotated_to: Option<String>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
