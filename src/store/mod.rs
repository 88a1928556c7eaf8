//! The store: the only room with queries.
//!
//! In:    what to find, and what to change.
//! Out:   rows, and cached records of what the hot path needs.
//! Never: holds a transaction open for a caller, makes a network call beside the database's, looks into a secret.
//!
//! Each verb is atomic. A verb that changes something writes the change into the change log in the same transaction,
//! and the local caches have forgotten it before the verb returns.

mod app;
mod attempt;
mod authorization;
mod backup;
mod change;
mod code;
mod error;
mod family;
mod grant;
mod guarded;
mod identity;
mod interned;
mod key;
mod key_record;
mod lease;
mod line;
mod listen;
mod login;
mod logout;
mod migrate;
mod open;
mod pepper;
mod pool;
mod provider;
mod reach;
mod record;
mod refresh;
mod renewed;
mod resource;
mod sealed;
mod session;
mod shelves;
mod signing_key;
mod sqlite;
mod sweep;
mod timed;
mod usage;
mod user;

use std::hash::Hash;
use std::sync::Arc;

use sea_orm::DbBackend;

pub use change::{Change, ChangeKind};
pub use entity::{
    api_key, app as app_row, authorization_code as code_row, authorization_request as request_row,
    identity as identity_row, key_usage, login_attempt as attempt_row, provider as provider_row,
    refresh_token as refresh_row, resource as resource_row, session as session_row, signing_key as signing_key_row,
    token_family as family_row, user as user_row, user_grant as grant_row,
};
pub use error::StoreError;
pub use key::Rotation;
pub use key_record::{KeyRecord, KeyTerms};
pub use listen::Listener;
pub use login::{Login, NotLoggedIn};
pub use logout::SignedOut;
pub use pepper::SealedPepper;
pub use reach::Reach;
pub use record::{AppRecord, ResourceRecord, UserRecord};
pub use sealed::{SealedRow, SealedTable};
pub use signing_key::NewSigningKey;
pub use usage::{USES_AT_ONCE, Use};

use crate::credential::KeyId;
use crate::limit;
use guarded::Guarded;
use interned::Interned;
use key_record::KeptKey;
use line::Line;
use timed::Timed;

/// The database, and what is kept of it in memory.
#[derive(Debug)]
pub struct Store {
    read: Timed,
    write: Timed,
    /// Where the change log of PostgreSQL is read: nobody else's haste keeps its reader from asking.
    log: Option<Line>,
    backend: DbBackend,
    keys: Guarded<KeyId, KeptKey>,
    /// What the keys in memory may do.
    terms: Interned<KeyTerms>,
    apps: Guarded<Arc<str>, Arc<AppRecord>>,
    users: Guarded<Arc<str>, Arc<UserRecord>>,
    reach: Reach,
}

impl Store {
    /// Whether the database can be reached.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// How many API keys are in memory.
    #[must_use]
    pub fn cached_keys(&self) -> u64 {
        self.keys.len()
    }

    /// What `cache` holds under `key`, or `load` finds; the caches are passed by while the change log can't be read.
    async fn cached<K, V, F>(
        &self,
        cache: &Guarded<K, V>,
        key: &K,
        load: impl Fn() -> F,
    ) -> Result<Option<V>, StoreError>
    where
        K: Hash + Eq + Clone + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
        F: Future<Output = Result<Option<V>, StoreError>>,
    {
        let found = async { if self.reach.is_believed() { cache.find(key, load).await } else { load().await } };
        tokio::time::timeout(limit::LOAD_TIMEOUT, found).await.unwrap_or(Err(StoreError::TooSlow))
    }

    /// Where something is read.
    fn reader(&self, verb: &'static str) -> Result<&Timed, StoreError> {
        self.count(verb)?;
        Ok(&self.read)
    }

    /// Counts a call, so that an operator (and a test) sees what touches the database. While the database is known to be
    /// away there is none: who asks hears so at once, and does not wait for a connection that does not come.
    fn count(&self, verb: &'static str) -> Result<(), StoreError> {
        if self.reach.is_away() {
            return Err(StoreError::Away);
        }
        metrics::counter!("hallpass_store_calls_total", "verb" => verb).increment(1);
        Ok(())
    }
}
