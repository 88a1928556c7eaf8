//! `response_mode=form_post` (OAuth 2.0 Form Post Response Mode): the browser carries the answer in a form.

use askama::Template;

use crate::http::pages::{Frame, Shown, WebLink};

/// A form that sends itself. It has no `Debug`: it holds a code or a token.
#[derive(Template)]
#[template(path = "form_post.html")]
pub(in crate::http) struct FormPost {
    pub frame: Frame,
    /// Where the app lies that gets it: that is what stands for it here.
    pub app: Shown,
    /// The registered redirect URI.
    pub action: WebLink,
    /// Name and value.
    pub fields: Vec<(String, String)>,
}
