//! English.

mod account;
mod enter;
mod errors;
mod keys;

use super::sentence::{Count, Sentence};
use super::{FrameWords, Moments, Words};

/// Every word in English.
pub(in crate::http) const EN: Words = Words {
    moments: MOMENTS,
    frame: FrameWords {
        skip: "Skip to the content",
        you_are_at: "You are at",
        leaves: "(another site)",
        back_to: Sentence(|app| format!("Back to {app}")),
    },
    sign_in: enter::SIGN_IN,
    consent: enter::CONSENT,
    claims: enter::CLAIMS,
    sign_out: enter::SIGN_OUT,
    form_post: enter::FORM_POST,
    account: account::ACCOUNT,
    profile: account::PROFILE,
    sessions: account::SESSIONS,
    devices: account::DEVICES,
    apps: account::APPS,
    notices: account::NOTICES,
    keys: keys::KEYS,
    new_key: keys::NEW_KEY,
    key_made: keys::KEY_MADE,
    revoke_key: keys::REVOKE_KEY,
    errors: errors::ERRORS,
};

const MOMENTS: Moments = Moments {
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: |day, month, year| format!("{day} {month} {year}"),
    moment: |date, time| format!("{date}, {time} UTC"),
    just_now: "just now",
    minutes_ago: Count(|n| if n == 1 { "1 minute ago".to_owned() } else { format!("{n} minutes ago") }),
    hours_ago: Count(|n| if n == 1 { "1 hour ago".to_owned() } else { format!("{n} hours ago") }),
    days_ago: Count(|n| if n == 1 { "1 day ago".to_owned() } else { format!("{n} days ago") }),
    in_minutes: Count(|n| if n == 1 { "in 1 minute".to_owned() } else { format!("in {n} minutes") }),
    in_hours: Count(|n| if n == 1 { "in 1 hour".to_owned() } else { format!("in {n} hours") }),
    in_days: Count(|n| if n == 1 { "in 1 day".to_owned() } else { format!("in {n} days") }),
};
