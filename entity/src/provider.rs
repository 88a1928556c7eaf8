//! Providers: where people sign in.

use sea_orm::entity::prelude::*;

/// An upstream OpenID provider, or GitHub.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider")]
pub struct Model {
    /// Its short name, as it stands in addresses.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// What people read on its button.
    pub title: String,
    /// Which kind of provider it is.
    pub preset: String,
    /// Its issuer.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// Our secret there, sealed by a root key.
    pub sealed_secret: Option<Vec<u8>>,
    /// Which root key that is.
    pub root_key_id: Option<String>,
    /// What we ask there.
    pub scopes: String,
    /// Which of its claims is which of ours, as JSON.
    pub claims: String,
    /// Who may come in and what they become, as JSON.
    pub rules: String,
    /// Whether `hallpass.toml` declares it.
    pub is_declared: bool,
    /// When it came to be.
    pub created_at: i64,
    /// Since when nobody signs in there.
    pub disabled_at: Option<i64>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
