//! How a verifier fares, for the recorder of the `metrics` crate (feature `metrics`).
//!
//! In:    health.
//! Out:   gauges and counters, with the issuer as label.
//! Never: runs by itself, or says anything of a token.

use metrics::{counter, describe_counter, describe_gauge, gauge};

use crate::fetch::NoAnswer;
use crate::{Health, Verifier};

impl Verifier {
    /// Tells the process's recorder how each issuer's keys and cache fare. Call it when metrics are read, or every few
    /// seconds; the verifier does nothing of the kind by itself, and costs nothing for it. Needs the feature `metrics`.
    ///
    /// Every metric has the label `issuer`.
    ///
    /// | metric | kind | says |
    /// | --- | --- | --- |
    /// | `hallpass_verifier_ready` | gauge | 1 when tokens can be verified, else 0 |
    /// | `hallpass_verifier_jwks_age_seconds` | gauge | how long ago the issuer was last heard; not there before the first time, nor for keys that were handed in |
    /// | `hallpass_verifier_jwks_keys` | gauge | how many keys count |
    /// | `hallpass_verifier_jwks_refused_keys` | gauge | how many keys of the document do not |
    /// | `hallpass_verifier_jwks_fetches_total` | counter | fetches, with `outcome` `good` or `failed` |
    /// | `hallpass_verifier_jwks_last_error` | gauge | 1 with the `reason` of the last fetch if it failed, 0 with every other |
    /// | `hallpass_verifier_cache_tokens` | gauge | how many tokens the cache holds |
    /// | `hallpass_verifier_cache_lookups_total` | counter | good tokens, with `outcome` `hit` or `miss` |
    pub fn publish_metrics(&self) {
        describe();
        for health in self.health() {
            publish(&health);
        }
    }
}

fn describe() {
    describe_gauge!("hallpass_verifier_ready", "Whether tokens of the issuer can be verified");
    describe_gauge!("hallpass_verifier_jwks_age_seconds", "How long ago the issuer was last heard");
    describe_gauge!("hallpass_verifier_jwks_keys", "How many of the issuer's keys count");
    describe_gauge!("hallpass_verifier_jwks_refused_keys", "How many of the issuer's keys do not count");
    describe_counter!("hallpass_verifier_jwks_fetches_total", "How often the issuer was asked for its keys");
    describe_gauge!("hallpass_verifier_jwks_last_error", "Why the last fetch brought nothing, if it did");
    describe_gauge!("hallpass_verifier_cache_tokens", "How many verified tokens are remembered");
    describe_counter!("hallpass_verifier_cache_lookups_total", "Good tokens that the cache knew, or did not");
}

fn publish(health: &Health) {
    let issuer = || health.issuer.clone();
    gauge!("hallpass_verifier_ready", "issuer" => issuer()).set(f64::from(u8::from(health.is_ready())));
    if let Some(age) = health.age {
        gauge!("hallpass_verifier_jwks_age_seconds", "issuer" => issuer()).set(age.as_secs_f64());
    }
    gauge!("hallpass_verifier_jwks_keys", "issuer" => issuer()).set(number(health.keys));
    gauge!("hallpass_verifier_jwks_refused_keys", "issuer" => issuer()).set(number(health.refused_keys));
    for (outcome, count) in [("good", health.fetched), ("failed", health.failed)] {
        counter!("hallpass_verifier_jwks_fetches_total", "issuer" => issuer(), "outcome" => outcome).absolute(count);
    }
    let reason = health.last_error.map(|error| error.name());
    for name in NoAnswer::NAMES {
        gauge!("hallpass_verifier_jwks_last_error", "issuer" => issuer(), "reason" => name)
            .set(f64::from(u8::from(reason == Some(name))));
    }
    if let Some(cache) = health.cache {
        gauge!("hallpass_verifier_cache_tokens", "issuer" => issuer()).set(number(cache.tokens));
        for (outcome, count) in [("hit", cache.hits), ("miss", cache.misses)] {
            counter!("hallpass_verifier_cache_lookups_total", "issuer" => issuer(), "outcome" => outcome)
                .absolute(count);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 keys or tokens")]
fn number(count: usize) -> f64 {
    count as f64
}
