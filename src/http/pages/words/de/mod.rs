//! German, with *Sie*.

mod account;
mod enter;
mod errors;
mod keys;

use super::sentence::{Count, Sentence};
use super::{FrameWords, Moments, Words};

/// Every word in German.
pub(in crate::http) const DE: Words = Words {
    moments: MOMENTS,
    frame: FrameWords {
        skip: "Zum Inhalt springen",
        you_are_at: "Sie sind bei",
        leaves: "(andere Seite)",
        back_to: Sentence(|app| format!("Zurück zu {app}")),
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
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    date: |day, month, year| format!("{day}. {month} {year}"),
    moment: |date, time| format!("{date}, {time} Uhr (UTC)"),
    just_now: "gerade eben",
    minutes_ago: Count(|n| if n == 1 { "vor 1 Minute".to_owned() } else { format!("vor {n} Minuten") }),
    hours_ago: Count(|n| if n == 1 { "vor 1 Stunde".to_owned() } else { format!("vor {n} Stunden") }),
    days_ago: Count(|n| if n == 1 { "vor 1 Tag".to_owned() } else { format!("vor {n} Tagen") }),
    in_minutes: Count(|n| if n == 1 { "in 1 Minute".to_owned() } else { format!("in {n} Minuten") }),
    in_hours: Count(|n| if n == 1 { "in 1 Stunde".to_owned() } else { format!("in {n} Stunden") }),
    in_days: Count(|n| if n == 1 { "in 1 Tag".to_owned() } else { format!("in {n} Tagen") }),
};
