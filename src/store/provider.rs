//! Providers: where people sign in.

use entity::provider::{ActiveModel, Column, Entity, Model};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::{Store, StoreError};

impl Store {
    /// All providers, by name.
    pub async fn list_providers(&self) -> Result<Vec<Model>, StoreError> {
        Ok(Entity::find().order_by_asc(Column::Name).all(self.reader("list_providers")?).await?)
    }

    /// The provider called `name`.
    pub async fn find_provider(&self, name: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(name).one(self.reader("find_provider")?).await?)
    }

    /// Adds a provider; `Exists` when there is one of that name.
    pub async fn insert_provider(&self, row: Model) -> Result<(), StoreError> {
        row.into_active_model().insert(self.writer("insert_provider")?).await?;
        Ok(())
    }

    /// Changes the provider as `wish` says, of what it is when the turn comes; `Gone` when there is none of that name.
    pub async fn update_provider<E: From<StoreError>>(
        &self,
        name: &str,
        wish: impl FnOnce(Model) -> Result<Model, E>,
    ) -> Result<Model, E> {
        let txn = self.begin("update_provider").await?;
        let old = Entity::find_by_id(name).lock_exclusive().one(&txn).await.map_err(StoreError::from)?;
        let new = wish(old.ok_or(StoreError::Gone)?)?;
        ActiveModel::from(new.clone()).reset_all().update(&txn).await.map_err(StoreError::from)?;
        txn.commit().await?;
        Ok(new)
    }

    /// Removes a provider; who signed in there keeps what they have.
    pub async fn delete_provider(&self, name: &str) -> Result<(), StoreError> {
        let deleted = Entity::delete_by_id(name).exec(self.writer("delete_provider")?).await?;
        if deleted.rows_affected == 0 { Err(StoreError::Gone) } else { Ok(()) }
    }
}
