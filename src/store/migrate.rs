//! Migrations: all pending steps in one transaction, under one lock.
//!
//! Killed halfway, nothing has happened; of several nodes that start at once, one does the work and the others wait
//! and find it done.

use migration::{Migrator, MigratorTrait};

use super::change::{MIGRATION_LOCK, begin};
use super::{Store, StoreError};

impl Store {
    /// Brings the tables up to this program. Returns how many steps were taken.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        if self.pending_migrations().await? == 0 {
            return Ok(0);
        }
        let txn = begin(&self.write, self.backend, Some(MIGRATION_LOCK)).await?;
        let pending = Migrator::get_pending_migrations(&txn).await?.len();
        Migrator::up(&txn, None).await?;
        txn.commit().await?;
        Ok(pending)
    }

    /// Takes all steps back: every table and all it holds is gone.
    pub async fn unmigrate(&self) -> Result<(), StoreError> {
        let txn = begin(&self.write, self.backend, Some(MIGRATION_LOCK)).await?;
        Migrator::down(&txn, None).await?;
        Ok(txn.commit().await?)
    }

    /// How many steps this program knows that the database has not taken.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(Migrator::get_pending_migrations_read_only(self.reader("pending_migrations")).await?.len())
    }
}
