//! Rates of who has one: what each may still do, in memory of this node.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use ipnet::IpNet;

use super::{Flows, Refusal};
use crate::policy::rate::Rate;

/// Past this many, those that are at rest are dropped.
const SWEEP_AT: usize = 10_000;

/// When the bucket of each will be empty again, in microseconds.
#[derive(Debug)]
pub(super) struct Rates<K>(Mutex<HashMap<K, i64>>);

impl<K> Default for Rates<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Hash + Eq> Rates<K> {
    /// Lets `who` do one more, or says how long it must wait.
    pub(super) fn admit(&self, who: K, rate: Rate, now_millis: i64) -> Result<(), Refusal> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= SWEEP_AT {
            buckets.retain(|_, full_at| *full_at > now_millis * 1000);
        }
        let bucket = buckets.entry(who).or_default();
        *bucket = rate.admit(*bucket, now_millis).map_err(|wait| Refusal::TooMany { wait })?;
        Ok(())
    }
}

impl Flows {
    /// Lets somebody at this address begin one more journey: each is a row that waits, and nobody has signed in yet.
    pub(super) fn admit_journey(&self, from: Option<IpAddr>) -> Result<(), Refusal> {
        let Some(rate) = self.sign_in.rate else { return Ok(()) };
        self.journeys.admit(from.map(neighbourhood), rate, self.clock.now_millis())
    }
}

/// The addresses that one line may have: one of IPv4, a /64 of IPv6.
fn neighbourhood(address: IpAddr) -> IpNet {
    let prefix = if address.is_ipv4() { 32 } else { 64 };
    IpNet::new(address, prefix).unwrap_or_else(|_| address.into()).trunc()
}
