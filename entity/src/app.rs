//! Apps: OAuth clients.

use sea_orm::entity::prelude::*;

/// An OAuth client that holds API keys.
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
    /// When it came to be.
    pub created_at: i64,
    /// Since when none of its keys mints anything.
    pub disabled_at: Option<i64>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
