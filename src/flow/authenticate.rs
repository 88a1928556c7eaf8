//! Who is calling: an API key, shown in one of four ways.

use std::net::IpAddr;
use std::sync::Arc;

use super::usage::Rehashed;
use super::{Flows, Refusal};
use crate::credential::{ApiKey, Environment, NotAnApiKey};
use crate::policy::address;
use crate::policy::standing::Standing;
use crate::store::{AppRecord, KeyRecord};

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

/// What a caller showed: one credential.
#[derive(Debug)]
pub struct Caller {
    /// How.
    pub scheme: Scheme,
    /// Every `client_id` that stood beside it; each must be the key's app.
    pub client_ids: Vec<String>,
    /// The key, if it has the form of one.
    pub key: Result<ApiKey, NotAnApiKey>,
}

/// A caller whose key is good, and its app.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The key.
    pub key: Arc<KeyRecord>,
    /// Its app.
    pub app: Arc<AppRecord>,
}

impl Flows {
    /// Finds out who is calling. Whatever is wrong with a key, the caller is told the same.
    pub async fn authenticate(
        &self,
        caller: &Caller,
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
        if self.peppers.load().find(key.pepper_id).is_none() {
            // Another process made it a moment ago, and its entry in the change log is still to come.
            self.load_peppers().await.map_err(|_| Refusal::Unavailable("a key's pepper can't be read"))?;
        }
        let peppers = self.peppers.load();
        let pepper = peppers.find(key.pepper_id).ok_or(Refusal::Unavailable("a key's pepper is missing"))?;
        if !pepper.matches(shown, &key.secret_hash) || key.environment != shown.environment() {
            return Err(refuse("wrong secret"));
        }
        match key.standing(now) {
            Standing::Good => {}
            standing => return Err(refuse(standing.as_str())),
        }
        if caller.client_ids.iter().any(|client_id| **client_id != *key.client_id) {
            return Err(refuse("another app's"));
        }
        if !address::is_allowed(from, &key.networks) {
            return Err(refuse("from a network it may not be used from"));
        }
        let app = self.store.find_app_record(&key.client_id).await?.ok_or(refuse("its app is gone"))?;
        if !app.is_enabled {
            return Err(refuse("its app is disabled"));
        }
        if let Some(newest) = peppers.newest().filter(|newest| newest.id() != key.pepper_id) {
            let rehashed = Rehashed { old_pepper: key.pepper_id, new_pepper: newest.id(), hash: newest.hash(shown) };
            self.uses.rehash(key.id, rehashed);
        }
        Ok(Authenticated { key, app })
    }

    fn waste_a_hash(&self) {
        if let Some(pepper) = self.peppers.load().newest() {
            std::hint::black_box(pepper.hash(&ApiKey::mint(Environment::Test)));
        }
    }
}
