//! Pools: which connections are handed out. One that leads nowhere, or on which a transaction was left open, goes.
//!
//! Of its own accord a pool waits for a connection that leads nowhere for as long as anybody may wait, and then takes the next
//! one. Of a transaction it knows what the driver knows: when who began it went away before the database had answered, or when
//! a full disk ended it, that is not so.

use std::path::PathBuf;
use std::pin::Pin;

use rustix::fs::{Access, access};
use sea_orm::sqlx::pool::{PoolConnectionMetadata, PoolOptions};
use sea_orm::sqlx::{self, Connection, Database, Error, Executor, PgConnection, Row, Sqlite, SqliteConnection};

use crate::limit;

type Verdict<'c> = Pin<Box<dyn Future<Output = Result<bool, Error>> + Send + 'c>>;

/// Connections are looked at before they are handed out.
pub(super) fn watched<D: Database>(options: PoolOptions<D>) -> PoolOptions<D>
where
    D::Connection: Idle,
{
    options.test_before_acquire(false).before_acquire(look_at)
}

fn look_at<C: Idle + Send>(connection: &mut C, _: PoolConnectionMetadata) -> Verdict<'_> {
    Box::pin(async {
        let is_idle = tokio::time::timeout(limit::PING_TIMEOUT, connection.is_idle()).await;
        is_idle.unwrap_or(Err(Error::PoolTimedOut))
    })
}

/// Connections that may write `file` from the beginning. SQLite opens what can't be written for reading, and such a
/// connection would never write again.
pub(super) fn writing(options: PoolOptions<Sqlite>, file: PathBuf) -> PoolOptions<Sqlite> {
    options.after_connect(move |_, _| {
        let may_write = access(&file, Access::WRITE_OK).map_err(|error| Error::Io(error.into()));
        Box::pin(std::future::ready(may_write))
    })
}

/// A connection that can say whether it has nothing to do.
pub(super) trait Idle {
    /// Whether it answers, and no transaction is open on it.
    fn is_idle(&mut self) -> impl Future<Output = Result<bool, Error>> + Send;
}

impl Idle for PgConnection {
    async fn is_idle(&mut self) -> Result<bool, Error> {
        // Outside of a transaction each statement is its own, and begins when it does.
        let row = self.fetch_one(sqlx::raw_sql("SELECT now() = statement_timestamp()")).await?;
        row.try_get(0)
    }
}

impl Idle for SqliteConnection {
    async fn is_idle(&mut self) -> Result<bool, Error> {
        // SQLite ends a transaction by itself when the disk is full, and the driver would begin no other.
        self.ping().await?;
        Ok(!self.is_in_transaction())
    }
}
