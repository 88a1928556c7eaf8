//! The demo provider, for which little is enough.

use std::time::Duration;

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
