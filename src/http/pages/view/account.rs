//! What is around every account page.

use super::Person;
use crate::http::pages::words::Words;

/// The account whose pages are shown.
#[derive(Clone)]
pub(in crate::http) struct Account {
    pub person: Person,
    /// For every form on the page.
    pub csrf: String,
    /// What has just happened.
    pub notice: Option<Notice>,
}

/// What is said once, after an act: it travels as `?notice=` behind the redirect, so it is one of a few words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum Notice {
    IdentityLinked,
    IdentityUnlinked,
    IdentityTaken,
    LastIdentity,
    SessionEnded,
    OtherSessionsEnded,
    AppWithdrawn,
    KeyDisabled,
    KeyEnabled,
    KeyRevoked,
    Gone,
}

impl Notice {
    const ALL: [Self; 11] = [
        Self::IdentityLinked,
        Self::IdentityUnlinked,
        Self::IdentityTaken,
        Self::LastIdentity,
        Self::SessionEnded,
        Self::OtherSessionsEnded,
        Self::AppWithdrawn,
        Self::KeyDisabled,
        Self::KeyEnabled,
        Self::KeyRevoked,
        Self::Gone,
    ];

    /// The notice called `word`, if there is one.
    pub(in crate::http) fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == word)
    }

    /// Its word in an address.
    pub(in crate::http) const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityLinked => "identity-linked",
            Self::IdentityUnlinked => "identity-unlinked",
            Self::IdentityTaken => "identity-taken",
            Self::LastIdentity => "last-identity",
            Self::SessionEnded => "session-ended",
            Self::OtherSessionsEnded => "other-sessions-ended",
            Self::AppWithdrawn => "app-withdrawn",
            Self::KeyDisabled => "key-disabled",
            Self::KeyEnabled => "key-enabled",
            Self::KeyRevoked => "key-revoked",
            Self::Gone => "gone",
        }
    }

    /// Whether something did not work.
    pub(super) const fn is_problem(self) -> bool {
        matches!(self, Self::IdentityTaken | Self::LastIdentity | Self::Gone)
    }

    pub(super) const fn said(self, words: &Words) -> &'static str {
        let words = &words.notices;
        match self {
            Self::IdentityLinked => words.identity_linked,
            Self::IdentityUnlinked => words.identity_unlinked,
            Self::IdentityTaken => words.identity_taken,
            Self::LastIdentity => words.last_identity,
            Self::SessionEnded => words.session_ended,
            Self::OtherSessionsEnded => words.other_sessions_ended,
            Self::AppWithdrawn => words.app_withdrawn,
            Self::KeyDisabled => words.key_disabled,
            Self::KeyEnabled => words.key_enabled,
            Self::KeyRevoked => words.key_revoked,
            Self::Gone => words.gone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_comes_back_from_its_word() {
        for notice in Notice::ALL {
            assert_eq!(Notice::read(notice.as_str()), Some(notice));
        }
        assert_eq!(Notice::read("<b>"), None);
    }
}
