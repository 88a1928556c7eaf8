//! Migrations: all pending steps in one transaction, under one lock.
//!
//! Killed halfway, nothing has happened; of several nodes that start at once, one does the work and the others wait
//! and find it done.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use super::change::MIGRATION_LOCK;
use super::timed::begin;
use super::{Store, StoreError};

impl Store {
    /// Brings the tables up to this program. Returns how many steps were taken.
    pub async fn migrate(&self) -> Result<usize, StoreError> {
        if self.pending_migrations().await? == 0 {
            return Ok(0);
        }
        let txn = self.begin_migration().await?;
        let taken = migration::up(&txn).await?;
        txn.commit().await?;
        Ok(taken)
    }

    /// Takes all steps back: every table and all it holds is gone.
    pub async fn unmigrate(&self) -> Result<(), StoreError> {
        let txn = self.begin_migration().await?;
        migration::down(&txn).await?;
        Ok(txn.commit().await?)
    }

    /// How many steps this program knows that the database has not taken.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(migration::pending(&self.reader("pending_migrations")?.untimed()).await?)
    }

    /// Begins a transaction that may wait for long, and take long.
    async fn begin_migration(&self) -> Result<DatabaseTransaction, DbErr> {
        let txn = begin(&self.write.untimed()).await?;
        if self.backend == DbBackend::Postgres {
            txn.execute_unprepared("SET LOCAL statement_timeout = '0'").await?;
            let take = Expr::cust(format!("pg_advisory_xact_lock({MIGRATION_LOCK})"));
            txn.execute(&Query::select().expr(take).take()).await?;
        }
        Ok(txn)
    }
}
