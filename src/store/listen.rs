//! Listening: PostgreSQL says that something changed, so that nobody has to wait for the next reading of the log.
//!
//! What is said while nobody listens is lost; the log has it all the same.

use std::fmt;

use sea_orm::DbBackend;
use sea_orm::sqlx::postgres::{PgListener, PgPoolOptions};
use sea_orm::sqlx::{self, Executor};
use tokio::time::timeout;

use super::line::lost;
use super::{Store, StoreError};
use crate::limit;

/// What the trigger of the change log speaks on.
const CHANNEL: &str = "hallpass_change";
/// What the connection is called in `pg_stat_activity`.
const NAME: &str = "hallpass-listen";

/// A connection on which the database says that something changed.
pub struct Listener(PgListener);

impl Store {
    /// Whether this database can say so.
    #[must_use]
    pub fn can_listen(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    /// Opens a connection of its own and listens. Nothing that is said from now on is missed until it breaks.
    pub async fn listen(&self) -> Result<Listener, StoreError> {
        let options = self.read.untimed().get_postgres_connection_pool().connect_options();
        // A pool of one that nobody else knows: the listener only takes connections from pools.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(limit::STORE_TIMEOUT)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with((*options).clone().application_name(NAME));
        let mut listener = PgListener::connect_with(&pool).await.map_err(lost)?;
        listener.eager_reconnect(false);
        let begun = timeout(limit::STORE_TIMEOUT, listener.listen(CHANNEL)).await;
        begun.map_err(|_| StoreError::TooSlow)?.map_err(lost)?;
        Ok(Listener(listener))
    }
}

impl Listener {
    /// Waits until something changed. An error says that the connection is lost, and with it what was said since.
    pub async fn heard(&mut self) -> Result<(), StoreError> {
        loop {
            match timeout(limit::LISTEN_CHECKED_EVERY, self.0.try_recv()).await {
                Ok(Ok(Some(_))) => return Ok(()),
                Ok(Ok(None)) => return Err(lost(sqlx::Error::Io(std::io::ErrorKind::UnexpectedEof.into()))),
                Ok(Err(error)) => return Err(lost(error)),
                // A connection that somebody on the way has forgotten is silent for ever.
                Err(_) => self.check().await?,
            }
        }
    }

    async fn check(&mut self) -> Result<(), StoreError> {
        match timeout(limit::STORE_TIMEOUT, self.0.execute("SELECT 1")).await {
            Ok(outcome) => outcome.map(drop).map_err(lost),
            Err(_) => Err(StoreError::TooSlow),
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener")
    }
}
