//! How long the database is waited for.

use std::time::Duration;

use super::{LOAD_TIMEOUT, READ_TIMEOUT, REQUEST_MAX};

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
