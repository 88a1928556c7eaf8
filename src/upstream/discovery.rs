//! Discovery: each provider's metadata and keys, kept for a while.
//!
//! One login at a time asks; the others wait for its answer, or go on with what there was. A provider that gave nothing
//! is left alone for a moment.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use hallpass_verifier::RemoteKeySet;
use moka::sync::Cache;

use super::metadata::{Metadata, address_of};
use super::wire::{JSON, Wire};
use super::{Document, Provider, UpstreamError, keys};
use crate::clock::Clock;
use crate::limit;

/// What is known of providers, by issuer.
#[derive(Debug)]
pub(super) struct Discovery {
    known: Cache<String, Arc<Known>>,
    clock: Clock,
}

/// What is known of one.
#[derive(Debug, Default)]
struct Known {
    found: ArcSwapOption<Found>,
    /// When it last gave nothing, and why.
    failed: Mutex<Option<(i64, UpstreamError)>>,
    /// Held by the one who asks.
    asking: tokio::sync::Mutex<()>,
}

/// Metadata, and the keys they lead to.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) metadata: Metadata,
    pub(super) keys: RemoteKeySet,
    /// When, in milliseconds since 1970.
    at: i64,
}

impl Discovery {
    pub(super) fn new(clock: Clock) -> Self {
        Self { known: Cache::new(limit::PROVIDERS_KEPT), clock }
    }

    /// What the provider says of itself.
    pub(super) async fn find(&self, wire: &Wire, provider: &Provider) -> Result<Arc<Found>, UpstreamError> {
        let known = self.known.get_with_by_ref(&provider.issuer, Arc::default);
        if let Some(fresh) = known.younger_than(limit::DISCOVERY_AGE, self.now()) {
            return Ok(fresh);
        }
        let old = known.younger_than(limit::DISCOVERY_AGE + limit::DISCOVERY_STALE, self.now());
        let _asking = match (known.asking.try_lock(), &old) {
            (Ok(asking), _) => asking,
            (Err(_), Some(old)) => return Ok(Arc::clone(old)),
            (Err(_), None) => known.asking.lock().await,
        };
        // Whoever asked meanwhile asked for all.
        if let Some(fresh) = known.younger_than(limit::DISCOVERY_AGE, self.now()) {
            return Ok(fresh);
        }
        let error = match known.recent_failure(self.now()) {
            Some(error) => error,
            None => match self.ask(wire, provider, &known).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            },
        };
        old.ok_or(error)
    }

    async fn ask(&self, wire: &Wire, provider: &Provider, known: &Known) -> Result<Arc<Found>, UpstreamError> {
        let asked = tokio::time::timeout(limit::DISCOVERY_TIMEOUT, fetch(wire, provider)).await;
        let read = asked.unwrap_or(Err(UpstreamError::TooSlow)).and_then(|metadata| {
            let keys = known
                .keys_at(&metadata.jwks_uri)
                .map_or_else(|| keys::of(wire, provider, &metadata.jwks_uri, (&self.clock).into()), Ok)?;
            Ok(Arc::new(Found { metadata, keys, at: self.now() }))
        });
        match &read {
            Ok(found) => known.found.store(Some(Arc::clone(found))),
            Err(error) => {
                tracing::warn!(provider = %provider.name, %error, "the provider's metadata can't be had");
                known.failed_at(self.now(), error.clone());
            }
        }
        read
    }

    fn now(&self) -> i64 {
        self.clock.now_millis()
    }
}

impl Known {
    /// What there is, if it is from the last `age`. What is from the future is from before a clock was set back.
    fn younger_than(&self, age: Duration, now: i64) -> Option<Arc<Found>> {
        self.found.load_full().filter(|found| is_within(age, found.at, now))
    }

    /// The same keys as before, while they stay where they were: what is known of them is not lost.
    fn keys_at(&self, jwks_uri: &str) -> Option<RemoteKeySet> {
        self.found.load().as_ref().filter(|found| found.metadata.jwks_uri == jwks_uri).map(|found| found.keys.clone())
    }

    fn recent_failure(&self, now: i64) -> Option<UpstreamError> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().filter(|(at, _)| is_within(limit::DISCOVERY_PAUSE, *at, now)).map(|(_, error)| error.clone())
    }

    fn failed_at(&self, now: i64, error: UpstreamError) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, error));
    }
}

fn is_within(span: Duration, at: i64, now: i64) -> bool {
    u128::try_from(now - at).is_ok_and(|passed| passed < span.as_millis())
}

/// Asks for the metadata, now.
pub(super) async fn fetch(wire: &Wire, provider: &Provider) -> Result<Metadata, UpstreamError> {
    let request = wire.get(&address_of(&provider.issuer), JSON);
    let reply = wire.send(provider, Document::Metadata, request).await?.good(Document::Metadata)?;
    Metadata::read(&reply.body, &provider.issuer, &wire.guard)
}
