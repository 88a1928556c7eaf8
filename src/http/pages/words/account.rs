//! The words of the account pages: profile, sessions, connected apps, and what is said after an act.

use super::{Pair, Sentence};

pub(in crate::http) struct AccountWords {
    pub title: &'static str,
    pub nav: &'static str,
    pub profile: &'static str,
    pub sessions: &'static str,
    pub apps: &'static str,
    pub keys: &'static str,
    pub sign_out: &'static str,
}

pub(in crate::http) struct ProfileWords {
    pub text: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub not_known: &'static str,
    pub identities: &'static str,
    pub identities_text: &'static str,
    pub since: &'static str,
    pub last_sign_in: &'static str,
    pub unlink: &'static str,
    pub unlink_what: Pair,
    pub only_one: &'static str,
    pub link: &'static str,
    pub link_text: &'static str,
    pub link_with: Sentence,
}

pub(in crate::http) struct SessionWords {
    pub text: &'static str,
    pub this_one: &'static str,
    pub address: &'static str,
    pub signed_in: &'static str,
    pub last_seen: &'static str,
    pub end: &'static str,
    pub end_what: Pair,
    pub end_others: &'static str,
    pub end_others_text: &'static str,
    pub only_this: &'static str,
}

pub(in crate::http) struct DeviceWords {
    pub browser_on_system: fn(&str, &str) -> String,
    pub unknown_browser: &'static str,
    pub unknown: &'static str,
}

pub(in crate::http) struct AppWords {
    pub text: &'static str,
    pub learns: &'static str,
    pub may: &'static str,
    pub reaches: &'static str,
    pub since: &'static str,
    pub last_used: &'static str,
    pub never: &'static str,
    pub withdraw: &'static str,
    pub withdraw_what: Sentence,
    pub none_title: &'static str,
    pub none: &'static str,
}

/// What is said once, after an act.
pub(in crate::http) struct NoticeWords {
    pub identity_linked: &'static str,
    pub identity_unlinked: &'static str,
    pub identity_taken: &'static str,
    pub last_identity: &'static str,
    pub session_ended: &'static str,
    pub other_sessions_ended: &'static str,
    pub app_withdrawn: &'static str,
    pub key_disabled: &'static str,
    pub key_enabled: &'static str,
    pub key_revoked: &'static str,
    pub gone: &'static str,
}
