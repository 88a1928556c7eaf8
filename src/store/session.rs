//! Sessions: browsers in which somebody is signed in.

use entity::session::{Column, Entity, Model};
use entity::token_family;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder};

use super::family::{expire_codes, revoke_families};
use super::timed::Transaction;
use super::{Store, StoreError};

impl Store {
    /// The session `id`, living or not.
    pub async fn find_session(&self, id: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(id).one(self.reader("find_session")?).await?)
    }

    /// The living sessions of one person, or of all, the one last used first.
    pub async fn list_sessions(&self, now: i64, user_id: Option<&str>) -> Result<Vec<Model>, StoreError> {
        let mut rows = Entity::find()
            .filter(Column::EndedAt.is_null())
            .filter(Column::ExpiresAt.gt(now))
            .order_by_desc(Column::LastSeenAt)
            .order_by_asc(Column::Id);
        if let Some(user_id) = user_id {
            rows = rows.filter(Column::UserId.eq(user_id));
        }
        Ok(rows.all(self.reader("list_sessions")?).await?)
    }

    /// Writes down that a session was used.
    pub async fn mark_session_seen(&self, now: i64, id: &str) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::LastSeenAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::LastSeenAt.lt(now))
            .exec(self.writer("mark_session_seen")?)
            .await?;
        Ok(())
    }

    /// Ends a session, with its codes and its tokens but for those that outlive it; `Gone` when it has ended, or is not
    /// of `user_id` where that is said.
    pub async fn mark_session_ended(&self, now: i64, id: &str, user_id: Option<&str>) -> Result<(), StoreError> {
        let txn = self.begin("mark_session_ended").await?;
        if !end_session(&txn, now, id, user_id).await? {
            return Err(StoreError::Gone);
        }
        txn.commit().await
    }
}

/// Ends a session within a transaction. Says whether there was one to end.
pub(super) async fn end_session(
    txn: &Transaction,
    now: i64,
    id: &str,
    user_id: Option<&str>,
) -> Result<bool, StoreError> {
    let mut update = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null());
    if let Some(user_id) = user_id {
        update = update.filter(Column::UserId.eq(user_id));
    }
    if update.exec(txn).await?.rows_affected == 0 {
        return Ok(false);
    }
    let own = token_family::Column::SessionId.eq(id);
    expire_codes(txn, now, own.clone()).await?;
    revoke_families(txn, now, "the session ended", own.and(token_family::Column::IsOffline.eq(false))).await?;
    Ok(true)
}
