//! Peppers, sealed.

use entity::pepper::{Column, Entity, Model};
use sea_orm::{EntityTrait, IntoActiveModel, QueryOrder};

use super::{ChangeKind, Store, StoreError};
use crate::credential::Sealed;

/// A pepper at rest.
#[derive(Clone, Debug)]
pub struct SealedPepper {
    /// Its version.
    pub id: i64,
    /// Its 32 bytes, sealed.
    pub sealed: Sealed,
}

impl Store {
    /// All peppers, the newest last.
    pub async fn list_peppers(&self) -> Result<Vec<SealedPepper>, StoreError> {
        let rows = Entity::find().order_by_asc(Column::Id).all(self.reader("list_peppers")?).await?;
        Ok(rows.into_iter().map(SealedPepper::from).collect())
    }

    /// Adds the pepper of the next version; `Exists` when another node was first.
    pub async fn insert_pepper(&self, now: i64, pepper: SealedPepper) -> Result<(), StoreError> {
        let mut change = self.change("insert_pepper").await?;
        let id = pepper.id;
        let row = Model { id, sealed: pepper.sealed.bytes, root_key_id: pepper.sealed.root_key_id, created_at: now };
        Entity::insert(row.into_active_model()).exec_without_returning(&change.txn).await?;
        change.record(now, ChangeKind::Pepper, &id.to_string()).await?;
        change.commit().await
    }
}

impl From<Model> for SealedPepper {
    fn from(row: Model) -> Self {
        Self { id: row.id, sealed: Sealed { root_key_id: row.root_key_id, bytes: row.sealed } }
    }
}
