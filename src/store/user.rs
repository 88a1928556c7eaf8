//! Users: people who have signed in.

use std::sync::Arc;

use entity::user::{Column, Entity, Model};
use entity::{session, token_family};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::family::{expire_codes, revoke_families};
use super::{ChangeKind, Store, StoreError, UserRecord};

impl Store {
    /// What tokens and pages need of the user `id`: from memory when it was asked for before.
    pub async fn find_user_record(&self, id: &Arc<str>) -> Result<Option<Arc<UserRecord>>, StoreError> {
        self.cached(&self.users, id, || self.load_user(id)).await
    }

    async fn load_user(&self, id: &str) -> Result<Option<Arc<UserRecord>>, StoreError> {
        self.find_user(id).await?.map(|row| UserRecord::try_from(row).map(Arc::new)).transpose()
    }

    /// The user `id`, as the database has it.
    pub async fn find_user(&self, id: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(id).one(self.reader("find_user")?).await?)
    }

    /// All users, who signed in last first.
    pub async fn list_users(&self) -> Result<Vec<Model>, StoreError> {
        Ok(Entity::find()
            .order_by_desc(Column::LastLoginAt)
            .order_by_asc(Column::Id)
            .all(self.reader("list_users")?)
            .await?)
    }

    /// Lets a user in no more, or again; `Gone` when there is none. With the one, all sessions and tokens end.
    pub async fn mark_user_disabled(&self, now: i64, id: &str, is_disabled: bool) -> Result<(), StoreError> {
        let mut change = self.change("mark_user_disabled").await?;
        let update = Entity::update_many()
            .col_expr(Column::DisabledAt, Expr::value(is_disabled.then_some(now)))
            .filter(Column::Id.eq(id));
        if update.exec(&change.txn).await?.rows_affected == 0 {
            return Err(StoreError::Gone);
        }
        if is_disabled {
            session::Entity::update_many()
                .col_expr(session::Column::EndedAt, Expr::value(now))
                .filter(session::Column::UserId.eq(id))
                .filter(session::Column::EndedAt.is_null())
                .exec(&change.txn)
                .await?;
            let own = token_family::Column::UserId.eq(id);
            expire_codes(&change.txn, now, own.clone()).await?;
            revoke_families(&change.txn, now, "the person was disabled", own).await?;
        }
        change.record(now, ChangeKind::User, id).await?;
        change.commit().await
    }
}
