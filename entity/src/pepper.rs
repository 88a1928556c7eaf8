//! Peppers: what the hashes of API keys are made with.

use sea_orm::entity::prelude::*;

/// A pepper, sealed by a root key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pepper")]
pub struct Model {
    /// Its version: the highest is the one new keys use.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// 32 bytes, sealed.
    pub sealed: Vec<u8>,
    /// The root key that sealed it.
    pub root_key_id: String,
    /// When it came to be.
    pub created_at: i64,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
