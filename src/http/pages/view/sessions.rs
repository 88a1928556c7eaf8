//! `GET /account/sessions`: the browsers in which somebody is signed in.

use askama::Template;

use super::{Account, Device};
use crate::http::pages::{Frame, Shown};

/// The sessions page. It posts `session` and `csrf` to `{base}/account/sessions/end`, and `csrf` to
/// `{base}/account/sessions/end-others`.
#[derive(Template)]
#[template(path = "sessions.html")]
pub(in crate::http) struct Sessions {
    pub frame: Frame,
    pub account: Account,
    /// This one first.
    pub open: Vec<Session>,
}

/// A signed-in browser.
pub(in crate::http) struct Session {
    /// Its name in forms; nothing that opens it.
    pub id: String,
    pub device: Device,
    /// From where it was last seen.
    pub address: Shown,
    pub signed_in_at: i64,
    pub seen_at: i64,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

impl Sessions {
    fn has_others(&self) -> bool {
        self.open.iter().any(|session| !session.is_this)
    }
}
