//! What went wrong, for people.

use askama::Template;

use crate::http::pages::words::ErrorWords;
use crate::http::pages::{Frame, Shown};

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

/// A way on from an error: to begin again.
#[derive(Clone)]
pub(in crate::http) struct Back {
    /// A path of our own.
    pub path: String,
}

impl ErrorPage {
    fn words(&self) -> &'static ErrorWords {
        self.frame.words.errors.find(self.code)
    }
}
