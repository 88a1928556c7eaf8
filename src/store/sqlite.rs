//! SQLite: one writer and readers beside it, on a file that only its owner can read.

use std::path::{Path, PathBuf};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use rustix::fs::{Access, access};
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, DatabaseConnection, DbErr, RuntimeErr};
use tokio::time::{Instant, sleep};

use super::open::{connect, options};
use super::{StoreError, pool};
use crate::limit;

const READERS: u32 = 4;
/// What SQLite says of a file that is locked.
const BUSY: &str = "5";

/// Opens the file behind `sqlite:`: for reading, and for writing.
pub(super) async fn open(url: &str, path: &str) -> Result<(DatabaseConnection, DatabaseConnection), StoreError> {
    let path = file_of(path);
    if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
        let words = "SQLite in memory is a database per connection: give a file, sqlite:<path>";
        return Err(StoreError::Unusable(words.to_owned()));
    }
    make_private(&path).map_err(|error| {
        StoreError::Unusable(format!("the database file {} can't be made: {error}", path.display()))
    })?;
    // SQLite would go on for a while, and then speak of something else. (To open the file and close it again would take
    // away the locks that this process may have on it.)
    access(&path, Access::WRITE_OK).map_err(|error| {
        StoreError::Unusable(format!("the database file {} can't be written: {error}", path.display()))
    })?;
    let mut writer = options(url, 1);
    let mut readers = options(url, READERS);
    // Of several such closures the last one counts alone.
    writer.map_sqlx_sqlite_opts(settled);
    readers.map_sqlx_sqlite_opts(|sqlite| settled(sqlite).pragma("query_only", "on"));
    let file = path.clone();
    writer.map_sqlx_sqlite_pool_opts(move |options| pool::writing(pool::watched(options), file.clone()));
    // The writer first: it turns the file to WAL, which readers can't.
    let write = connect_in_turn(url, writer).await?;
    Ok((connect_in_turn(url, readers).await?, write))
}

/// What each connection goes by.
fn settled(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    sqlite
        .journal_mode(SqliteJournalMode::Wal)
        // A revocation that was answered survives a power cut, not only a killed process.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(limit::STORE_TIMEOUT)
}

/// Connects. Two processes that turn a file to WAL at once hear that it is locked, however long they would wait.
async fn connect_in_turn(url: &str, options: ConnectOptions) -> Result<DatabaseConnection, StoreError> {
    let deadline = Instant::now() + limit::STORE_TIMEOUT;
    loop {
        match connect(url, options.clone()).await {
            Err(error) if is_locked(&error) && Instant::now() < deadline => sleep(Duration::from_millis(10)).await,
            outcome => return outcome,
        }
    }
}

fn is_locked(error: &StoreError) -> bool {
    let StoreError::Unavailable(DbErr::Conn(RuntimeErr::SqlxError(error))) = error else { return false };
    error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == BUSY)
}

/// The file that the rest of a `sqlite:` URL names.
pub(super) fn file_of(path: &str) -> PathBuf {
    let path = path.split('?').next().unwrap_or_default().trim_start_matches("//");
    percent_decode_str(path).decode_utf8_lossy().into_owned().into()
}

/// Makes an empty file that only its owner can read, unless a file is there. Says whether it made one.
pub(super) fn make_private(path: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::OpenOptionsExt;
    if path.exists() {
        return Ok(false);
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    match std::fs::OpenOptions::new().create_new(true).append(true).mode(0o600).open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait, Statement};

    use super::*;

    #[tokio::test]
    async fn each_connection_is_as_it_should_be() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hallpass.db");
        let (read, write) = open(&format!("sqlite:{}", file.display()), file.to_str().unwrap()).await.unwrap();
        let of = async |pool: &DatabaseConnection, name: &str| {
            let ask = Statement::from_string(pool.get_database_backend(), format!("PRAGMA {name}"));
            pool.query_one_raw(ask).await.unwrap().unwrap()
        };

        for (pool, only_reads) in [(&read, 1), (&write, 0)] {
            assert_eq!(of(pool, "journal_mode").await.try_get_by_index::<String>(0).unwrap(), "wal");
            for (name, value) in [("synchronous", 2), ("foreign_keys", 1), ("query_only", only_reads)] {
                assert_eq!(of(pool, name).await.try_get_by_index::<i32>(0).unwrap(), value, "{name}");
            }
            let patience = of(pool, "busy_timeout").await.try_get_by_index::<i32>(0).unwrap();
            assert_eq!(u128::try_from(patience).unwrap(), limit::STORE_TIMEOUT.as_millis());
        }
    }
}
