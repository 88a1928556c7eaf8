use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::clock::Moment;
use crate::pace;
use crate::target::Target;

/// A token that was good when it was handed out. Clones are the same token; `Debug` does not show it.
///
/// Do not keep it: ask the [`TokenSource`](crate::TokenSource) for each request. It costs no request to the issuer.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

struct Inner {
    secret: Zeroizing<String>,
    scope: Option<String>,
    lifetime: Duration,
    ends: Moment,
    /// What it is for, by what was asked.
    target: Arc<Target>,
    /// Which token for this target it is, from 1.
    serial: u64,
}

/// What the issuer gave, before it has its place in time.
#[derive(PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) secret: Zeroizing<String>,
    pub(crate) scope: Option<String>,
    pub(crate) lifetime: Duration,
}

impl Token {
    /// The token of this grant, for a request that was sent at `asked`: the issuer can't have counted from earlier.
    pub(crate) fn new(grant: Grant, asked: Moment, serial: u64, target: Arc<Target>) -> Self {
        let Grant { secret, scope, lifetime } = grant;
        Self(Arc::new(Inner { secret, scope, lifetime, ends: asked.after(lifetime), target, serial }))
    }

    /// The token itself, for the text after `Bearer `. Not for a log.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0.secret
    }

    /// The value of `Authorization`, marked as sensitive so that no HTTP library logs it.
    #[must_use]
    pub fn authorization(&self) -> HeaderValue {
        let text = Zeroizing::new(format!("Bearer {}", self.reveal()));
        // What the issuer gave was read as visible ASCII, so this can't fail.
        let mut value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("Bearer"));
        value.set_sensitive(true);
        value
    }

    /// The scopes it has, one space apart, if the issuer said.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.0.scope.as_deref()
    }

    /// How long it lives from beginning to end.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.0.lifetime
    }

    /// When it ends, by this machine's clock.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + self.0.ends.wall
    }

    pub(crate) fn target(&self) -> &Arc<Target> {
        &self.0.target
    }

    pub(crate) fn serial(&self) -> u64 {
        self.0.serial
    }

    /// Whether it will still be good when it gets to where it is sent now.
    pub(crate) fn is_good(&self, now: Moment) -> bool {
        self.0.ends.is_ahead_of(now, pace::leeway(self.0.lifetime))
    }

    /// How long it has left.
    pub(crate) fn left(&self, now: Moment) -> Duration {
        self.0.ends.passed.saturating_sub(now.passed)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { scope, lifetime, .. } = &*self.0;
        f.debug_struct("Token").field("scope", scope).field("lifetime", lifetime).finish_non_exhaustive()
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, lifetime, .. } = self;
        f.debug_struct("Grant").field("scope", scope).field("lifetime", lifetime).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_shown_to_services_and_to_nobody_else() {
        let grant = Grant {
            secret: Zeroizing::new("eyJ.secret".to_owned()),
            scope: Some("orders:read".to_owned()),
            lifetime: Duration::from_mins(5),
        };
        let asked = Moment { wall: Duration::from_secs(1_700_000_000), passed: Duration::ZERO };
        let token = Token::new(grant, asked, 1, Arc::default());

        assert_eq!(token.authorization(), "Bearer eyJ.secret");
        assert!(token.authorization().is_sensitive());
        assert_eq!(format!("{token:?}"), r#"Token { scope: Some("orders:read"), lifetime: 300s, .. }"#);
        assert_eq!(token.expires_at(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_300));
    }
}
