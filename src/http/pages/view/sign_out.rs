//! The way out.

use askama::Template;

use super::{App, Person};
use crate::http::pages::Frame;

/// `GET /oauth/logout`, when the person has to be asked (OpenID Connect RP-Initiated Logout 2). It posts `decision`
/// (`sign_out` or `stay`), `csrf` and the given fields to `{base}/oauth/logout`.
#[derive(Template)]
#[template(path = "sign_out.html")]
pub(in crate::http) struct SignOut {
    pub frame: Frame,
    /// The app that asks, if it is known for sure.
    pub app: Option<App>,
    pub person: Option<Person>,
    pub csrf: String,
    /// What the request held, name and value.
    pub fields: Vec<(String, String)>,
}

/// After signing out, when there is nowhere to go back to.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub(in crate::http) struct SignedOut {
    pub frame: Frame,
    /// Whom to go back to.
    pub app: Option<App>,
}
