//! The ring: signing keys made, promoted and retired on schedule, by the node that does the chores; and by each that hears of
//! another app or resource, which may need a key of a kind that nobody has made yet.

mod age;
mod known;

pub(super) use age::RingAge;
use hallpass_verifier::{Algorithm, Profile};

use super::{Declined, Flows, app};
use crate::credential::Purpose;
use crate::limit;
use crate::store::{NewSigningKey, StoreError, signing_key_row};
use crate::token::KeyPair;
use crate::token::schedule::{Key, State, Step};

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
