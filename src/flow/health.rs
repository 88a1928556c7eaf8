//! Health: whether this node can do its work, and the numbers that tell how it is.

use hallpass_verifier::Profile;

use super::Flows;

/// How something is that requests need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is there.
    Good,
    /// It is not there, and for a while we go on without.
    Away,
    /// It is not there, and nothing goes on without.
    Unavailable,
}

impl Flows {
    /// Sets the numbers that are ages and sizes.
    #[expect(clippy::cast_precision_loss, reason = "ages and sizes are far below 2^52")]
    pub fn measure(&self) {
        let now = self.clock.now();
        for (algorithm, since) in self.ring().active_since() {
            metrics::gauge!("hallpass_signing_key_age_seconds", "algorithm" => algorithm.as_str())
                .set((now - since) as f64);
        }
        metrics::gauge!("hallpass_change_log_age_seconds").set(self.store.reach().silence().as_secs_f64());
        metrics::gauge!("hallpass_cached_keys").set(self.store.cached_keys() as f64);
        for (check, health) in self.readiness() {
            metrics::gauge!("hallpass_ready", "check" => check).set(if health == Health::Good { 1.0 } else { 0.0 });
        }
    }

    /// What must be so for requests to be sent here, and how it is. The database counts as there when the change log
    /// was read a moment ago, so that asking costs nothing.
    #[must_use]
    pub fn readiness(&self) -> [(&'static str, Health); 2] {
        let reach = self.store.reach();
        let database = match (reach.is_following(), reach.is_believed()) {
            (true, _) => Health::Good,
            (false, true) => Health::Away,
            (false, false) => Health::Unavailable,
        };
        let signs = self.ring().active_kid(Profile::default().algorithm()).is_some();
        [("database", database), ("signing_key", if signs { Health::Good } else { Health::Unavailable })]
    }
}
