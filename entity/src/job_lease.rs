//! Leases: which node does what one node does for all.

use sea_orm::entity::prelude::*;

/// A lease, held until somebody else takes it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_lease")]
pub struct Model {
    /// For which job.
    #[sea_orm(primary_key, auto_increment = false)]
    pub job: String,
    /// Which process holds it.
    pub holder: String,
    /// Until when, by the database's clock.
    pub expires_at: i64,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
