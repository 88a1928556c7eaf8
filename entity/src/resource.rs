//! Resources: APIs that accept tokens.

use sea_orm::entity::prelude::*;

/// An API that accepts tokens.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "resource")]
pub struct Model {
    /// The absolute URI that becomes the `aud` claim.
    #[sea_orm(primary_key, auto_increment = false)]
    pub identifier: String,
    /// What people call it.
    pub name: String,
    /// Every scope it knows.
    pub scopes: String,
    /// `standard`, `compat` or `modern`.
    pub profile: String,
    /// How long a token for it lives, in seconds.
    pub token_lifetime: i64,
    /// Which claims of a person its tokens carry.
    pub claims: String,
    /// What its scopes mean, for people, as JSON.
    pub scope_words: String,
    /// Whether `hallpass.toml` declares it.
    pub is_declared: bool,
    /// When it came to be.
    pub created_at: i64,
    /// Since when no token is made for it.
    pub disabled_at: Option<i64>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
