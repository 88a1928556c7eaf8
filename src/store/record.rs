//! Records: what the hot path needs of a key and its app, read from the rows once and kept in memory.

use std::sync::Arc;
use std::time::Duration;

use entity::{api_key, app, resource};
use hallpass_verifier::Profile;
use ipnet::IpNet;

use super::StoreError;
use crate::credential::{Environment, KeyId, SecretHash};
use crate::policy::rate::Rate;
use crate::policy::scope::Scopes;
use crate::policy::standing::Standing;

/// An API key, ready to be compared with what a caller shows.
#[derive(Debug)]
pub struct KeyRecord {
    /// Its public part.
    pub id: KeyId,
    /// The app it belongs to.
    pub client_id: Arc<str>,
    /// Where it is meant to be used.
    pub environment: Environment,
    /// HMAC-SHA-256 of its secret.
    pub secret_hash: SecretHash,
    /// The pepper that was made with.
    pub pepper_id: i64,
    /// Its scopes.
    pub scopes: Scopes,
    /// Identifiers of its resources.
    pub resources: Box<[Box<str>]>,
    /// Networks it may be used from; none means any.
    pub networks: Box<[IpNet]>,
    /// How often it may be used.
    pub rate: Option<Rate>,
    /// When it ends by itself.
    pub expires_at: Option<i64>,
    disabled_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl KeyRecord {
    /// Where it stands at `now`.
    #[must_use]
    pub fn standing(&self, now: i64) -> Standing {
        Standing::at(now, self.revoked_at, self.expires_at, self.disabled_at)
    }
}

impl TryFrom<api_key::Model> for KeyRecord {
    type Error = StoreError;

    fn try_from(row: api_key::Model) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt("key");
        Ok(Self {
            id: row.id.parse().map_err(|_| corrupt())?,
            client_id: row.client_id.into(),
            environment: row.environment.parse().map_err(|_| corrupt())?,
            secret_hash: row.secret_hash.try_into().map_err(|_| corrupt())?,
            pepper_id: row.pepper_id,
            scopes: Scopes::trusted(&row.scopes),
            resources: words(&row.resources).map(Box::from).collect(),
            networks: words(&row.networks).map(str::parse).collect::<Result<_, _>>().map_err(|_| corrupt())?,
            rate: row.rate_limit.and_then(|rate| Rate::new(u32::try_from(rate).unwrap_or(u32::MAX))),
            expires_at: row.expires_at,
            disabled_at: row.disabled_at,
            revoked_at: row.revoked_at,
        })
    }
}

/// An app with the resources its keys may ask tokens for.
#[derive(Debug)]
pub struct AppRecord {
    /// Its `client_id`.
    pub client_id: Box<str>,
    /// What its keys may hold at most.
    pub scopes: Scopes,
    /// The enabled ones among its resources.
    pub resources: Box<[ResourceRecord]>,
    /// Which of them a token is for when nobody says.
    pub default_resource: Option<Box<str>>,
    /// Whether its keys mint anything.
    pub is_enabled: bool,
}

/// A resource, as far as a token cares.
#[derive(Debug)]
pub struct ResourceRecord {
    /// The `aud`.
    pub identifier: Box<str>,
    /// What it knows.
    pub scopes: Scopes,
    /// How its tokens look.
    pub profile: Profile,
    /// How long they live.
    pub token_lifetime: Duration,
}

impl AppRecord {
    /// The resource called `identifier`, if the app may use it now.
    #[must_use]
    pub fn resource(&self, identifier: &str) -> Option<&ResourceRecord> {
        self.resources.iter().find(|resource| &*resource.identifier == identifier)
    }

    pub(super) fn new(app: app::Model, resources: Vec<resource::Model>) -> Result<Self, StoreError> {
        Ok(Self {
            client_id: app.client_id.into(),
            scopes: Scopes::trusted(&app.scopes),
            resources: resources
                .into_iter()
                .filter(|resource| resource.disabled_at.is_none())
                .map(ResourceRecord::try_from)
                .collect::<Result<_, _>>()?,
            default_resource: app.default_resource.map(Into::into),
            is_enabled: app.disabled_at.is_none(),
        })
    }
}

impl TryFrom<resource::Model> for ResourceRecord {
    type Error = StoreError;

    fn try_from(row: resource::Model) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt("resource");
        Ok(Self {
            identifier: row.identifier.into(),
            scopes: Scopes::trusted(&row.scopes),
            profile: row.profile.parse().map_err(|_| corrupt())?,
            token_lifetime: Duration::from_secs(u64::try_from(row.token_lifetime).map_err(|_| corrupt())?),
        })
    }
}

/// The words of a single-spaced list.
pub(super) fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(' ').filter(|word| !word.is_empty())
}
