//! `GET /account/keys`: somebody's own API keys.

use askama::Template;

use super::{Account, Allowed};
use crate::http::pages::{Frame, Shown};
use crate::policy::standing::Standing;

/// How long before its end a key that nobody replaced is worth a warning: time enough for who looks every other week.
const SOON: i64 = 14 * 24 * 60 * 60;

/// The personal keys. It posts `key` and `csrf` to `{base}/account/keys/rotate`, `…/disable` and `…/enable`; revoking has
/// a page of its own.
#[derive(Template)]
#[template(path = "keys.html")]
pub(in crate::http) struct PersonalKeys {
    pub frame: Frame,
    pub account: Account,
    pub keys: Vec<PersonalKey>,
    /// Whether any app takes personal keys.
    pub may_make: bool,
}

/// A key, without its secret.
pub(in crate::http) struct PersonalKey {
    pub id: String,
    pub name: Shown,
    /// What people call its app.
    pub app: Shown,
    pub scopes: Vec<Allowed>,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub last_use: Option<Use>,
    pub standing: Standing,
    /// When another key took over.
    pub replaced_at: Option<i64>,
}

/// When and from where a key was used.
pub(in crate::http) struct Use {
    pub at: i64,
    pub address: Shown,
}

impl PersonalKeys {
    fn living(&self) -> Vec<&PersonalKey> {
        self.keys.iter().filter(|key| !key.is_ended()).collect()
    }

    /// When a key ends, if that is near and somebody should do something about it.
    fn near_end(&self, key: &PersonalKey) -> Option<i64> {
        let at = key.expires_at?;
        let is_near = at.saturating_sub(self.frame.now) < SOON;
        (is_near && key.replaced_at.is_none() && !key.is_ended()).then_some(at)
    }

    fn ended(&self) -> Vec<&PersonalKey> {
        self.keys.iter().filter(|key| key.is_ended()).collect()
    }
}

impl PersonalKey {
    const fn is_ended(&self) -> bool {
        matches!(self.standing, Standing::Expired { .. } | Standing::Revoked { .. })
    }

    const fn is_revoked(&self) -> bool {
        matches!(self.standing, Standing::Revoked { .. })
    }

    const fn is_disabled(&self) -> bool {
        matches!(self.standing, Standing::Disabled { .. })
    }

    /// Whether it was used after another key had taken over.
    fn is_still_in_use(&self) -> bool {
        self.replaced_at.zip(self.last_use.as_ref()).is_some_and(|(replaced_at, last)| last.at > replaced_at)
    }
}
