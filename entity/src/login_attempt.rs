//! Login attempts: a person is at a provider and will come back.

use sea_orm::entity::prelude::*;

/// A sign-in that has begun.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_attempt")]
pub struct Model {
    /// SHA-256 of the `state`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of the cookie of the browser it began in.
    pub browser_hash: Vec<u8>,
    /// Where the person was sent.
    pub provider: String,
    /// The authorization request to go on with.
    pub request_id: Option<String>,
    /// The user who links another identity.
    pub links_to: Option<String>,
    /// Whether the provider was told to ask again.
    pub is_fresh: bool,
    /// When it began.
    pub created_at: i64,
    /// When it is too late to come back.
    pub expires_at: i64,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
