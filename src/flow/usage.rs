//! Uses: counted in memory on the way, written down every few seconds. A killed process loses one interval at most.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use super::{Declined, Flows};
use crate::credential::{KeyId, SecretHash};
use crate::store::{StoreError, USES_AT_ONCE, Use};

/// What happened since the last flush.
#[derive(Debug, Default)]
pub(super) struct Uses {
    counted: Mutex<HashMap<KeyId, Use>>,
    rehashed: Mutex<HashMap<KeyId, Rehashed>>,
}

/// A key that shall move to the newest pepper.
#[derive(Clone, Copy)]
pub(super) struct Rehashed {
    pub(super) old_pepper: i64,
    pub(super) new_pepper: i64,
    pub(super) hash: SecretHash,
}

impl std::fmt::Debug for Rehashed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} → {}", self.old_pepper, self.new_pepper)
    }
}

impl Uses {
    /// Counts one use.
    pub(super) fn count(&self, key_id: KeyId, at: i64, from: Option<IpAddr>) {
        self.add(Use { key_id, count: 1, last_at: at, last_from: from });
    }

    /// Remembers that a key was seen whose hash is under an old pepper.
    pub(super) fn rehash(&self, key_id: KeyId, rehashed: Rehashed) {
        self.rehashed.lock().unwrap_or_else(PoisonError::into_inner).insert(key_id, rehashed);
    }

    fn add(&self, new: Use) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let used = counted.entry(new.key_id).or_insert(Use { count: 0, ..new });
        used.count = used.count.saturating_add(new.count);
        if new.last_at >= used.last_at {
            (used.last_at, used.last_from) = (new.last_at, new.last_from);
        }
    }

    /// In the order of their ids, so that each statement touches a part of the table and not all of it.
    fn take_counted(&self) -> Vec<Use> {
        let counted = std::mem::take(&mut *self.counted.lock().unwrap_or_else(PoisonError::into_inner));
        let mut uses: Vec<_> = counted.into_values().collect();
        uses.sort_unstable_by_key(|used| used.key_id);
        uses
    }
}

impl Flows {
    /// Writes down what was counted since the last time. What can't be written is kept for the next.
    pub async fn flush_uses(&self) -> Result<usize, Declined> {
        let mut uses = self.uses.take_counted();
        let count = uses.len();
        while !uses.is_empty() {
            let mut some = uses.split_off(uses.len().saturating_sub(USES_AT_ONCE));
            if let Err(error) = self.store.record_uses(&mut some).await {
                for used in uses.into_iter().chain(some) {
                    self.uses.add(used);
                }
                return Err(error.into());
            }
        }
        self.flush_rehashed().await?;
        Ok(count)
    }

    async fn flush_rehashed(&self) -> Result<(), Declined> {
        let rehashed = std::mem::take(&mut *self.uses.rehashed.lock().unwrap_or_else(PoisonError::into_inner));
        for (id, Rehashed { old_pepper, new_pepper, hash }) in rehashed {
            match self.store.mark_key_rehashed(self.clock.now(), id, old_pepper, new_pepper, &hash).await {
                // Moved, or revoked meanwhile.
                Ok(()) | Err(StoreError::Gone) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
