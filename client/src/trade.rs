//! One attempt to get a token: the key as it is now, shown to the issuer.
//!
//! In:    what a token is to be for, and what was refused before.
//! Out:   a grant and when it was asked for, or why there is none.
//! Never: tries again what was refused, unless the key has changed.

use std::time::Duration;

use crate::answer::Failure;
use crate::clock::Moment;
use crate::error::{Error, NoKey, Trouble};
use crate::issuer::Issuer;
use crate::key::{Key, KeySource};
use crate::target::Target;
use crate::token::Grant;

/// The code that says that the key is not good (RFC 6749 5.2).
const BAD_KEY: &str = "invalid_client";

/// Who has the key, and where it is traded.
pub(crate) struct Trader {
    pub(crate) keys: Box<dyn KeySource>,
    pub(crate) issuer: Issuer,
    /// How long the key may take to come.
    pub(crate) patience: Duration,
}

/// A refusal that stands for as long as the key is the same.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) key: Key,
    pub(crate) error: Error,
    pub(crate) at: Moment,
}

/// An attempt that came to nothing, and which key was shown, if one was.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) shown: Option<Key>,
    pub(crate) failure: Failure,
}

impl Trader {
    /// One attempt. The key that `refused` names is not shown.
    pub(crate) async fn trade(&self, target: &Target, refused: Option<&Refused>) -> Result<(Grant, Moment), Failed> {
        let key = self.key().await?;
        if let Some(refused) = refused.filter(|refused| refused.key == key) {
            return Err(Failed { shown: None, failure: Failure::Final(refused.error.clone()) });
        }
        let failure = match self.issuer.trade(&key, target).await {
            Ok(grant) => return Ok(grant),
            Err(failure) => failure,
        };
        // A secret that is being rotated is replaced after the old one died, or while we were asking.
        if is_bad_key(&failure) {
            let again = self.key().await?;
            if again != key {
                tracing::info!(key = again.name(), "the key was replaced; trying the new one");
                let grant = self.issuer.trade(&again, target).await;
                return grant.map_err(|failure| Failed { shown: Some(again), failure });
            }
        }
        Err(Failed { shown: Some(key), failure })
    }

    async fn key(&self) -> Result<Key, Failed> {
        let key = tokio::time::timeout(self.patience, self.keys.key()).await;
        key.unwrap_or(Err(NoKey::TooSlow)).map_err(|reason| Failed { shown: None, failure: reason.into() })
    }
}

fn is_bad_key(failure: &Failure) -> bool {
    matches!(failure, Failure::Final(Error::Refused(refusal)) if refusal.error == BAD_KEY)
}

impl From<NoKey> for Failure {
    fn from(reason: NoKey) -> Self {
        match reason {
            // Somebody is writing the file, or what the callback asks is away.
            NoKey::Empty | NoKey::TooSlow | NoKey::Callback(_) => Trouble::Key(reason).into(),
            NoKey::Variable(_) | NoKey::File { .. } | NoKey::Malformed => Self::Final(reason.into()),
        }
    }
}
