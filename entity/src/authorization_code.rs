//! Authorization codes: slips that buy one token, within a minute.

use sea_orm::entity::prelude::*;

/// An authorization code.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authorization_code")]
pub struct Model {
    /// Its public part.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of its secret.
    pub secret_hash: Vec<u8>,
    /// What it opens.
    pub family_id: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// The PKCE challenge (S256).
    pub challenge: Option<String>,
    /// When it was made.
    pub created_at: i64,
    /// When it is too late.
    pub expires_at: i64,
    /// When it was spent.
    pub spent_at: Option<i64>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
