//! Sessions: browsers in which somebody is signed in.

use sea_orm::entity::prelude::*;

/// A person's signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// Its public part: the `sid` of tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of the secret in the cookie.
    pub secret_hash: Vec<u8>,
    /// Who is signed in.
    pub user_id: String,
    /// By which identity.
    pub identity_id: String,
    /// In which session there, if the provider tells.
    pub provider_sid: Option<String>,
    /// When they proved who they are.
    pub auth_time: i64,
    /// How, in the words of the provider.
    pub acr: Option<String>,
    /// By which means, in the words of the provider.
    pub amr: String,
    /// What the browser says it is.
    pub user_agent: String,
    /// From where it signed in.
    pub address: String,
    /// When it began.
    pub created_at: i64,
    /// When it was last used.
    pub last_seen_at: i64,
    /// When it ends at the latest.
    pub expires_at: i64,
    /// When it was ended.
    pub ended_at: Option<i64>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
