//! Tokens, the keys that sign them and the keys that buy them: how long each lives, and what that means for the others.

use std::time::Duration;

use super::DAY;

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
