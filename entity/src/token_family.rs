//! Token families: what came of one sign-in to one app.

use sea_orm::entity::prelude::*;

/// All tokens that came of one authorization.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "token_family")]
pub struct Model {
    /// Its own id; the `jti` of its access tokens begins with it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The app.
    pub client_id: String,
    /// The person.
    pub user_id: String,
    /// The browser it was made in.
    pub session_id: String,
    /// What it rests on.
    pub grant_id: String,
    /// What was granted.
    pub scopes: String,
    /// The resources that were asked for.
    pub resources: String,
    /// The `claims` parameter, as JSON.
    pub claims: String,
    /// The `nonce` of the request.
    pub nonce: Option<String>,
    /// When the person proved who they are.
    pub auth_time: i64,
    /// Whether it outlives the session.
    pub is_offline: bool,
    /// When it came to be.
    pub created_at: i64,
    /// When it last gave a token.
    pub last_used_at: i64,
    /// When it ends at the latest.
    pub expires_at: i64,
    /// When it died.
    pub revoked_at: Option<i64>,
    /// Of what.
    pub revoked_reason: Option<String>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
