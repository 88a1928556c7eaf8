//! The ring as this node knows it: read as a whole, held in memory, read again where a request needs what it lacks.

use hallpass_verifier::Algorithm;
use tokio::sync::MutexGuard;
use tokio::time::{self, sleep_until, timeout};

use crate::clock::Moment;
use crate::credential::{Purpose, Sealed};
use crate::flow::{Declined, Flows, Refusal};
use crate::limit;
use crate::token::schedule::State;
use crate::token::{Document, KeyPair, Keyring, SigningKey};

impl Flows {
    /// The JWKS, from memory; `None` before the ring was loaded.
    #[must_use]
    pub fn jwks(&self) -> Option<Document> {
        self.ring.load().jwks().cloned()
    }

    /// The ring as it is in memory.
    pub(in crate::flow) fn ring(&self) -> arc_swap::Guard<std::sync::Arc<Keyring>> {
        self.ring.load()
    }

    /// Makes sure that a key of this kind signs here. Another process may have made it a moment ago, and a resource that
    /// needs it; or have withdrawn what signed, and the change log says so, or can't be read to its end. Then who asks waits
    /// until the ring is read, once for all who wait.
    pub(in crate::flow) async fn find_signer(&self, algorithm: Algorithm) -> Result<(), Refusal> {
        let is_found = || {
            let is_fresh = || self.ring_age.asked().elapsed() <= limit::FOLLOW_STALE;
            let is_known = self.store.reach().is_believed() || is_fresh();
            self.ring_age.is_current() && is_known && self.ring.load().active_kid(algorithm).is_some()
        };
        if is_found() {
            return Ok(());
        }
        let reading = async {
            let turn = self.loading.lock().await;
            if is_found() { Ok(()) } else { self.read_ring(&turn).await }
        };
        match timeout(limit::LOAD_TIMEOUT, reading).await {
            Ok(Ok(())) if is_found() => return Ok(()),
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the signing keys can't be read"),
            Err(_) => tracing::error!("the signing keys take too long to be read"),
        }
        Err(Refusal::Unavailable("no key of this kind is known to sign"))
    }

    /// Makes sure that the key which a token names is known here, if there is one: another process may have made it a
    /// moment ago, or have withdrawn it, and the change log says so. Strangers can make names up; all of them wait for one
    /// reading, and the next comes as much later as those of the change log.
    pub(in crate::flow) async fn find_key_of(&self, token: &str) -> Result<(), Refusal> {
        let came = Moment::now();
        let is_lacking = || !self.ring_age.is_current() || self.ring().lacks_key_of(token);
        if !is_lacking() {
            return Ok(());
        }
        let reading = async {
            let mut looked = self.looked.lock().await;
            // A reading that failed, or was cut off, says nothing to those who waited for it.
            if self.ring_age.asked() > came || !is_lacking() {
                return Ok(());
            }
            if let Some(at) = *looked {
                sleep_until(at + limit::FOLLOW_EVERY).await;
            }
            *looked = Some(time::Instant::now());
            self.load_ring().await
        };
        let unread = Refusal::Unavailable("the signing keys can't be read");
        timeout(limit::LOAD_TIMEOUT, reading).await.ok().and_then(Result::ok).ok_or(unread)
    }

    /// Reads the ring.
    pub(in crate::flow) async fn load_ring(&self) -> Result<(), Declined> {
        self.read_ring(&self.loading.lock().await).await
    }

    /// Reads the ring: opens the keys that sign and lists those that are published, the signing ones first.
    async fn read_ring(&self, _turn: &MutexGuard<'_, ()>) -> Result<(), Declined> {
        let asked = Moment::now();
        let mut published = Vec::new();
        let mut active = Vec::new();
        for (row, key) in self.list_signing_keys().await? {
            let place = match key.state {
                State::Active { .. } => 0,
                State::Next { .. } => 1,
                State::Retiring { .. } => 2,
                State::Retired { .. } => continue,
            };
            published.push((place, row.public_jwk));
            if let State::Active { since } = key.state {
                let sealed = Sealed { root_key_id: row.root_key_id, bytes: row.sealed_private };
                let der = self.vault.unseal(Purpose::SigningKey, &key.kid, &sealed)?;
                let secret =
                    |error: &dyn std::fmt::Display| Declined::Secret(format!("signing key {}: {error}", key.kid));
                let der = der.map_err(|error| secret(&error))?;
                let pair = KeyPair::from_pkcs8(key.algorithm, &der).map_err(|error| secret(&error))?;
                active.push(SigningKey::new(&key.kid, key.algorithm, since, pair));
            }
        }
        published.sort();
        let published: Vec<String> = published.into_iter().map(|(_, jwk)| jwk).collect();
        self.ring.store(Keyring::new(active, &published).into());
        self.ring_age.mark_read(asked);
        Ok(())
    }
}
