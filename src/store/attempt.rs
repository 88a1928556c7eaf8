//! Login attempts: opened when a person leaves for a provider, taken when they come back.

use entity::login_attempt::{Column, Entity, Model};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Store, StoreError};

impl Store {
    /// Adds an attempt.
    pub async fn open_attempt(&self, row: Model) -> Result<(), StoreError> {
        Entity::insert(row.into_active_model()).exec_without_returning(self.writer("open_attempt")).await?;
        Ok(())
    }

    /// Takes the attempt `id` when it is of this provider and browser: of two who come back with it, one gets it.
    pub async fn take_attempt(
        &self,
        id: &str,
        provider: &str,
        browser_hash: &[u8],
    ) -> Result<Option<Model>, StoreError> {
        let taken = Entity::delete_many()
            .filter(Column::Id.eq(id))
            .filter(Column::Provider.eq(provider))
            .filter(Column::BrowserHash.eq(browser_hash.to_vec()))
            .exec_with_returning(self.writer("take_attempt"))
            .await?;
        Ok(taken.into_iter().next())
    }
}
