//! Health: whether this node can do its work, and the numbers that tell how it is.

use hallpass_verifier::Profile;

use super::Flows;

impl Flows {
    /// Sets the numbers that are ages and sizes.
    #[expect(clippy::cast_precision_loss, reason = "ages and sizes are far below 2^52")]
    pub fn measure(&self) {
        let now = self.clock.now();
        for (algorithm, since) in self.ring().active_since() {
            metrics::gauge!("hallpass_signing_key_age_seconds", "algorithm" => algorithm.as_str())
                .set((now - since) as f64);
        }
        metrics::gauge!("hallpass_change_log_age_seconds").set(self.store.following_age());
        metrics::gauge!("hallpass_cached_keys").set(self.store.cached_keys() as f64);
    }

    /// What must be so for requests to be sent here, and whether it is. The database counts as there when the change log
    /// was read a moment ago, so that asking costs nothing.
    #[must_use]
    pub fn readiness(&self) -> [(&'static str, bool); 2] {
        [
            ("database", self.store.is_following()),
            ("signing_key", self.ring().active_kid(Profile::default().algorithm()).is_some()),
        ]
    }
}
