//! Rates of keys that have one: what each may still do, in memory of this node.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Refusal;
use crate::credential::KeyId;
use crate::store::KeyRecord;

/// Past this many, those that are at rest are dropped.
const SWEEP_AT: usize = 10_000;

/// When the bucket of each limited key will be empty again, in microseconds.
#[derive(Debug, Default)]
pub(super) struct Rates(Mutex<HashMap<KeyId, i64>>);

impl Rates {
    /// Lets `key` do one more, or says how long it must wait.
    pub(super) fn admit(&self, key: &KeyRecord, now_millis: i64) -> Result<(), Refusal> {
        let Some(rate) = key.rate else { return Ok(()) };
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= SWEEP_AT {
            buckets.retain(|_, full_at| *full_at > now_millis * 1000);
        }
        let bucket = buckets.entry(key.id).or_default();
        *bucket = rate.admit(*bucket, now_millis).map_err(|wait| Refusal::TooMany { wait })?;
        Ok(())
    }
}
