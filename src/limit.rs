//! Every number, and how the numbers hold together.
//!
//! What an operator may set has its default here; what nobody may set is here alone.

use std::time::Duration;

/// In hours.
const DAY: u64 = 24;

/// How far back `iat` and `nbf` lie: several verifiers allow no skew at all.
pub const BACKDATE: Duration = Duration::from_secs(5);
/// How long a token lives when its resource says nothing.
pub const TOKEN_LIFETIME: Duration = Duration::from_mins(5);
/// The shortest life a resource may give its tokens.
pub const TOKEN_LIFETIME_MIN: Duration = Duration::from_mins(1);
/// The longest life a resource may give its tokens.
pub const TOKEN_LIFETIME_MAX: Duration = Duration::from_hours(1);

/// How long caches may keep the JWKS and the discovery documents.
pub const JWKS_MAX_AGE: Duration = Duration::from_mins(5);
/// How long our verifier goes on with a JWKS it can't refresh, beyond the longest age it accepts.
pub const JWKS_STALE_MAX: Duration = Duration::from_mins(75);
/// How far apart the clocks of two machines may be.
pub const CLOCK_SKEW: Duration = Duration::from_secs(90);
/// How long a signing key is published before it signs.
pub const KEY_WARM_UP: Duration = Duration::from_hours(DAY);
/// How long a signing key signs.
pub const KEY_ACTIVE: Duration = Duration::from_hours(30 * DAY);
/// How long a signing key stays published after its last token has expired.
pub const KEY_OVERLAP: Duration = Duration::from_hours(DAY);
/// How long a new signing key may wait for the first resource that uses its kind.
pub const KEY_UNUSED: Duration = Duration::from_mins(5);

// Another machine's clock must not make a key look old that was just made.
const _: () = assert!(KEY_UNUSED.as_secs() > CLOCK_SKEW.as_secs());
// A verifier may hold a JWKS this long; a key that signs sooner makes good tokens look forged.
const _: () = assert!(KEY_WARM_UP.as_secs() > JWKS_MAX_AGE.as_secs() + JWKS_STALE_MAX.as_secs() + CLOCK_SKEW.as_secs());
// A key must be replaceable before it has signed its time.
const _: () = assert!(KEY_ACTIVE.as_secs() > 2 * KEY_WARM_UP.as_secs());
// A key that leaves sooner makes tokens that still live look forged to a verifier whose clock is slow.
const _: () = assert!(KEY_OVERLAP.as_secs() > CLOCK_SKEW.as_secs());

/// How long an API key lives when nobody says otherwise.
pub const KEY_EXPIRY: Duration = Duration::from_hours(90 * DAY);
/// How long a rotated key goes on beside its successor.
pub const ROTATION_OVERLAP: Duration = Duration::from_hours(DAY);

/// How long a code of the demo provider counts.
pub const DEMO_CODE_LIFETIME: Duration = Duration::from_mins(1);
/// How long an access or ID token of the demo provider counts.
pub const DEMO_TOKEN_LIFETIME: Duration = Duration::from_mins(5);
/// How long a page of the demo provider waits for an answer.
pub const DEMO_PAGE_LIFETIME: Duration = Duration::from_mins(30);
/// How long the demo provider remembers who was picked.
pub const DEMO_SESSION_LIFETIME: Duration = Duration::from_hours(8);
/// How much the demo provider remembers of each kind.
pub const DEMO_KEPT_MAX: usize = 1_000;
/// How many connections the demo provider takes at a time.
pub const DEMO_CONNECTIONS_MAX: usize = 256;

/// The largest body the token endpoint reads, in bytes.
pub const FORM_MAX: usize = 16 * 1024;
/// The most parameters a form may have.
pub const FORM_FIELDS_MAX: usize = 256;
/// How long a request's head, and then its body, may take to arrive.
pub const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request may take from its first byte to its answer, and the answer to be read.
pub const REQUEST_MAX: Duration = Duration::from_secs(20);
/// The longest head of a request, in bytes.
pub const HEAD_MAX: usize = 32 * 1024;
/// The longest query that a posted form becomes when the browser is sent on to its address, in bytes.
pub const SENT_ON_MAX: usize = 16 * 1024;
/// How long an idle connection is kept: longer than the 60 s of the proxies that keep connections to us.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How many descriptors are kept back from callers: for the database, the numbers, providers, files.
pub const DESCRIPTORS_KEPT: u64 = 128;
/// How many connections the second listener takes.
pub const METRICS_CONNECTIONS_MAX: usize = 32;
/// How long accepted requests get to finish at shutdown.
pub const SHUTDOWN: Duration = Duration::from_secs(30);

// Whoever is sent on arrives: half of the head is left for cookies and what else a browser says.
const _: () = assert!(2 * SENT_ON_MAX <= HEAD_MAX);
// A caller who is as slow as allowed is refused in words, and cut off only when that is not enough: the head and the
// body have arrived, and one statement may still wait.
const _: () = assert!(REQUEST_MAX.as_secs() > 2 * READ_TIMEOUT.as_secs() + STORE_TIMEOUT.as_secs());
// What is accepted is finished: nothing takes longer than the end does.
const _: () = assert!(SHUTDOWN.as_secs() > REQUEST_MAX.as_secs());

/// Refused credentials are answered on a beat that all of them share, one to two beats after the request was read: later
/// than the slowest look-up, so that the time an answer takes tells nothing about the key.
pub const REFUSAL_BEAT: Duration = Duration::from_millis(10);
/// What `Retry-After` says when the trouble is ours.
pub const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The longest list of scopes or resources a key, an app or a request may have.
pub const LIST_MAX: usize = 256;
/// The longest name, note, reason or scope, in characters.
pub const TEXT_MAX: usize = 256;

/// How long an unknown key id is remembered.
pub const UNKNOWN_FOR: Duration = Duration::from_secs(10);
/// How many unknown key ids are remembered.
pub const UNKNOWN_MAX: u64 = 10_000;
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
/// How long what ended is kept for who looks at a list.
pub const ENDED_KEPT: Duration = Duration::from_hours(30 * DAY);
/// How often what ended is swept.
pub const SWEEP_EVERY: Duration = Duration::from_mins(5);

// Another node's clock may be fast, and a sign-in as slow as a request may be.
const _: () = assert!(LOGOUT_KEPT.as_secs() > REQUEST_MAX.as_secs() + CLOCK_SKEW.as_secs());
// A session that is used must not look unused because that was not written down yet.
const _: () = assert!(SESSION_IDLE_MIN.as_secs() >= 2 * SESSION_SEEN_EVERY.as_secs());
const _: () = assert!(REFRESH_GRACE.as_secs() <= REFRESH_GRACE_MAX.as_secs());
// Who signs in does so within the request that asked for it.
const _: () = assert!(REQUEST_OPEN.as_secs() > ATTEMPT_OPEN.as_secs());
// A replay is noticed for as long as anything that the code bought may live.
const _: () = assert!(ENDED_KEPT.as_secs() > CODE_LIFETIME.as_secs() + TOKEN_LIFETIME_MAX.as_secs());

/// How long a statement waits for a connection, or for SQLite's writer.
pub const STORE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the answer to a statement is waited for, its turn included. Then it is our trouble, and the connection goes.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(6);
/// How long a connection that waited may take to show that it still leads somewhere.
pub const PING_TIMEOUT: Duration = Duration::from_secs(1);

// What the database itself says of a statement that takes too long is heard.
const _: () = assert!(ANSWER_TIMEOUT.as_secs() > STORE_TIMEOUT.as_secs());
// Who hears nothing of a commit, and then asks what became of it for as long as a statement may wait, is still answered.
const _: () =
    assert!(REQUEST_MAX.as_secs() > READ_TIMEOUT.as_secs() + ANSWER_TIMEOUT.as_secs() + STORE_TIMEOUT.as_secs());
// One connection that leads nowhere does not cost a look-up its time.
const _: () = assert!(PING_TIMEOUT.as_secs() < LOAD_TIMEOUT.as_secs());

// A key revoked in another process mints nothing a second later.
const _: () = assert!(FOLLOW_EVERY.as_millis() * 3 < 1000);
const _: () = assert!(OUTAGE_GRACE.as_secs() <= 1 && OUTAGE_GRACE.as_secs() <= OUTAGE_GRACE_MAX.as_secs());
const _: () = assert!(FOLLOW_MAX.as_secs() > 2 * STORE_TIMEOUT.as_secs());
// While the database counts as there the caches are believed.
const _: () = assert!(FOLLOW_STALE.as_secs() <= OUTAGE_GRACE.as_secs());
// Who waits for a look-up that began before the database was known to be away is not the last to hear of it.
const _: () = assert!(AWAY_AFTER.as_secs() < LOAD_TIMEOUT.as_secs());
// A renewal that failed, and one that was slow, cost nobody the lease.
const _: () = assert!(LEASE.as_secs() >= 2 * LEASE_RENEWED_EVERY.as_secs() + STORE_TIMEOUT.as_secs());
// Who takes the chores over is not later with the signing keys than a round.
const _: () = assert!(LEASE_TAKEN_OVER.as_secs() < RING_EVERY.as_secs());

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
