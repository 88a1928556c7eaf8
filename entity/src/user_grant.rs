//! Grants: what one person allowed one app.

use sea_orm::entity::prelude::*;

/// What a person allowed an app.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user_grant")]
pub struct Model {
    /// Its own id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Who allowed it.
    pub user_id: String,
    /// Whom.
    pub client_id: String,
    /// What.
    pub scopes: String,
    /// At which resources.
    pub resources: String,
    /// When they first did.
    pub created_at: i64,
    /// When the app last got a token by it.
    pub last_used_at: i64,
    /// When it was taken back.
    pub revoked_at: Option<i64>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
