//! Renewed: a pool that was silent for too long is left, and another takes its place.
//!
//! What sqlx does with a connection that comes back has no time limit, and the connection keeps its place in the pool
//! meanwhile. A wire that falls silent just then takes the place with it. One place after the other a pool could lose them
//! all, long after the database is well again.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use tokio::time::Instant;

use crate::limit;

pub(super) struct Renewed {
    current: ArcSwap<DatabaseConnection>,
    /// How another is made. SQLite is in this process, and answers.
    options: Option<ConnectOptions>,
    /// When the oldest question was asked since there was an answer.
    silent_since: Mutex<Option<Instant>>,
}

impl Renewed {
    pub(super) fn new(pool: DatabaseConnection, options: Option<ConnectOptions>) -> Self {
        let options = options.map(|mut options| options.connect_lazy(true).clone());
        Self { current: ArcSwap::from_pointee(pool), options, silent_since: Mutex::default() }
    }

    /// The pool as it is, for who asks nothing.
    pub(super) fn current(&self) -> Arc<DatabaseConnection> {
        self.current.load_full()
    }

    /// The pool to ask now: another one when none of its connections had an answer for [`limit::ANSWER_TIMEOUT`] though
    /// they were asked. PostgreSQL ends a statement before that.
    pub(super) async fn to_ask(&self) -> Arc<DatabaseConnection> {
        if let Some(options) = &self.options
            && self.is_lost()
        {
            tracing::warn!("the database has not answered for a while; all connections to it are made anew");
            // Nothing is waited for: its first connection is made when somebody asks. (On the heap: it is large, and rare.)
            match Box::pin(Database::connect(options.clone())).await {
                // What still comes back to the one before finds that it is gone, and ends.
                Ok(pool) => self.current.store(Arc::new(pool)),
                Err(error) => tracing::error!(%error, "no new pool could be made"),
            }
        }
        self.current()
    }

    /// Says how it was answered.
    pub(super) fn heard<T>(&self, answer: &Result<T, DbErr>) {
        // Who got no connection has heard nothing.
        if !matches!(answer, Err(DbErr::ConnectionAcquire(_))) {
            *self.silent_since.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Notes that something is asked. Says of one asker only that it was silent for too long.
    fn is_lost(&self) -> bool {
        let mut since = self.silent_since.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let is_lost = now - *since.get_or_insert(now) > limit::ANSWER_TIMEOUT;
        if is_lost {
            *since = Some(now);
        }
        is_lost
    }
}

impl fmt::Debug for Renewed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Renewed")
    }
}
