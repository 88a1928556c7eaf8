//! Chores: what one node does for all, by a lease in the database that a dead one loses.
//!
//! Who finds that it holds the lease begins; what it does then is done by transactions that look again, so that a node
//! that was stopped in between does no harm when it goes on.

use std::sync::atomic::Ordering;

use ring::rand::{SecureRandom, SystemRandom};
use tokio::time::timeout;

use super::{Declined, Flows};
use crate::limit;
use crate::store::StoreError;

/// What the lease is called.
const CHORES: &str = "chores";

impl Flows {
    /// Takes the lease of the chores, or holds it on. `false` while another node has it.
    pub async fn hold_chores(&self) -> Result<bool, Declined> {
        let held = self.store.hold_lease(CHORES, &self.node, limit::LEASE);
        let outcome = timeout(limit::STORE_TIMEOUT, held).await.unwrap_or(Err(StoreError::TooSlow));
        // Who can't ask may have lost it.
        self.note_chores(*outcome.as_ref().unwrap_or(&false));
        Ok(outcome?)
    }

    /// Gives the lease back at the end, so that nobody has to wait until it expires.
    pub async fn leave_chores(&self) {
        if self.has_chores.load(Ordering::Relaxed)
            && let Err(error) = self.store.return_lease(CHORES, &self.node).await
        {
            tracing::warn!(%error, "the lease of the chores expires by itself");
        }
        self.note_chores(false);
    }

    /// Looks after the signing keys: as the node that does so for all, or by reading what that one did.
    pub async fn keep_ring(&self) -> Result<(), Declined> {
        if self.hold_chores().await? {
            self.tend_ring().await?;
            return Ok(());
        }
        self.load_ring().await
    }

    /// Sweeps the change log, if that is for this node.
    pub async fn sweep_changes_for_all(&self) -> Result<u64, Declined> {
        if self.hold_chores().await? { self.sweep_changes().await } else { Ok(0) }
    }

    /// Sweeps what ended, if that is for this node.
    pub async fn sweep_journeys_for_all(&self) -> Result<u64, Declined> {
        if self.hold_chores().await? { self.sweep_journeys().await } else { Ok(0) }
    }

    fn note_chores(&self, has: bool) {
        if self.has_chores.swap(has, Ordering::Relaxed) != has {
            let words = if has { "this node does the chores" } else { "this node does the chores no more" };
            tracing::info!(node = self.node, "{words}");
        }
        metrics::gauge!("hallpass_lease_held", "job" => CHORES).set(if has { 1.0 } else { 0.0 });
    }
}

/// A name that no other process has.
pub(super) fn new_name() -> Result<String, Declined> {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Declined::Secret("there are no random bytes".to_owned()))?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}
