//! Who is calling: an API key, shown in one of four ways, or a public app that has none.

use std::net::IpAddr;
use std::sync::Arc;

use super::usage::Rehashed;
use super::{Flows, Refusal};
use crate::credential::{ApiKey, Environment, NotAnApiKey};
use crate::policy::address;
use crate::policy::standing::Standing;
use crate::store::{AppRecord, ChangeKind, KeyRecord, UserRecord};

/// How a credential was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Basic`, RFC 6749 section 2.3.1.
    Basic,
    /// `client_secret` in the form.
    Post,
    /// `Authorization: Bearer`.
    Bearer,
    /// `X-API-Key`.
    ApiKeyHeader,
}

/// What a caller showed.
#[derive(Debug)]
pub enum Caller {
    /// One credential.
    Key(ShownKey),
    /// No credential, and the name of an app that may have none.
    Public {
        /// The `client_id`.
        client_id: String,
    },
}

/// One credential, as it was shown.
#[derive(Debug)]
pub struct ShownKey {
    /// How.
    pub scheme: Scheme,
    /// Every `client_id` that stood beside it; each must be the key's app.
    pub client_ids: Vec<String>,
    /// The key, if it has the form of one.
    pub key: Result<ApiKey, NotAnApiKey>,
}

/// A caller who is who they say they are.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The app.
    pub app: Arc<AppRecord>,
    /// Its key; a public app has none.
    pub key: Option<KeyRecord>,
    /// The person the key belongs to, when it is theirs.
    pub owner: Option<Arc<UserRecord>>,
}

impl Authenticated {
    /// Whether this is the app itself: its own key, or a public app by its name. A person's key speaks for that person
    /// and not for the app.
    #[must_use]
    pub const fn is_app(&self) -> bool {
        self.owner.is_none()
    }
}

impl Flows {
    /// Finds out who is calling. Whatever is wrong with a key, the caller is told the same.
    pub async fn authenticate(
        &self,
        caller: &Caller,
        from: Option<IpAddr>,
        now: i64,
    ) -> Result<Authenticated, Refusal> {
        match caller {
            Caller::Key(shown) => self.authenticate_key(shown, from, now).await,
            Caller::Public { client_id } => {
                let app = self.store.find_app_record(&Arc::from(client_id.as_str())).await?;
                let app = app.filter(|app| app.is_public && app.is_enabled).ok_or(Refusal::NoCredential)?;
                Ok(Authenticated { app, key: None, owner: None })
            }
        }
    }

    async fn authenticate_key(
        &self,
        caller: &ShownKey,
        from: Option<IpAddr>,
        now: i64,
    ) -> Result<Authenticated, Refusal> {
        let key_id = caller.key.as_ref().ok().map(ApiKey::id);
        let refuse = |reason| Refusal::BadCredential { scheme: caller.scheme, key_id, reason };
        let Ok(shown) = &caller.key else {
            // As much work as for a key that has the right form and the wrong secret.
            self.waste_a_hash();
            return Err(refuse("malformed"));
        };
        let Some(key) = self.store.find_key_record(shown.id()).await? else {
            self.waste_a_hash();
            return Err(refuse("unknown"));
        };
        let peppers = self.peppers_with(key.terms.pepper_id).await?;
        let pepper = peppers.find(key.terms.pepper_id).ok_or(Refusal::Unavailable("a key's pepper is missing"))?;
        if !pepper.matches(shown, &key.secret_hash) || key.terms.environment != shown.environment() {
            return Err(refuse("wrong secret"));
        }
        match key.standing(now) {
            Standing::Good => {}
            standing => return Err(refuse(standing.as_str())),
        }
        if caller.client_ids.iter().any(|client_id| **client_id != *key.terms.client_id) {
            return Err(refuse("another app's"));
        }
        if !address::is_allowed(from, &key.terms.networks) {
            return Err(refuse("from a network it may not be used from"));
        }
        let Some(app) = self.find_app_of(&key.terms.client_id).await? else {
            // No key is there without its app: it has gone as well, or the trouble is ours.
            self.store.forget(ChangeKind::Key, key.id.as_str());
            let is_gone = self.store.find_key_record(key.id).await?.is_none();
            return Err(if is_gone { refuse("gone") } else { Refusal::Unavailable("a key's app is missing") });
        };
        if !app.is_enabled {
            return Err(refuse("its app is disabled"));
        }
        if let Some(newest) = peppers.newest().filter(|newest| newest.id() != key.terms.pepper_id) {
            let rehashed =
                Rehashed { old_pepper: key.terms.pepper_id, new_pepper: newest.id(), hash: newest.hash(shown) };
            self.uses.rehash(key.id, rehashed);
        }
        let owner = match &key.owner_id {
            None => None,
            Some(owner_id) => Some(self.store.find_user_record(owner_id).await?.ok_or(refuse("its owner is gone"))?),
        };
        if owner.as_ref().is_some_and(|owner| !owner.is_enabled) {
            return Err(refuse("its owner is disabled"));
        }
        if owner.as_ref().is_some_and(|owner| !app.allows_personal_keys || !app.admits(&owner.person)) {
            return Err(refuse("its owner may not use the app any more"));
        }
        Ok(Authenticated { app, key: Some(key), owner })
    }

    /// The app that a key or a token of ours speaks of. So it was there: that it is unknown here may be what a stranger has
    /// asked for before it was made at another node, and is looked at again.
    pub(super) async fn find_app_of(&self, client_id: &Arc<str>) -> Result<Option<Arc<AppRecord>>, Refusal> {
        if let Some(app) = self.store.find_app_record(client_id).await? {
            return Ok(Some(app));
        }
        self.store.forget(ChangeKind::App, client_id);
        Ok(self.store.find_app_record(client_id).await?)
    }

    fn waste_a_hash(&self) {
        if let Some(pepper) = self.peppers.load().newest() {
            std::hint::black_box(pepper.hash(&ApiKey::mint(Environment::Test)));
        }
    }
}
