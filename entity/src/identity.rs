//! Identities: people as one provider knows them.

use sea_orm::entity::prelude::*;

/// A person at one provider.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity")]
pub struct Model {
    /// Its own id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Who that is here.
    pub user_id: String,
    /// The short name of the provider.
    pub provider: String,
    /// Its issuer.
    pub issuer: String,
    /// The provider's `sub`: with the issuer, who that is there.
    pub subject: String,
    /// The e-mail address the provider last told.
    pub email: Option<String>,
    /// Whether the provider vouched for it.
    pub is_email_verified: bool,
    /// When it was first seen.
    pub created_at: i64,
    /// When it was last used.
    pub last_login_at: i64,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
