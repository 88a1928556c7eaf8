//! Readiness: whether this node can do its work.

use hallpass_verifier::Profile;

use super::Flows;

impl Flows {
    /// What must be so for requests to be sent here, and whether it is.
    pub async fn readiness(&self) -> [(&'static str, bool); 3] {
        [
            ("database", self.store.ping().await.is_ok()),
            ("change_log", self.store.is_following()),
            ("signing_key", self.ring().active_kid(Profile::default().algorithm()).is_some()),
        ]
    }
}
