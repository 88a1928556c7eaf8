//! Following the change log: what another process changed is forgotten here within a moment.

use std::sync::atomic::Ordering;

use tokio::time::timeout;

use super::{Declined, Flows};
use crate::limit;
use crate::store::{ChangeKind, Listener, StoreError};

/// Changes read at once.
const MOST: u64 = 500;

impl Flows {
    /// Begins at the log's end, before anything is cached.
    pub(super) async fn begin_following(&self) -> Result<(), Declined> {
        self.followed.store(self.store.last_change().await?, Ordering::SeqCst);
        Ok(())
    }

    /// Reads the log to its end and lets go of what changed. Until this was done once, and when it has not succeeded
    /// for a while, keys are read from the database each time.
    pub async fn follow(&self) -> Result<(), Declined> {
        // A connection that somebody on the way has forgotten never answers.
        timeout(limit::FOLLOW_MAX, self.read_on()).await.map_err(|_| StoreError::TooSlow)?
    }

    /// Hears when the log has something new, where the database can say so.
    pub async fn listen(&self) -> Result<Listener, Declined> {
        Ok(self.store.listen().await?)
    }

    async fn read_on(&self) -> Result<(), Declined> {
        loop {
            let from = self.followed.load(Ordering::SeqCst);
            let asked = self.store.reach().mark_asked();
            let changes = timeout(limit::STORE_TIMEOUT, self.store.list_changes(from, MOST)).await;
            let changes = changes.map_err(|_| StoreError::TooSlow)??;
            self.store.reach().mark_answered();
            let Some(changes) = changes else {
                tracing::warn!("the change log went on without us; all caches are dropped");
                let last = self.store.last_change().await?;
                self.store.forget_all();
                self.ring_age.mark_changed();
                self.load_peppers().await?;
                self.load_ring().await?;
                self.followed.store(last, Ordering::SeqCst);
                continue;
            };
            let Some(last) = changes.last().map(|change| change.seq) else {
                self.store.reach().mark_followed(asked);
                return Ok(());
            };
            let has = |kind| changes.iter().any(|change| change.kind == Some(kind));
            for change in &changes {
                match change.kind {
                    Some(kind) => self.store.forget(kind, &change.subject),
                    // A newer version wrote it: forget too much rather than too little.
                    None => self.store.forget_all(),
                }
            }
            if has(ChangeKind::SigningKey) {
                self.ring_age.mark_changed();
            }
            if has(ChangeKind::Pepper) {
                self.load_peppers().await?;
            }
            if has(ChangeKind::Resource) || has(ChangeKind::App) {
                self.tend_ring().await?;
            }
            if has(ChangeKind::SigningKey) {
                self.load_ring().await?;
            }
            self.followed.store(last, Ordering::SeqCst);
        }
    }

    /// Drops what every follower has read long ago.
    pub async fn sweep_changes(&self) -> Result<u64, Declined> {
        let kept = i64::try_from(limit::CHANGE_KEPT.as_secs()).unwrap_or(i64::MAX);
        Ok(self.store.sweep_changes(self.clock.now() - kept).await?)
    }
}
