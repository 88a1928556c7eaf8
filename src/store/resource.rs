//! Resources: APIs that accept tokens.

use entity::resource::{ActiveModel, Column, Entity, Model};
use entity::{api_key, app};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::record::words;
use super::{ChangeKind, Store, StoreError};

impl Store {
    /// All resources, by identifier.
    pub async fn list_resources(&self) -> Result<Vec<Model>, StoreError> {
        Ok(Entity::find().order_by_asc(Column::Identifier).all(self.reader("list_resources")?).await?)
    }

    /// The resource called `identifier`.
    pub async fn find_resource(&self, identifier: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(identifier).one(self.reader("find_resource")?).await?)
    }

    /// Adds a resource; `Exists` when there is one of that name.
    pub async fn insert_resource(&self, now: i64, row: Model) -> Result<(), StoreError> {
        let mut change = self.change("insert_resource").await?;
        let identifier = row.identifier.clone();
        row.into_active_model().insert(&change.txn).await?;
        change.record(now, ChangeKind::Resource, &identifier).await?;
        change.commit().await
    }

    /// Changes the resource as `wish` says, of what it is when the turn comes; `Gone` when there is none of that name.
    pub async fn update_resource<E: From<StoreError>>(
        &self,
        now: i64,
        identifier: &str,
        wish: impl FnOnce(Model) -> Result<Model, E>,
    ) -> Result<Model, E> {
        let mut change = self.change("update_resource").await?;
        let old = Entity::find_by_id(identifier).one(&change.txn).await.map_err(StoreError::from)?;
        let new = wish(old.ok_or(StoreError::Gone)?)?;
        let update = ActiveModel::from(new.clone()).reset_all().update(&change.txn);
        update.await.map_err(StoreError::from)?;
        change.record(now, ChangeKind::Resource, identifier).await?;
        change.commit().await?;
        Ok(new)
    }

    /// Removes a resource; `Referred` while an app or a key names it.
    pub async fn delete_resource(&self, now: i64, identifier: &str) -> Result<(), StoreError> {
        let mut change = self.change("delete_resource").await?;
        let apps = app::Entity::find().all(&change.txn).await?;
        let keys = api_key::Entity::find()
            .filter(api_key::Column::Resources.contains(identifier))
            .filter(api_key::Column::RevokedAt.is_null())
            .all(&change.txn)
            .await?;
        let mut lists = apps.iter().map(|app| &app.resources).chain(keys.iter().map(|key| &key.resources));
        if lists.any(|list| words(list).any(|word| word == identifier)) {
            return Err(StoreError::Referred);
        }
        if Entity::delete_by_id(identifier).exec(&change.txn).await?.rows_affected == 0 {
            return Err(StoreError::Gone);
        }
        change.record(now, ChangeKind::Resource, identifier).await?;
        change.commit().await
    }
}
