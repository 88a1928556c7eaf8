//! Users: people who have signed in.

use sea_orm::entity::prelude::*;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
pub struct Model {
    /// The `sub` of their tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// What the last sign-in told of them, as JSON.
    pub claims: String,
    /// When they first signed in.
    pub created_at: i64,
    /// When they last did.
    pub last_login_at: i64,
    /// Since when they may not.
    pub disabled_at: Option<i64>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
