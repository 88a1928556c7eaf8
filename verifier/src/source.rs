//! Where a verifier's keys come from.

use std::sync::Arc;

use crate::error::Error;
use crate::issuer::Issuer;
use crate::keyset::KeySet;

/// Keys that were handed in, or that are fetched and kept.
pub(crate) enum Source {
    Given(Arc<KeySet>),
    Issuer(Arc<Issuer>),
}

impl Source {
    /// The set to use now.
    pub(crate) async fn keys(&self) -> Result<Arc<KeySet>, Error> {
        match self {
            Self::Given(keys) => Ok(Arc::clone(keys)),
            Self::Issuer(issuer) => issuer.keys().await,
        }
    }

    /// The set to look in for `kid`: the one of now, or a newer one when that lacks it.
    pub(crate) async fn keys_for(&self, kid: &str) -> Result<Arc<KeySet>, Error> {
        match self {
            Self::Given(keys) => Ok(Arc::clone(keys)),
            Self::Issuer(issuer) => issuer.keys_for(kid).await,
        }
    }
}
