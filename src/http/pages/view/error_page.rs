//! What went wrong, for people.

use askama::Template;

use crate::http::pages::words::ErrorWords;
use crate::http::pages::{Frame, Shown, WebLink};

/// The error page.
#[derive(Template)]
#[template(path = "error_page.html")]
pub(in crate::http) struct ErrorPage {
    pub frame: Frame,
    /// The error's code; one without words is a trouble of ours.
    pub code: &'static str,
    pub request_id: Shown,
    /// The way out.
    pub back: Option<Back>,
}

/// Where somebody can go from an error.
#[derive(Clone)]
pub(in crate::http) enum Back {
    /// To the app that sent them.
    App {
        /// What people call it.
        name: Shown,
        /// Its home page.
        home: WebLink,
    },
    /// A path of our own, to begin again.
    Again {
        /// The path.
        path: String,
    },
}

impl ErrorPage {
    fn words(&self) -> &'static ErrorWords {
        self.frame.words.errors.find(self.code)
    }
}
