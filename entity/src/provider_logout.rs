//! Provider logouts: who has signed out at their provider a moment ago.

use sea_orm::entity::prelude::*;

/// One notice of a provider.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "provider_logout")]
pub struct Model {
    /// Its place in the order of commits.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The provider's issuer.
    pub issuer: String,
    /// The person there, if named.
    pub subject: Option<String>,
    /// The session there, if named.
    pub sid: Option<String>,
    /// When nobody can be under way any more who was then.
    pub expires_at: i64,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
