//! Pools: which connections are kept. One that leads nowhere, or that a failed commit left half way, goes.
//!
//! Of its own accord a pool waits for such a connection for as long as anybody may wait, and then takes the next one.

use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use rustix::fs::{Access, access};
use sea_orm::sqlx::pool::{PoolConnectionMetadata, PoolOptions};
use sea_orm::sqlx::{Connection, Database, Error, Sqlite};

use crate::limit;

type Verdict<'c> = Pin<Box<dyn Future<Output = Result<bool, Error>> + Send + 'c>>;

/// Connections are looked at before they are handed out and when they come back.
pub(super) fn watched<D: Database>(options: PoolOptions<D>) -> PoolOptions<D> {
    options.test_before_acquire(false).before_acquire(is_alive).after_release(is_good)
}

/// Connections that may write `file` from the beginning. SQLite opens what can't be written for reading, and such a
/// connection would never write again.
pub(super) fn writing(options: PoolOptions<Sqlite>, file: PathBuf) -> PoolOptions<Sqlite> {
    options.after_connect(move |_, _| {
        let may_write = access(&file, Access::WRITE_OK).map_err(|error| Error::Io(error.into()));
        Box::pin(std::future::ready(may_write))
    })
}

fn is_alive<C: Connection>(connection: &mut C, _: PoolConnectionMetadata) -> Verdict<'_> {
    Box::pin(async move { ping(connection, limit::PING_TIMEOUT).await.map(|()| true) })
}

/// Whether a connection that comes back has nothing to do any more. SQLite ends a transaction by itself when the disk is
/// full; the driver does not hear of it, and would begin no other.
fn is_good<C: Connection>(connection: &mut C, _: PoolConnectionMetadata) -> Verdict<'_> {
    Box::pin(async move {
        // What its last holder began and gave up ends before this.
        ping(connection, limit::STORE_TIMEOUT).await?;
        Ok(!connection.is_in_transaction())
    })
}

async fn ping<C: Connection>(connection: &mut C, span: Duration) -> Result<(), Error> {
    tokio::time::timeout(span, connection.ping()).await.unwrap_or(Err(Error::PoolTimedOut))
}
