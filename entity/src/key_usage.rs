//! How often each key was used, and when last: narrow, since it is written every few seconds.

use sea_orm::entity::prelude::*;

/// The uses of one API key.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "key_usage")]
pub struct Model {
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key_id: String,
    /// How many tokens it bought.
    pub uses: i64,
    /// When it bought the last one.
    pub last_used_at: i64,
    /// From which address.
    pub last_used_from: String,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
