//! `GET /account/keys/revoke?key=…`: it can't be undone, so it is asked twice.

use askama::Template;

use super::Account;
use crate::http::pages::{Frame, Shown};

/// The question. It posts `key` and `csrf` to `{base}/account/keys/revoke`.
#[derive(Template)]
#[template(path = "revoke_key.html")]
pub(in crate::http) struct RevokeKey {
    pub frame: Frame,
    pub account: Account,
    pub id: String,
    pub name: Shown,
    /// When it was last used: whoever revokes a busy key should know.
    pub used_at: Option<i64>,
}
