//! What every page has: its language, where it lies, and when it was asked for.

use super::asset::{COPY_SCRIPT, ICON, STYLESHEET, SUBMIT_SCRIPT};
use super::words::{self, Language, Words};

/// What is around a page.
#[derive(Clone)]
pub(in crate::http) struct Frame {
    /// The language of its words.
    pub language: Language,
    /// The words.
    pub words: &'static Words,
    /// The path of the issuer, without a final slash.
    pub base: String,
    /// The host of the issuer: people see where they are.
    pub host: String,
    /// When the page was asked for.
    pub now: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a template hands over references")]
impl Frame {
    /// The frame of a page below `base` at `host`, asked for at `now`.
    pub(in crate::http) fn new(language: Language, base: impl Into<String>, host: impl Into<String>, now: i64) -> Self {
        Self { language, words: language.words(), base: base.into(), host: host.into(), now }
    }

    fn asset(&self, name: &str) -> String {
        format!("{}/assets/{name}", self.base)
    }

    pub(super) fn stylesheet(&self) -> String {
        self.asset(STYLESHEET.name)
    }

    pub(super) fn icon(&self) -> String {
        self.asset(ICON.name)
    }

    pub(super) fn copy_script(&self) -> String {
        self.asset(COPY_SCRIPT.name)
    }

    pub(super) fn submit_script(&self) -> String {
        self.asset(SUBMIT_SCRIPT.name)
    }

    /// Where the error catalogue says more about `code`.
    pub(super) fn catalogue(&self, code: &str) -> String {
        format!("{}/errors/{code}", self.base)
    }

    /// `14 March 2027`.
    pub(super) fn date(&self, at: &i64) -> String {
        self.words.moments.date(*at)
    }

    /// `14 March 2027, 09:26 UTC`.
    pub(super) fn moment(&self, at: &i64) -> String {
        self.words.moments.moment(*at)
    }

    /// `3 minutes ago`, `in 12 days`; a date when it is long ago.
    pub(super) fn ago(&self, at: &i64) -> String {
        self.words.moments.ago(self.now, *at)
    }

    /// `2027-03-14T09:26:00Z`, for machines.
    #[expect(clippy::unused_self, reason = "a template calls it beside the others")]
    pub(super) fn stamp(&self, at: &i64) -> String {
        words::stamp(*at)
    }
}
