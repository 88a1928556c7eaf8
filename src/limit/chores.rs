//! What runs by itself, and on which node.

use std::time::Duration;

use super::{CODE_LIFETIME, DAY, STORE_TIMEOUT, TOKEN_LIFETIME_MAX};

/// How often uses are written down.
pub const FLUSH_EVERY: Duration = Duration::from_secs(5);
/// How often uses are tried to be written down at the end: a connection may end with the thread that opened it.
pub const LAST_FLUSHES: u32 = 3;
/// How often the signing keys are looked after.
pub const RING_EVERY: Duration = Duration::from_mins(1);
/// How often a server is asked whether it is ready by who waits for it.
pub const READY_ASKED_EVERY: Duration = Duration::from_millis(100);
/// How long the node that does the chores of all may be silent before another takes them over.
pub const LEASE: Duration = Duration::from_secs(15);
/// How often it says that it is there, and others look whether it is.
pub const LEASE_RENEWED_EVERY: Duration = Duration::from_secs(5);
/// How long the chores lie at most when the node that did them dies; leases are kept in whole seconds.
pub const LEASE_TAKEN_OVER: Duration = Duration::from_secs(LEASE.as_secs() + LEASE_RENEWED_EVERY.as_secs() + 1);
/// How often certificate files are looked at.
pub const CERTIFICATE_EVERY: Duration = Duration::from_secs(10);
/// How long what ended is kept for who looks at a list.
pub const ENDED_KEPT: Duration = Duration::from_hours(30 * DAY);
/// How often what ended is swept.
pub const SWEEP_EVERY: Duration = Duration::from_mins(5);

// A replay is noticed for as long as anything that the code bought may live.
const _: () = assert!(ENDED_KEPT.as_secs() > CODE_LIFETIME.as_secs() + TOKEN_LIFETIME_MAX.as_secs());
// A renewal that failed, and one that was slow, cost nobody the lease.
const _: () = assert!(LEASE.as_secs() >= 2 * LEASE_RENEWED_EVERY.as_secs() + STORE_TIMEOUT.as_secs());
// Who takes the chores over is not later with the signing keys than a round.
const _: () = assert!(LEASE_TAKEN_OVER.as_secs() < RING_EVERY.as_secs());
