//! Peppers, opened: the newest hashes new keys, each older one still knows its own.

use std::sync::Arc;

use arc_swap::Guard;
use tokio::sync::MutexGuard;
use tokio::time::timeout;

use super::{Declined, Flows, Refusal};
use crate::credential::{Pepper, Purpose};
use crate::limit;
use crate::store::{SealedPepper, StoreError};

/// The peppers that are live, the newest last.
#[derive(Debug, Default)]
pub(super) struct Peppers(Vec<Pepper>);

impl Peppers {
    /// The one that new keys are hashed with.
    pub(super) fn newest(&self) -> Option<&Pepper> {
        self.0.last()
    }

    /// The one of version `id`.
    pub(super) fn find(&self, id: i64) -> Option<&Pepper> {
        self.0.iter().rev().find(|pepper| pepper.id() == id)
    }
}

impl Flows {
    /// Replaces the pepper for new keys; each old key moves to it after its next use. Returns its version.
    pub async fn rotate_pepper(&self) -> Result<i64, Declined> {
        let newest = self.peppers.load().newest().map_or(0, Pepper::id);
        self.insert_pepper(newest + 1).await?;
        self.load_peppers().await?;
        Ok(newest + 1)
    }

    /// Reads the peppers; makes the first one in a new house.
    pub(super) async fn prepare_peppers(&self) -> Result<(), Declined> {
        self.load_peppers().await?;
        if self.peppers.load().newest().is_none() {
            match self.insert_pepper(1).await {
                // Another node was first, and its pepper is as good.
                Ok(()) | Err(Declined::Store(StoreError::Exists)) => self.load_peppers().await?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The peppers, with that of version `id` if there is one: another process may have made it a moment ago, and its
    /// entry in the change log is still to come.
    pub(super) async fn peppers_with(&self, id: i64) -> Result<Guard<Arc<Peppers>>, Refusal> {
        let is_found = || self.peppers.load().find(id).is_some();
        if is_found() {
            return Ok(self.peppers.load());
        }
        let reading = async {
            let turn = self.loading.lock().await;
            // Whoever had the turn before may have read it for all who wait.
            if is_found() { Ok(()) } else { self.read_peppers(&turn).await }
        };
        match timeout(limit::LOAD_TIMEOUT, reading).await {
            Ok(Ok(())) => return Ok(self.peppers.load()),
            Ok(Err(error)) => tracing::error!(%error, "the peppers can't be read"),
            Err(_) => tracing::error!("the peppers take too long to be read"),
        }
        Err(Refusal::Unavailable("a pepper can't be read"))
    }

    /// Reads and opens all peppers.
    pub(super) async fn load_peppers(&self) -> Result<(), Declined> {
        self.read_peppers(&self.loading.lock().await).await
    }

    async fn read_peppers(&self, _turn: &MutexGuard<'_, ()>) -> Result<(), Declined> {
        let mut peppers = Vec::new();
        let rows = self.store.list_peppers().await?;
        for SealedPepper { id, sealed } in rows {
            let bytes = self
                .vault
                .unseal(Purpose::Pepper, &id.to_string(), &sealed)?
                .map_err(|error| Declined::Secret(format!("pepper {id}: {error}")))?;
            peppers.push(Pepper::new(id, &bytes));
        }
        self.peppers.store(Peppers(peppers).into());
        Ok(())
    }

    async fn insert_pepper(&self, id: i64) -> Result<(), Declined> {
        let sealed = self.vault.seal(Purpose::Pepper, &id.to_string(), &*Pepper::mint())?;
        Ok(self.store.insert_pepper(self.clock.now(), SealedPepper { id, sealed }).await?)
    }
}
