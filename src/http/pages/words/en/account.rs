//! The account pages, in English.

use crate::http::pages::words::account::{
    AccountWords, AppWords, DeviceWords, NoticeWords, ProfileWords, SessionWords,
};
use crate::http::pages::words::sentence::{Pair, Sentence};

pub(super) const ACCOUNT: AccountWords = AccountWords {
    title: "Your account",
    nav: "Account",
    profile: "Profile",
    sessions: "Sessions",
    apps: "Connected apps",
    keys: "Personal keys",
    sign_out: "Sign out",
};

pub(super) const PROFILE: ProfileWords = ProfileWords {
    text: "What we know of you comes from where you sign in, and changes there.",
    name: "Name",
    email: "E-mail address",
    not_known: "not known",
    identities: "How you sign in",
    identities_text: "Each of these opens this account.",
    since: "Since",
    last_sign_in: "Last sign-in",
    unlink: "Unlink",
    unlink_what: Pair(|provider, who| format!("Unlink {provider}, {who}")),
    only_one: "Your only way in can't be unlinked. Link another first.",
    link: "Link another way in",
    link_text: "When one of your accounts is closed, the other still lets you in.",
    link_with: Sentence(|provider| format!("Link {provider}")),
};

pub(super) const SESSIONS: SessionWords = SessionWords {
    text: "The browsers in which you are signed in. End those that you do not know.",
    this_one: "this browser",
    address: "Address",
    signed_in: "Signed in",
    last_seen: "Last seen",
    end: "End",
    end_what: Pair(|device, address| format!("End the session of {device}, {address}")),
    end_others: "End all other sessions",
    end_others_text: "You stay signed in here.",
    only_this: "You are signed in nowhere else.",
};

pub(super) const DEVICES: DeviceWords = DeviceWords {
    browser_on_system: |browser, system| format!("{browser} on {system}"),
    unknown_browser: "A browser",
    unknown: "An unknown device",
};

pub(super) const APPS: AppWords = AppWords {
    text: "The apps that you let act for you, and what each of them may do.",
    learns: "Learns",
    may: "Allowed to",
    reaches: "Reaches",
    since: "Since",
    last_used: "Last used",
    never: "never",
    withdraw: "Withdraw",
    withdraw_what: Sentence(|app| format!("Withdraw what {app} may do")),
    none_title: "No app acts for you",
    none: "When you let an app in, it will be listed here, and you can show it the door again.",
};

pub(super) const NOTICES: NoticeWords = NoticeWords {
    identity_linked: "Linked. From now on you can sign in with it too.",
    identity_unlinked: "Unlinked. It no longer opens this account.",
    identity_taken: "Not linked: that account already opens another account here.",
    last_identity: "Not unlinked: it is your only way in.",
    session_ended: "The session has ended.",
    other_sessions_ended: "All other sessions have ended.",
    app_withdrawn: "Withdrawn. The app can do nothing for you any more.",
    key_disabled: "The key is switched off. You can switch it on again.",
    key_enabled: "The key works again.",
    key_revoked: "The key is revoked and will never work again.",
    gone: "That was gone already. Nothing has changed.",
};
