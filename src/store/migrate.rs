//! Migrations: all pending steps in one transaction, under one lock.
//!
//! Killed halfway, nothing has happened; of several nodes that start at once, one does the work and the others wait
//! and find it done.

use super::change::{MIGRATION_LOCK, begin};
use super::{Store, StoreError};

impl Store {
    /// Brings the tables up to this program. Returns how many steps were taken.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        if self.pending_migrations().await? == 0 {
            return Ok(0);
        }
        let txn = begin(&self.write, self.backend, Some(MIGRATION_LOCK)).await?;
        let taken = migration::up(&txn).await?;
        txn.commit().await?;
        Ok(taken)
    }

    /// Takes all steps back: every table and all it holds is gone.
    pub async fn unmigrate(&self) -> Result<(), StoreError> {
        let txn = begin(&self.write, self.backend, Some(MIGRATION_LOCK)).await?;
        migration::down(&txn).await?;
        Ok(txn.commit().await?)
    }

    /// How many steps this program knows that the database has not taken.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(migration::pending(self.reader("pending_migrations")?).await?)
    }
}
