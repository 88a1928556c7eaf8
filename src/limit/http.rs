//! Requests and answers: how large, how slow, how many.

use std::time::Duration;

use super::STORE_TIMEOUT;

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
/// How many connections may wait for a worker to take them.
pub const BACKLOG: i32 = 1024;
/// How many descriptors are kept back from callers: for the database, providers, files.
pub const DESCRIPTORS_KEPT: usize = 128;
/// How many more for each worker: what its runtime waits on.
pub const DESCRIPTORS_OF_A_WORKER: usize = 4;
/// How many connections the second listener takes; they are kept back, too.
pub const METRICS_CONNECTIONS_MAX: usize = 32;
/// How long who idles may still ask something when the server is asked to end: longer than what was sent before is on its
/// way.
pub const LAST_WORDS: Duration = Duration::from_millis(500);
/// How long accepted requests get to finish at shutdown.
pub const SHUTDOWN: Duration = Duration::from_secs(30);

// Whoever is sent on arrives: half of the head is left for cookies and what else a browser says.
const _: () = assert!(2 * SENT_ON_MAX <= HEAD_MAX);
// A caller who is as slow as allowed is refused in words, and cut off only when that is not enough: the head and the
// body have arrived, and one statement may still wait.
const _: () = assert!(REQUEST_MAX.as_secs() > 2 * READ_TIMEOUT.as_secs() + STORE_TIMEOUT.as_secs());
// What is accepted is finished: nothing takes longer than the end does.
const _: () = assert!(SHUTDOWN.as_millis() > LAST_WORDS.as_millis() + REQUEST_MAX.as_millis());

/// Refused credentials are answered on a beat that all of them share, one to two beats after the request was read: later
/// than the slowest look-up, so that the time an answer takes tells nothing about the key.
pub const REFUSAL_BEAT: Duration = Duration::from_millis(10);
/// What `Retry-After` says when the trouble is ours.
pub const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The longest list of scopes or resources a key, an app or a request may have.
pub const LIST_MAX: usize = 256;
/// The longest name, note, reason or scope, in characters.
pub const TEXT_MAX: usize = 256;
