//! What a node keeps in memory, and how soon it hears that it has changed.

use std::time::Duration;

use super::{DAY, STORE_TIMEOUT};

/// How long it is remembered that there is no key, app or user of that name.
pub const UNKNOWN_FOR: Duration = Duration::from_secs(10);
/// How many such names are remembered, of each.
pub const UNKNOWN_MAX: u64 = 10_000;
/// How many apps are kept in memory.
pub const APPS_CACHED: u64 = 10_000;
/// How many users are kept in memory.
pub const USERS_CACHED: u64 = 100_000;
/// How often the change log is read.
pub const FOLLOW_EVERY: Duration = Duration::from_millis(250);
/// How long a reading of the change log may take, with all that follows of it: signing keys may have to be made.
pub const FOLLOW_MAX: Duration = Duration::from_secs(30);
/// How old the last reading of the change log may be before the database counts as lost.
pub const FOLLOW_STALE: Duration = Duration::from_secs(1);
/// How long cached keys are believed while the change log can't be read; then each is read from the database.
pub const OUTAGE_GRACE: Duration = Duration::from_secs(1);
/// The longest an operator may make that: for so long a key lives on here that was revoked elsewhere.
pub const OUTAGE_GRACE_MAX: Duration = Duration::from_mins(5);
/// How long the database may owe the reader of the change log an answer before nobody else waits for it either.
pub const AWAY_AFTER: Duration = Duration::from_secs(1);
/// How often it is counted that an answer is still owed.
pub const REACH_BEAT: Duration = Duration::from_millis(50);
/// How long a connection that listens for changes may be silent before it is looked whether it is still one.
pub const LISTEN_CHECKED_EVERY: Duration = Duration::from_secs(30);
/// How soon listening is begun again after it broke off, the first time.
pub const LISTEN_PAUSE_MIN: Duration = Duration::from_millis(250);
/// How soon it is begun again when that has failed several times.
pub const LISTEN_PAUSE_MAX: Duration = Duration::from_secs(10);
/// How long the look-up of one key or app may take, waiting for its turn included.
pub const LOAD_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a change stays in the log; who comes back later drops all caches.
pub const CHANGE_KEPT: Duration = Duration::from_hours(DAY);

// A key revoked in another process mints nothing a second later.
const _: () = assert!(FOLLOW_EVERY.as_millis() * 3 < 1000);
const _: () = assert!(OUTAGE_GRACE.as_secs() <= 1 && OUTAGE_GRACE.as_secs() <= OUTAGE_GRACE_MAX.as_secs());
const _: () = assert!(FOLLOW_MAX.as_secs() > 2 * STORE_TIMEOUT.as_secs());
// While the database counts as there the caches are believed.
const _: () = assert!(FOLLOW_STALE.as_secs() <= OUTAGE_GRACE.as_secs());
// Who waits for a look-up that began before the database was known to be away is not the last to hear of it.
const _: () = assert!(AWAY_AFTER.as_secs() < LOAD_TIMEOUT.as_secs());
