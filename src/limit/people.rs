//! Signing in, and what is left of it: codes, sessions, refresh tokens.

use std::time::Duration;

use super::{CLOCK_SKEW, DAY, REQUEST_MAX};

/// The longest parameter of an authorization request that is kept while it waits, in bytes.
pub const PARAMETER_MAX: usize = 4 * 1024;
/// The longest `client_id`.
pub const CLIENT_ID_MAX: usize = 64;
/// How long a person has, from an app's request to the answer.
pub const REQUEST_OPEN: Duration = Duration::from_hours(1);
/// How long a key that was just made waits for the page that shows it.
pub const NEW_KEY_WAITS: Duration = Duration::from_mins(1);
/// How long a person has at a provider.
pub const ATTEMPT_OPEN: Duration = Duration::from_mins(15);
/// How long it is remembered that somebody has signed out at their provider: longer than anybody is under way who came back
/// from there before.
pub const LOGOUT_KEPT: Duration = Duration::from_mins(5);
/// How long an authorization code waits for its app (RFC 6749 section 4.1.2: 10 min at most).
pub const CODE_LIFETIME: Duration = Duration::from_mins(1);
/// How long an ID token lives: it is read once, when the person comes back.
pub const ID_TOKEN_LIFETIME: Duration = Duration::from_mins(5);
/// How long a spent refresh token still gets the same successor: an answer was lost.
pub const REFRESH_GRACE: Duration = Duration::from_secs(30);
/// The longest an operator may make that: for so long nobody notices a stolen one.
pub const REFRESH_GRACE_MAX: Duration = Duration::from_mins(5);
/// How long a session lives that nobody uses.
pub const SESSION_IDLE: Duration = Duration::from_hours(7 * DAY);
/// The shortest an operator may make that.
pub const SESSION_IDLE_MIN: Duration = Duration::from_mins(2);
/// How long a session lives.
pub const SESSION_LIFETIME: Duration = Duration::from_hours(30 * DAY);
/// How long refresh tokens live that nobody uses.
pub const REFRESH_IDLE: Duration = Duration::from_hours(14 * DAY);
/// How long refresh tokens live, one after the other.
pub const REFRESH_LIFETIME: Duration = Duration::from_hours(90 * DAY);
/// How often in a second strangers at one address, or one person, may begin to sign in: an office at nine o'clock, and no
/// flood.
pub const JOURNEYS_PER_SECOND: u32 = 50;
/// How often a session that is used is written down as used.
pub const SESSION_SEEN_EVERY: Duration = Duration::from_mins(1);

// Another node's clock may be fast, and a sign-in as slow as a request may be.
const _: () = assert!(LOGOUT_KEPT.as_secs() > REQUEST_MAX.as_secs() + CLOCK_SKEW.as_secs());
// A session that is used must not look unused because that was not written down yet.
const _: () = assert!(SESSION_IDLE_MIN.as_secs() >= 2 * SESSION_SEEN_EVERY.as_secs());
const _: () = assert!(REFRESH_GRACE.as_secs() <= REFRESH_GRACE_MAX.as_secs());
// Who signs in does so within the request that asked for it.
const _: () = assert!(REQUEST_OPEN.as_secs() > ATTEMPT_OPEN.as_secs());
