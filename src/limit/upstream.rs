//! Providers: how long they are waited for, how much they may say, how long it is good.

use std::time::Duration;

use super::{CLOCK_SKEW, READ_TIMEOUT, REQUEST_MAX, STORE_TIMEOUT};

/// How long a login waits for its provider in all: metadata, keys, code, userinfo.
pub const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a provider's metadata may take of that; its keys get as much, from the verifier.
pub const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a provider's metadata is good.
pub const DISCOVERY_AGE: Duration = Duration::from_mins(10);
/// How long metadata serves on while new ones can't be had.
pub const DISCOVERY_STALE: Duration = Duration::from_hours(1);
/// How long a provider that did not give its metadata is not asked again, so that it does not slow every login.
pub const DISCOVERY_PAUSE: Duration = Duration::from_secs(3);
/// How many providers' metadata and keys are kept.
pub const PROVIDERS_KEPT: u64 = 256;
/// The largest document a provider may send, in bytes.
pub const UPSTREAM_DOCUMENT_MAX: usize = 256 * 1024;
/// The longest ID token, in bytes: one that lists a person's groups is longer than an access token of ours.
pub const ID_TOKEN_MAX: usize = 64 * 1024;
/// How long ago an ID token may have been issued: it comes straight from the provider, for a code that was just made.
pub const ID_TOKEN_AGE: Duration = Duration::from_mins(10);
/// How far a provider's clock may be from ours.
pub const UPSTREAM_SKEW: Duration = Duration::from_secs(30);
/// The longest `sub`, in characters (`OpenID` Connect Core 2).
pub const SUBJECT_MAX: usize = 255;

// A login that waits for its provider as long as it may still gets its answer.
const _: () =
    assert!(REQUEST_MAX.as_secs() >= READ_TIMEOUT.as_secs() + UPSTREAM_TIMEOUT.as_secs() + STORE_TIMEOUT.as_secs());
// Slow metadata leave the code as much time as they took.
const _: () = assert!(UPSTREAM_TIMEOUT.as_secs() >= 2 * DISCOVERY_TIMEOUT.as_secs());
// A provider is asked again before what was kept of it is too old to use.
const _: () = assert!(DISCOVERY_PAUSE.as_secs() + DISCOVERY_TIMEOUT.as_secs() < DISCOVERY_STALE.as_secs());
// An ID token that took its time, from a slow clock, is not an old one.
const _: () = assert!(ID_TOKEN_AGE.as_secs() > UPSTREAM_TIMEOUT.as_secs() + UPSTREAM_SKEW.as_secs());
// Who may differ more than our own machines do could show an expired token for long.
const _: () = assert!(UPSTREAM_SKEW.as_secs() <= CLOCK_SKEW.as_secs());
// The ID token is a part of a document.
const _: () = assert!(ID_TOKEN_MAX < UPSTREAM_DOCUMENT_MAX);
