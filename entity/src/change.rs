//! The change log: what every running server follows.

use sea_orm::entity::prelude::*;

/// One change, written in the transaction that made it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_log")]
pub struct Model {
    /// Its place in the order of commits.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// When it was made.
    pub made_at: i64,
    /// What changed: `key`, `app`, `resource`, `signing_key`, `pepper` or `root_key`.
    pub kind: String,
    /// Its id.
    pub subject: String,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
