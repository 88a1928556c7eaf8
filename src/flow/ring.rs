//! The ring: signing keys made, promoted and retired on schedule, by the node that does the chores.

use std::sync::{MutexGuard, PoisonError};
use std::time::Instant;

use hallpass_verifier::{Algorithm, Profile};
use tokio::sync::MutexGuard as Turn;
use tokio::time::{self, sleep_until, timeout};

use super::{Declined, Flows, Refusal, app};
use crate::credential::{Purpose, Sealed};
use crate::limit;
use crate::store::{NewSigningKey, StoreError, signing_key_row};
use crate::token::schedule::{Key, State, Step};
use crate::token::{Document, KeyPair, Keyring, SigningKey};

/// A key that a rotation which was asked for has made or hastened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKeyRotation {
    /// Of which kind.
    pub algorithm: Algorithm,
    /// Which key.
    pub kid: String,
    /// When it begins to sign.
    pub due: i64,
}

impl Flows {
    /// The JWKS, from memory; `None` before the ring was loaded.
    #[must_use]
    pub fn jwks(&self) -> Option<Document> {
        self.ring.load().jwks().cloned()
    }

    /// The ring as it is in memory.
    pub(super) fn ring(&self) -> arc_swap::Guard<std::sync::Arc<Keyring>> {
        self.ring.load()
    }

    /// Takes every step that is due, one after the other, until none is. Returns how many were taken here.
    pub async fn tend_ring(&self) -> Result<usize, Declined> {
        let mut taken = 0;
        // A step leads to at most one more; a node that always comes second must not go on for ever.
        for _ in 0..16 {
            let (now, seen) = (self.clock.now(), self.store.last_change().await?);
            let in_use = self.algorithms_in_use().await?;
            let rows = self.store.list_signing_keys().await?;
            let keys = rows.iter().map(Key::try_from).collect::<Result<Vec<_>, _>>()?;
            let steps = self.schedule.due(now, &in_use, &keys);
            if steps.is_empty() {
                break;
            }
            for step in steps {
                match self.take_step(seen, step, &keys).await {
                    Ok(()) => taken += 1,
                    // Another node took it, or it was decided on what is no longer so: that is read again.
                    Err(Declined::Store(StoreError::Exists | StoreError::Gone)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        self.load_ring().await?;
        Ok(taken)
    }

    /// Makes sure that a key of `profile`'s kind signs before anything needs it.
    pub(super) async fn prepare_profile(&self, profile: Profile) -> Result<(), Declined> {
        if self.ring.load().active_kid(profile.algorithm()).is_some() {
            return Ok(());
        }
        match self.take_step(0, Step::MakeActive(profile.algorithm()), &[]).await {
            Ok(()) | Err(Declined::Store(StoreError::Exists)) => self.load_ring().await,
            Err(error) => Err(error),
        }
    }

    /// Makes sure that a key of this kind signs here. Another process may have made it a moment ago, and a resource that
    /// needs it; or have withdrawn what signed, and the change log can't be read to its end. Then who asks waits until the
    /// ring is read, once for all who wait.
    pub(super) async fn find_signer(&self, algorithm: Algorithm) -> Result<(), Refusal> {
        let is_found = || {
            let is_known = self.store.reach().is_believed() || self.ring_read_at().elapsed() <= limit::FOLLOW_STALE;
            is_known && self.ring.load().active_kid(algorithm).is_some()
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
    /// moment ago. Strangers can make names up; all of them wait for one reading, and the next comes as much later as
    /// those of the change log.
    pub(super) async fn find_key_of(&self, token: &str) -> Result<(), Refusal> {
        let came = time::Instant::now();
        let is_lacking = || self.ring().lacks_key_of(token);
        if !is_lacking() {
            return Ok(());
        }
        let reading = async {
            let mut looked = self.looked.lock().await;
            if looked.is_some_and(|at| at > came) || !is_lacking() {
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

    /// Brings the next rotation of every kind forward: as soon as the waiting key has been known for a day.
    pub async fn rotate_signing_keys(&self) -> Result<Vec<SigningKeyRotation>, Declined> {
        self.tend_ring().await?;
        let now = self.clock.now();
        let warm_up = i64::try_from(limit::KEY_WARM_UP.as_secs()).unwrap_or(i64::MAX);
        let mut planned = Vec::new();
        for algorithm in self.algorithms_in_use().await? {
            let waiting = self.list_signing_keys().await?.into_iter().find_map(|(_, key)| match key.state {
                State::Next { since, .. } if key.algorithm == algorithm => Some((key.kid, since)),
                _ => None,
            });
            let (kid, due) = if let Some((kid, since)) = waiting {
                let due = now.max(since + warm_up);
                self.store.mark_signing_key_due(now, &kid, due).await?;
                (kid, due)
            } else {
                let key = self.make_key(algorithm).await?;
                let (kid, due) = (key.public.kid.clone(), now + warm_up);
                // It is asked for, whatever was read.
                let seen = self.store.last_change().await?;
                self.store.insert_next_signing_key(now, seen, key, due).await?;
                (kid, due)
            };
            planned.push(SigningKeyRotation { algorithm, kid, due });
        }
        self.tend_ring().await?;
        Ok(planned)
    }

    /// Signs with a fresh key of every kind in use at once and withdraws all others, of whatever kind and state: for
    /// keys that others may have. Also returns how many were withdrawn.
    pub async fn replace_signing_keys(&self) -> Result<(Vec<SigningKeyRotation>, u64), Declined> {
        let (mut keys, mut replaced) = (Vec::new(), Vec::new());
        for algorithm in self.algorithms_in_use().await? {
            let key = self.make_key(algorithm).await?;
            replaced.push(SigningKeyRotation { algorithm, kid: key.public.kid.clone(), due: self.clock.now() });
            keys.push(key);
        }
        let withdrawn = self.store.replace_signing_keys(self.clock.now(), keys).await?;
        self.load_ring().await?;
        Ok((replaced, withdrawn))
    }

    /// All signing keys, the newest first, each with where it stands.
    pub async fn list_signing_keys(&self) -> Result<Vec<(signing_key_row::Model, Key)>, Declined> {
        let rows = self.store.list_signing_keys().await?;
        let keys = rows.into_iter().map(|row| Key::try_from(&row).map(|key| (row, key)));
        Ok(keys.collect::<Result<_, _>>()?)
    }

    /// Reads the ring.
    pub(super) async fn load_ring(&self) -> Result<(), Declined> {
        self.read_ring(&self.loading.lock().await).await
    }

    fn ring_read_at(&self) -> MutexGuard<'_, Instant> {
        self.ring_read_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the ring: opens the keys that sign and lists those that are published, the signing ones first.
    async fn read_ring(&self, _turn: &Turn<'_, ()>) -> Result<(), Declined> {
        let asked = Instant::now();
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
        *self.ring_read_at() = asked;
        Ok(())
    }

    /// Takes one step. `seen` is the last place in the change log before what it was decided on was read.
    async fn take_step(&self, seen: i64, step: Step, keys: &[Key]) -> Result<(), Declined> {
        tracing::info!(?step, "signing keys");
        // The time is asked for last: to make a key takes a while, and who is stopped meanwhile makes no old ones.
        let now = || self.clock.now();
        match step {
            Step::MakeActive(algorithm) => {
                let key = self.make_key(algorithm).await?;
                self.store.insert_active_signing_key(now(), key).await?;
            }
            Step::MakeNext { algorithm, due } => {
                let key = self.make_key(algorithm).await?;
                self.store.insert_next_signing_key(now(), seen, key, due).await?;
            }
            Step::Promote { next } => {
                let Some(key) = keys.iter().find(|key| key.kid == next) else {
                    return Ok(());
                };
                self.store.promote_signing_key(now(), &next, key.algorithm).await?;
            }
            Step::Stop(kid) => self.store.mark_signing_key_stopped(now(), seen, &kid).await?,
            Step::Retire(kid) => self.store.mark_signing_key_retired(now(), &kid).await?,
        }
        Ok(())
    }

    /// Makes a key pair and seals it. An RSA pair takes a while, so it is made beside the threads that serve.
    async fn make_key(&self, algorithm: Algorithm) -> Result<NewSigningKey, Declined> {
        let broken = || Declined::Secret(format!("a key pair for {algorithm} can't be made"));
        let made = tokio::task::spawn_blocking(move || {
            let der = KeyPair::generate(algorithm)?;
            let public = KeyPair::from_pkcs8(algorithm, &der)?.public()?;
            Ok::<_, crate::token::BadKeyPair>((der, public))
        });
        let (der, public) = made.await.map_err(|_| broken())?.map_err(|_| broken())?;
        let sealed = self.vault.seal(Purpose::SigningKey, &public.kid, &der)?;
        Ok(NewSigningKey { algorithm, public, sealed })
    }

    /// The kinds that some resource's tokens or some app's ID tokens are signed with, and the default's: nothing else is
    /// published.
    async fn algorithms_in_use(&self) -> Result<Vec<Algorithm>, Declined> {
        let mut in_use = vec![Profile::Standard.algorithm()];
        for resource in self.store.list_resources().await? {
            let profile: Profile = resource.profile.parse().map_err(|_| StoreError::Corrupt("resource"))?;
            in_use.push(profile.algorithm());
        }
        for app in self.store.list_apps().await?.iter().filter(|app| app::has_sign_in(app)) {
            in_use.push(app.id_token_alg.parse().map_err(|_| StoreError::Corrupt("app"))?);
        }
        Ok(Algorithm::ALL.into_iter().filter(|algorithm| in_use.contains(algorithm)).collect())
    }
}
