//! Refresh tokens: each is spent once and has one successor.

use sea_orm::entity::prelude::*;

/// A refresh token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub struct Model {
    /// Its public part.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// Its family.
    pub family_id: String,
    /// The pepper that its successor is derived with.
    pub pepper_id: i64,
    /// When it was made.
    pub created_at: i64,
    /// When it was spent.
    pub spent_at: Option<i64>,
    /// What took its place.
    pub successor_id: Option<String>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
