//! The account: what a person sees of themselves here, and may change.

use std::sync::Arc;

use super::{Declined, Flows, KeyWish, MintedKey, RevokeWish, RotateWish, SignedInBrowser};
use crate::credential::Environment;
use crate::policy::lifetime::Expiry;
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, StoreError, UserRecord, api_key, grant_row, identity_row, key_usage};

/// An app that a person has allowed something.
#[derive(Debug)]
pub struct ConnectedApp {
    /// What, and since when.
    pub grant: grant_row::Model,
    /// Whom.
    pub app: Arc<AppRecord>,
}

/// What a person's new key shall be.
#[derive(Clone, Debug)]
pub struct PersonalKeyWish {
    /// The app it is for.
    pub client_id: String,
    /// What they call it.
    pub name: String,
    /// What it may.
    pub scopes: Vec<String>,
    /// How long it lives.
    pub expiry: Expiry,
}

impl Flows {
    /// The apps that a person has allowed something.
    pub async fn list_connected_apps(&self, user_id: &str) -> Result<Vec<ConnectedApp>, Declined> {
        let mut connected = Vec::new();
        for grant in self.store.list_grants(user_id).await? {
            if let Some(app) = self.store.find_app_record(&Arc::from(grant.client_id.as_str())).await? {
                connected.push(ConnectedApp { grant, app });
            }
        }
        Ok(connected)
    }

    /// Takes back what a person allowed an app. Says whether there was anything.
    pub async fn withdraw_app(&self, user_id: &str, client_id: &str) -> Result<bool, Declined> {
        let Some(grant) = self.store.find_grant(user_id, client_id).await? else { return Ok(false) };
        match self.store.mark_grant_revoked(self.clock.now(), user_id, &grant.id).await {
            Ok(()) => Ok(true),
            Err(StoreError::Gone) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// How a person signs in.
    pub async fn list_own_identities(&self, user_id: &str) -> Result<Vec<identity_row::Model>, Declined> {
        Ok(self.store.list_identities(Some(user_id)).await?)
    }

    /// Takes one way to sign in away, and ends the sessions that were begun that way but for the one at hand; the last
    /// one stays ([`StoreError::Referred`]).
    pub async fn unlink_identity(&self, signed_in: &SignedInBrowser, id: &str) -> Result<(), StoreError> {
        let SignedInBrowser { session, user } = signed_in;
        self.store.delete_identity(self.clock.now(), &user.id, id, &session.id).await
    }

    /// The apps that a person may make keys for.
    pub async fn list_personal_key_apps(&self, user: &UserRecord) -> Result<Vec<Arc<AppRecord>>, Declined> {
        let mut apps = Vec::new();
        for row in self.store.list_apps().await?.into_iter().filter(|row| row.allows_personal_keys) {
            let app = self.store.find_app_record(&Arc::from(row.client_id.as_str())).await?;
            apps.extend(app.filter(|app| app.is_enabled && app.admits(&user.person)));
        }
        Ok(apps)
    }

    /// A person's keys, the newest first.
    pub async fn list_personal_keys(
        &self,
        user_id: &str,
    ) -> Result<Vec<(api_key::Model, Option<key_usage::Model>)>, Declined> {
        Ok(self.store.list_keys_of(user_id).await?)
    }

    /// Makes a key that speaks for a person.
    pub async fn create_personal_key(&self, user: &UserRecord, wish: &PersonalKeyWish) -> Result<MintedKey, Declined> {
        // Without a root key it could not be shown, and nobody would ever see it.
        self.vault.root_keys()?;
        let apps = self.list_personal_key_apps(user).await?;
        if !apps.iter().any(|app| *app.client_id == *wish.client_id) {
            return Err(Declined::NoSuch { what: "app", name: wish.client_id.clone(), nearest: None });
        }
        let wish = KeyWish {
            client_id: wish.client_id.clone(),
            owner_id: Some(user.id.to_string()),
            name: wish.name.clone(),
            note: None,
            environment: Environment::Live,
            scopes: wish.scopes.clone(),
            resources: None,
            networks: vec![],
            rate_limit: None,
            expiry: wish.expiry,
        };
        self.create_key(&wish).await
    }

    /// A person's own key `id`; another's is not there.
    pub async fn find_personal_key(&self, user_id: &str, id: &str) -> Result<api_key::Model, Declined> {
        let row = self.store.find_key(id).await?;
        let own = row.filter(|row| row.owner_id.as_deref() == Some(user_id));
        own.ok_or_else(|| Declined::NoSuch { what: "key", name: id.chars().take(16).collect(), nearest: None })
    }

    /// Makes a successor for a person's key; the old one goes on for a while.
    pub async fn rotate_personal_key(&self, user: &UserRecord, id: &str) -> Result<MintedKey, Declined> {
        self.vault.root_keys()?;
        let old = self.find_personal_key(&user.id, id).await?;
        let span = old.expires_at.map(|end| (end - old.created_at).max(0).unsigned_abs());
        let expiry = span.map_or(Expiry::Default, |span| Expiry::After(std::time::Duration::from_secs(span)));
        let wish = RotateWish { overlap: None, is_leak: false, expiry, by: user.id.to_string() };
        self.rotate_key(&old.id, &wish).await
    }

    /// Switches a person's key off, or on again.
    pub async fn disable_personal_key(&self, user_id: &str, id: &str, is_disabled: bool) -> Result<(), Declined> {
        let row = self.find_personal_key(user_id, id).await?;
        self.disable_key(&row.id, is_disabled).await
    }

    /// Kills a person's key for good.
    pub async fn revoke_personal_key(&self, user_id: &str, id: &str) -> Result<(), Declined> {
        let row = self.find_personal_key(user_id, id).await?;
        self.revoke_key(&row.id, &RevokeWish { reason: "revoked by its owner".to_owned(), by: user_id.to_owned() })
            .await
    }
}

/// What a key of `app` may do at each of its resources: the scopes that both know.
pub fn choices(app: &AppRecord) -> impl Iterator<Item = (&crate::store::ResourceRecord, Scopes)> {
    app.resources.iter().map(|resource| (resource, resource.scopes.filtered(|name| app.scopes.has(name))))
}
