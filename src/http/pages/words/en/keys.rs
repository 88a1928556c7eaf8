//! The pages about personal keys, in English.

use crate::http::pages::words::keys::{KeyMadeWords, KeyWords, NewKeyWords, RevokeKeyWords};
use crate::http::pages::words::sentence::{Count, Pair, Sentence};

pub(super) const KEYS: KeyWords = KeyWords {
    text: "Keys for your own scripts and tools. Each speaks for you, as far as you allow it.",
    new: "New key",
    living: "Your keys",
    ended: "Keys that have ended",
    for_app: "App",
    id: "Id",
    may: "Allowed to",
    nothing: "nothing",
    made: "Made",
    expires: "Expires",
    expired: "Expired",
    never_expires: "never",
    last_used: "Last used",
    from: Sentence(|address| format!("from {address}")),
    never_used: "never",
    good: "works",
    is_disabled: "switched off",
    is_expired: "expired",
    is_revoked: "revoked",
    expires_soon: Sentence(|when| format!("It expires {when}. Rotate it, and whatever uses it goes on.")),
    replaced: Sentence(|when| format!("A new key took over {when}.")),
    still_in_use: "The old one is still in use: something has not been given the new one yet.",
    not_in_use: "The old one has not been used since.",
    rotate: "Rotate",
    disable: "Switch off",
    enable: "Switch on",
    revoke: "Revoke",
    act_on: Pair(|act, key| format!("{act}: {key}")),
    none_title: "No keys yet",
    none: "A script on your machine, a job that runs at night: give each its own key, and you can take it back alone.",
    no_app: "No app here takes personal keys.",
};

pub(super) const NEW_KEY: NewKeyWords = NewKeyWords {
    title: "New personal key",
    text: "It speaks for you. Give it no more than it needs.",
    faults: "The key was not made yet",
    app: "App",
    choose_app: "Which app is the key for?",
    other_app: "Choose another app",
    no_app_title: "No app takes personal keys",
    no_app: "The people who run this place decide which apps do. Ask them if you need one.",
    name: "Name",
    name_hint: "So that you recognise it: where will it be used?",
    name_missing: "Give the key a name.",
    name_too_long: Count(|most| format!("Use a shorter name: at most {most} characters, all on one line.")),
    expiry: "Valid for",
    days: Count(|days| if days == 1 { "1 day".to_owned() } else { format!("{days} days") }),
    until: Sentence(|date| format!("until {date}")),
    expiry_fault: "Choose one of these.",
    scopes: "What it may do",
    scopes_hint: "Nothing is chosen for you.",
    scopes_missing: "Choose at least one thing that it may do.",
    scopes_fault: "Something you chose is not offered any more. Please look again.",
    make: "Make the key",
    cancel: "Cancel",
};

pub(super) const KEY_MADE: KeyMadeWords = KeyMadeWords {
    title: "Your new key",
    once: "Copy it now",
    once_text: "It is shown this once and kept nowhere. Whoever has it can act for you.",
    key: "Key",
    copy: "Copy",
    copied: "Copied",
    use_it: "Try it",
    use_it_text: "This trades the key for a token that lives a few minutes.",
    old_until: Pair(|key, date| {
        format!("The old key of {key} works until {date}. Give the new one to whatever uses it.")
    }),
    old_ended: Sentence(|key| format!("The old key of {key} has stopped working.")),
    done: "Done, I have copied it",
};

pub(super) const REVOKE_KEY: RevokeKeyWords = RevokeKeyWords {
    title: Sentence(|key| format!("Revoke {key}?")),
    text: "It stops working at once, with every token made from it, and can never be brought back.",
    or_disable: "If you only want to see what needs it, switch it off instead.",
    yes: "Revoke for good",
    no: "Keep it",
};
