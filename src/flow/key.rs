//! API keys: made, rotated, switched off and on, revoked.

use super::app::read_identifiers;
use super::declined::check_text;
use super::resource::read_scopes;
use super::{Declined, Flows};
use crate::config::nearest;
use crate::credential::{ApiKey, Environment};
use crate::limit;
use crate::policy::address;
use crate::policy::lifetime::{Expiry, TooLong};
use crate::policy::scope::Scopes;
use crate::policy::standing::Standing;
use crate::store::{Rotation, StoreError, api_key, app_row, key_usage};

/// What a new key shall be.
#[derive(Clone, Debug)]
pub struct KeyWish {
    /// The app it belongs to.
    pub client_id: String,
    /// The person it belongs to and speaks for.
    pub owner_id: Option<String>,
    /// What people call it.
    pub name: String,
    /// Whatever shall be remembered.
    pub note: Option<String>,
    /// For real or for trying out.
    pub environment: Environment,
    /// Its scopes; none unless they are named.
    pub scopes: Vec<String>,
    /// Its resources; all of the app's unless they are named.
    pub resources: Option<Vec<String>>,
    /// Networks it may be used from; any unless they are named.
    pub networks: Vec<String>,
    /// Exchanges a second.
    pub rate_limit: Option<u32>,
    /// How long it lives.
    pub expiry: Expiry,
}

/// A key that was just made: the only time its text is there.
#[derive(Debug)]
pub struct MintedKey {
    /// The key itself.
    pub key: ApiKey,
    /// What is kept of it.
    pub row: api_key::Model,
}

/// How a key shall be rotated.
#[derive(Clone, Debug)]
pub struct RotateWish {
    /// How long the old key goes on; the operator's overlap unless it is said.
    pub overlap: Option<std::time::Duration>,
    /// The old key leaked: it is revoked at once.
    pub is_leak: bool,
    /// How long the new key lives.
    pub expiry: Expiry,
    /// Who wants it.
    pub by: String,
}

/// Why a key shall be revoked.
#[derive(Clone, Debug)]
pub struct RevokeWish {
    /// Why.
    pub reason: String,
    /// Who wants it.
    pub by: String,
}

impl Flows {
    /// All keys, or those of one app, each with its uses.
    pub async fn list_keys(
        &self,
        client_id: Option<&str>,
    ) -> Result<Vec<(api_key::Model, Option<key_usage::Model>)>, Declined> {
        if let Some(client_id) = client_id {
            self.find_app(client_id).await?;
        }
        Ok(self.store.list_keys(client_id).await?)
    }

    /// The key `id` with its uses.
    pub async fn find_key(&self, id: &str) -> Result<(api_key::Model, Option<key_usage::Model>), Declined> {
        if id.contains('_') {
            // A whole key, perhaps: it must not be repeated.
            let words =
                "a key's id is the 16 letters and digits between the second and the third `_`; give no more of it";
            return Err(Declined::Invalid(words.to_owned()));
        }
        if let Some(row) = self.store.find_key(id).await? {
            return Ok((row, self.store.find_usage(id).await?));
        }
        let start: String = id.chars().take(4).filter(char::is_ascii_alphanumeric).collect();
        let ids = self.store.list_key_ids(&start, 100).await?;
        let nearest = nearest(id, ids.iter().map(String::as_str));
        Err(Declined::NoSuch { what: "key", name: id.to_owned(), nearest })
    }

    /// Makes a key for an app.
    pub async fn create_key(&self, wish: &KeyWish) -> Result<MintedKey, Declined> {
        let app = self.find_app(&wish.client_id).await?;
        let minted = self.mint_key(&app, wish, None)?;
        self.store.insert_key(self.clock.now(), minted.row.clone()).await?;
        Ok(minted)
    }

    /// Makes a successor for a key. The old key goes on for the overlap, never beyond its own end; after a leak not
    /// at all.
    pub async fn rotate_key(&self, id: &str, wish: &RotateWish) -> Result<MintedKey, Declined> {
        let now = self.clock.now();
        let (old, _) = self.find_key(id).await?;
        let app = self.find_app(&old.client_id).await?;
        if let Standing::Revoked { .. } = standing(&old, now) {
            return Err(Declined::Spent { id: old.id });
        }
        let words = |list: &str| list.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        // What the app lost since, the successor does not get.
        let scopes = Scopes::trusted(&old.scopes).filtered(|name| Scopes::trusted(&app.scopes).has(name));
        let resources: Vec<String> = words(&old.resources);
        let own: Vec<String> = words(&app.resources);
        let successor = KeyWish {
            client_id: old.client_id.clone(),
            owner_id: old.owner_id.clone(),
            name: old.name.clone(),
            note: old.note.clone(),
            environment: old.environment.parse().map_err(|_| StoreError::Corrupt("key"))?,
            scopes: scopes.iter().map(str::to_owned).collect(),
            resources: Some(resources.into_iter().filter(|resource| own.contains(resource)).collect()),
            networks: words(&old.networks),
            rate_limit: old.rate_limit.and_then(|rate| rate.try_into().ok()),
            expiry: wish.expiry,
        };
        let minted = self.mint_key(&app, &successor, Some(&old.id))?;
        let overlap =
            if wish.is_leak { std::time::Duration::ZERO } else { wish.overlap.unwrap_or(self.rotation_overlap) };
        let ends_at = now.saturating_add_unsigned(overlap.as_secs());
        let rotation = Rotation {
            successor: minted.row.clone(),
            old_ends_at: old.expires_at.map_or(ends_at, |own| own.min(ends_at)),
            revoked: wish.is_leak.then(|| ("leaked".to_owned(), wish.by.clone())),
        };
        match self.store.rotate_key(now, rotation).await {
            Ok(()) => Ok(minted),
            Err(StoreError::Gone) => Err(Declined::Spent { id: old.id }),
            Err(error) => Err(error.into()),
        }
    }

    /// Switches a key off, or on again.
    pub async fn disable_key(&self, id: &str, is_disabled: bool) -> Result<(), Declined> {
        let (row, _) = self.find_key(id).await?;
        spent(&row.id, self.store.mark_key_disabled(self.clock.now(), &row.id, is_disabled).await)
    }

    /// Kills a key for good. When this returns it mints nothing any more on this node; elsewhere a second later.
    pub async fn revoke_key(&self, id: &str, wish: &RevokeWish) -> Result<(), Declined> {
        let (row, _) = self.find_key(id).await?;
        let reason = check_text("reason", &wish.reason)?;
        spent(&row.id, self.store.mark_key_revoked(self.clock.now(), &row.id, &reason, &wish.by).await)
    }

    fn mint_key(&self, app: &app_row::Model, wish: &KeyWish, from: Option<&str>) -> Result<MintedKey, Declined> {
        let now = self.clock.now();
        if app.is_public && wish.owner_id.is_none() {
            let words = format!("the app `{}` is public: it can keep no secret, and so has no keys", app.client_id);
            return Err(Declined::Invalid(words));
        }
        let of = || format!("the app `{}`", app.client_id);
        let scopes = read_scopes(&wish.scopes)?;
        if let Some(name) = scopes.first_outside(&Scopes::trusted(&app.scopes)) {
            return Err(Declined::Outside { what: "scope", name: name.to_owned(), of: of() });
        }
        let resources = match &wish.resources {
            None => app.resources.clone(),
            Some(resources) => read_identifiers(resources)?,
        };
        if let Some(name) = Scopes::trusted(&resources).first_outside(&Scopes::trusted(&app.resources)) {
            return Err(Declined::Outside { what: "resource", name: name.to_owned(), of: of() });
        }
        let networks = wish.networks.iter().map(|text| address::network(text).map(|network| network.to_string()));
        let networks = networks.collect::<Result<Vec<_>, _>>().map_err(|error| Declined::Invalid(error.to_string()))?;
        if networks.len() > limit::LIST_MAX {
            return Err(Declined::Invalid(format!("more than {} networks", limit::LIST_MAX)));
        }
        let too_long = |TooLong { max }| Declined::TooLong { max: max.into() };
        let expires_at = self.expiry.end(now, wish.expiry).map_err(too_long)?;
        let key = ApiKey::mint(wish.environment);
        let peppers = self.peppers.load();
        let pepper = peppers.newest().ok_or_else(|| Declined::Secret("there is no pepper".to_owned()))?;
        let row = api_key::Model {
            id: key.id().to_string(),
            client_id: app.client_id.clone(),
            owner_id: wish.owner_id.clone(),
            name: check_text("name", &wish.name)?,
            note: wish.note.as_deref().map(|note| check_text("note", note)).transpose()?,
            environment: wish.environment.as_str().to_owned(),
            secret_hash: pepper.hash(&key).to_vec(),
            pepper_id: pepper.id(),
            scopes: scopes.to_string(),
            resources,
            networks: networks.join(" "),
            rate_limit: wish.rate_limit.map(i64::from),
            created_at: now,
            expires_at,
            disabled_at: None,
            revoked_at: None,
            revoked_reason: None,
            revoked_by: None,
            rotated_from: from.map(str::to_owned),
            rotated_to: None,
        };
        Ok(MintedKey { key, row })
    }
}

/// Where a key stands at `now`.
#[must_use]
pub fn standing(row: &api_key::Model, now: i64) -> Standing {
    Standing::at(now, row.revoked_at, row.expires_at, row.disabled_at)
}

fn spent(id: &str, outcome: Result<(), StoreError>) -> Result<(), Declined> {
    match outcome {
        Err(StoreError::Gone) => Err(Declined::Spent { id: id.to_owned() }),
        outcome => Ok(outcome?),
    }
}
