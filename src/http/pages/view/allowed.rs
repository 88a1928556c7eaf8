//! Something that an app or a key may do, or learn.

use crate::http::pages::Shown;
use crate::http::pages::words::Words;
use crate::policy::identity_scope::{self, OFFLINE_ACCESS};

/// A scope that was given.
pub(in crate::http) struct Allowed {
    pub scope: Shown,
    /// In plain words, where somebody wrote them.
    pub description: Option<Shown>,
}

impl Allowed {
    /// Whether it tells who somebody is, and lets nobody do anything.
    pub(super) fn is_identity(&self) -> bool {
        identity_scope::is_one(self.scope.as_str()) && self.scope.as_str() != OFFLINE_ACCESS
    }

    /// The plain words, if there are any.
    pub(super) fn said<'a>(&'a self, words: &'a Words) -> Option<&'a str> {
        let described = self.description.as_ref().map(Shown::as_str);
        described.or_else(|| words.consent.named(self.scope.as_str()))
    }
}
