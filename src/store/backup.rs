//! Backups: a SQLite database as it is at one moment, in a file of its own, while servers go on writing.

use std::fs;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::sqlite::make_private;
use super::{Store, StoreError};

/// What a path keeps in a `sqlite:` URL.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

impl Store {
    /// The URL of the SQLite database in `file`.
    #[must_use]
    pub fn url_of(file: &Path) -> String {
        format!("sqlite:{}", utf8_percent_encode(&file.to_string_lossy(), IN_PATH))
    }

    /// Copies the database into `file`, which its owner alone can read; one that is there already stays as it is
    /// (`Exists`). When this returns, the copy is on disk, whole. SQLite only.
    pub async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let cannot = |error: std::io::Error| StoreError::Unusable(format!("{} can't be made: {error}", file.display()));
        if file.exists() || !make_private(file).map_err(cannot)? {
            return Err(StoreError::Exists);
        }
        let into = [file.to_string_lossy().into_owned().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", into);
        let copied = match self.writer("copy_to")?.execute_raw(statement).await {
            Ok(_) => fs::File::open(file).and_then(|copy| copy.sync_all()).map_err(cannot),
            Err(error) => Err(error.into()),
        };
        if copied.is_err() {
            let _ = fs::remove_file(file);
        }
        copied
    }

    /// Whether the file is whole: each page as SQLite wrote it, each row with what it refers to. SQLite only.
    pub async fn check_file(&self) -> Result<(), StoreError> {
        let db = self.reader("check_file")?;
        let ask = |sql: &str| Statement::from_string(DbBackend::Sqlite, sql);
        let said = db.query_one_raw(ask("PRAGMA integrity_check(1)")).await?;
        let said = said.map(|row| row.try_get_by_index::<String>(0)).transpose()?;
        let dangling = db.query_one_raw(ask("PRAGMA foreign_key_check")).await?;
        if said.as_deref() == Some("ok") && dangling.is_none() {
            Ok(())
        } else {
            Err(StoreError::Unusable("the database file is damaged".to_owned()))
        }
    }
}
