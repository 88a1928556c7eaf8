//! Identities: people as providers know them.

use entity::identity::{Column, Entity, Model};
use entity::session;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use super::session::end_session;
use super::{ChangeKind, Store, StoreError};

impl Store {
    /// The identities of one person, or of all, the first first.
    pub async fn list_identities(&self, user_id: Option<&str>) -> Result<Vec<Model>, StoreError> {
        let mut rows = Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id);
        if let Some(user_id) = user_id {
            rows = rows.filter(Column::UserId.eq(user_id));
        }
        Ok(rows.all(self.reader("list_identities")?).await?)
    }

    /// The identity `id`.
    pub async fn find_identity(&self, id: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(id).one(self.reader("find_identity")?).await?)
    }

    /// Takes an identity from a person who has another, and ends the sessions that were begun with it but for `spared`;
    /// `Gone` when it is not theirs, `Referred` when it is the last.
    pub async fn delete_identity(&self, now: i64, user_id: &str, id: &str, spared: &str) -> Result<(), StoreError> {
        let mut change = self.change("delete_identity").await?;
        let own = Entity::find().filter(Column::UserId.eq(user_id));
        if own.clone().filter(Column::Id.eq(id)).one(&change.txn).await?.is_none() {
            return Err(StoreError::Gone);
        }
        if own.count(&change.txn).await? < 2 {
            return Err(StoreError::Referred);
        }
        let begun = session::Entity::find()
            .filter(session::Column::IdentityId.eq(id))
            .filter(session::Column::EndedAt.is_null())
            .filter(session::Column::Id.ne(spared));
        for session in begun.all(&change.txn).await? {
            end_session(&change.txn, now, &session.id, None).await?;
        }
        Entity::delete_by_id(id).exec(&change.txn).await?;
        change.record(now, ChangeKind::User, user_id).await?;
        change.commit().await
    }
}
