//! `GET /login`: choose where to sign in.

use askama::Template;

use super::{App, Person, Provider};
use crate::http::pages::Frame;

/// The sign-in page. Each provider is a form that posts `provider`, `request` and `csrf` to `{base}/login`; "continue as"
/// posts `request` and `csrf` to `{base}/login/continue`.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(in crate::http) struct SignIn {
    pub frame: Frame,
    /// The app that wants to know who is here; nobody but ourselves when it is the account that was opened.
    pub app: Option<App>,
    /// The request that waits for the sign-in.
    pub request: Option<String>,
    pub csrf: String,
    pub providers: Vec<Provider>,
    pub notice: Option<SignInNotice>,
    /// Who is signed in already, where they may choose (`prompt=select_account`).
    pub current: Option<Current>,
}

/// Somebody who may go on as who they are.
pub(in crate::http) struct Current {
    pub person: Person,
    /// Theirs alone.
    pub csrf: String,
}

/// Why the page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum SignInNotice {
    /// They have just signed out.
    SignedOut,
    /// `max_age` or `prompt=login`: what they did before is not fresh enough.
    Fresh,
}

impl SignIn {
    fn title(&self) -> String {
        let words = &self.frame.words.sign_in;
        match &self.app {
            _ if self.is_closed() => words.nobody_title.to_owned(),
            Some(app) => words.to_app.with(&app.name),
            None => words.to_account.to_owned(),
        }
    }

    fn notice(&self) -> Option<String> {
        let words = &self.frame.words.sign_in;
        Some(match (self.notice?, &self.app) {
            (SignInNotice::SignedOut, _) => words.signed_out.to_owned(),
            (SignInNotice::Fresh, Some(app)) => words.fresh_for_app.with(&app.name),
            (SignInNotice::Fresh, None) => words.fresh.to_owned(),
        })
    }

    fn is_closed(&self) -> bool {
        self.providers.is_empty()
    }
}
