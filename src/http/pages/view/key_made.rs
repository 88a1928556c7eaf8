//! The only page on which a key can be read.

use askama::Template;

use super::Account;
use crate::http::pages::{Frame, Shown};

/// A key that was just made, by the form or by rotation. It has no `Debug`: it holds the key.
#[derive(Template)]
#[template(path = "key_made.html")]
pub(in crate::http) struct KeyMade {
    pub frame: Frame,
    pub account: Account,
    /// What people call it.
    pub name: Shown,
    /// The key itself.
    pub key: String,
    /// A command that trades it.
    pub curl: String,
    pub expires_at: Option<i64>,
    /// The key that it takes over from.
    pub old: Option<OldKey>,
}

/// A key that another took over from.
#[derive(Clone, Copy)]
pub(in crate::http) struct OldKey {
    /// How long it goes on.
    pub ends_at: i64,
}

impl KeyMade {
    fn old(&self) -> Option<String> {
        let (words, ends_at) = (&self.frame.words.key_made, self.old?.ends_at);
        Some(if ends_at > self.frame.now {
            words.old_until.with(&self.name, self.frame.moment(&ends_at))
        } else {
            words.old_ended.with(&self.name)
        })
    }
}
