//! Authorization requests that wait for a person.

use sea_orm::entity::prelude::*;

/// What an app asked, while the person signs in and decides.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "authorization_request")]
pub struct Model {
    /// Its handle in addresses and forms.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// SHA-256 of the cookie of the browser it came with.
    pub browser_hash: Vec<u8>,
    /// The app that asks.
    pub client_id: String,
    /// What it asks, as JSON.
    pub parameters: String,
    /// When it asked.
    pub created_at: i64,
    /// When it is too late to answer.
    pub expires_at: i64,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
