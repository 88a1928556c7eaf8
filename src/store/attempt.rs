//! Login attempts: opened when a person leaves for a provider, taken when they come back.

use entity::login_attempt::{Column, Entity, Model};
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Store, StoreError};

impl Store {
    /// Adds an attempt.
    pub async fn open_attempt(&self, row: Model) -> Result<(), StoreError> {
        Entity::insert(row.into_active_model()).exec_without_returning(self.writer("open_attempt")?).await?;
        Ok(())
    }

    /// Takes the attempt `id` when it is of this provider and browser: of two who come back with it, one gets it. Who
    /// comes with anything else writes nothing.
    pub async fn take_attempt(
        &self,
        id: &str,
        provider: &str,
        browser_hash: &[u8],
    ) -> Result<Option<Model>, StoreError> {
        let own = Condition::all().add(Column::Id.eq(id)).add(Column::BrowserHash.eq(browser_hash.to_vec()));
        let found = Entity::find().filter(own.clone()).one(self.reader("find_attempt")?).await?;
        if found.is_none_or(|found| found.provider != provider) {
            return Ok(None);
        }
        let taken = Entity::delete_many().filter(own).exec_with_returning(self.writer("take_attempt")?).await?;
        Ok(taken.into_iter().next())
    }
}
