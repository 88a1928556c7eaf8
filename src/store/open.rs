//! Opening: a SQLite file, or PostgreSQL by URL.

use std::path::PathBuf;
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend};

use super::guarded::Guarded;
use super::interned::Interned;
use super::line::Line;
use super::timed::Timed;
use super::{Reach, Store, StoreError, pool, sqlite};
use crate::limit;

const POSTGRES_CONNECTIONS: u32 = 16;

impl Store {
    /// Opens the database at `url` (`sqlite:<path>` or `postgres://…`); a SQLite file that is not there is made.
    /// `cached_keys` is how many API keys are kept in memory at most.
    pub async fn open(url: &str, cached_keys: u64) -> Result<Self, StoreError> {
        let (read, write, log) = match url.strip_prefix("sqlite:") {
            Some(path) => {
                let (read, write) = sqlite::open(url, path).await?;
                (Timed::new(read, None), Timed::new(write, None), None)
            }
            None if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                let options = options(url, POSTGRES_CONNECTIONS);
                let pool = connect(url, options.clone()).await?;
                let log = Line::new((*pool.get_postgres_connection_pool().connect_options()).clone());
                let pool = Timed::new(pool, Some(options));
                (pool.clone(), pool, Some(log))
            }
            None => {
                let words = "the database URL must begin with sqlite: or postgres://";
                return Err(StoreError::Unusable(words.to_owned()));
            }
        };
        Ok(Self {
            backend: write.get_database_backend(),
            read,
            write,
            log,
            keys: Guarded::new(cached_keys),
            terms: Interned::default(),
            apps: Guarded::new(limit::APPS_CACHED),
            users: Guarded::new(limit::USERS_CACHED),
            reach: Reach::default(),
        })
    }

    /// The same, with caches that are believed for `grace` while the database is away.
    #[must_use]
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.reach = Reach::with_grace(grace);
        self
    }

    /// Whether there is anything at `url` to open: a SQLite file that is not there would be made.
    #[must_use]
    pub fn is_there(url: &str) -> bool {
        Self::file_of(url).is_none_or(|file| file.exists())
    }

    /// The file of a SQLite database; none for another.
    #[must_use]
    pub fn file_of(url: &str) -> Option<PathBuf> {
        url.strip_prefix("sqlite:").map(sqlite::file_of)
    }

    /// Closes all connections; what was committed is on disk.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
        if let Some(log) = &self.log {
            log.close().await;
        }
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.reader("ping")?.ping().await?)
    }

    /// Which of the two it is: `sqlite` or `postgresql`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.backend == DbBackend::Sqlite { "sqlite" } else { "postgresql" }
    }
}

/// Connects; an error that repeats the URL, which may hold a password, is told without it.
pub(super) async fn connect(url: &str, options: ConnectOptions) -> Result<DatabaseConnection, StoreError> {
    Box::pin(Database::connect(options)).await.map_err(|error| {
        let words = error.to_string();
        if words.contains(url) {
            StoreError::Unusable("the database URL can't be read".to_owned())
        } else {
            error.into()
        }
    })
}

pub(super) fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .connect_timeout(limit::STORE_TIMEOUT)
        .acquire_timeout(limit::STORE_TIMEOUT)
        .idle_timeout(Duration::from_mins(10))
        .sqlx_logging(false)
        .map_sqlx_sqlite_pool_opts(pool::watched)
        .map_sqlx_postgres_pool_opts(pool::watched)
        // A process that is stopped within a transaction must not keep all others waiting.
        .map_sqlx_postgres_opts(|postgres| postgres.options([("idle_in_transaction_session_timeout", "10s")]));
    if !url.starts_with("sqlite:") {
        options.statement_timeout(limit::STORE_TIMEOUT);
        options.set_application_name("hallpass");
    }
    options
}
