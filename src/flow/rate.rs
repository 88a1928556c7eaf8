//! Rates of who has one: what each may still do, in memory of this node.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use ipnet::IpNet;

use super::{Flows, Refusal, SignedInBrowser};
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

/// Who begins a journey: many may share an address, but not who they are.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Traveller {
    /// Nobody in particular, at an address if that can be told.
    Stranger(Option<IpNet>),
    /// Somebody who is signed in.
    Person(Arc<str>),
}

impl Traveller {
    /// Who is signed in, else whoever is at this address.
    pub(super) fn new(signed_in: Option<&SignedInBrowser>, from: Option<IpAddr>) -> Self {
        signed_in.map_or_else(
            || Self::Stranger(from.map(neighbourhood)),
            |signed_in| Self::Person(Arc::clone(&signed_in.user.id)),
        )
    }
}

impl Flows {
    /// Lets somebody begin one more journey: each leaves a row or two.
    pub(super) fn admit_journey(&self, who: Traveller) -> Result<(), Refusal> {
        let Some(rate) = self.sign_in.rate else { return Ok(()) };
        self.journeys.admit(who, rate, self.clock.now_millis())
    }
}

/// The addresses that one line may have: one of IPv4, a /64 of IPv6.
fn neighbourhood(address: IpAddr) -> IpNet {
    let prefix = if address.is_ipv4() { 32 } else { 64 };
    IpNet::new(address, prefix).unwrap_or_else(|_| address.into()).trunc()
}
