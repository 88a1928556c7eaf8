//! `GET /account/keys/new`: the form for a personal key.

use askama::Template;

use super::Account;
use crate::http::pages::{Frame, Shown};
use crate::limit;

const DAY: i64 = 24 * 60 * 60;

/// The form. First the app is chosen, if there are several (`?app=` leads back here); then it posts `app`, `name`,
/// `days`, `scope` (once for each) and `csrf` to `{base}/account/keys/new`.
#[derive(Template)]
#[template(path = "new_key.html")]
pub(in crate::http) struct NewKey {
    pub frame: Frame,
    pub account: Account,
    /// The apps that take personal keys.
    pub apps: Vec<AppChoice>,
    /// The form, once the app is known.
    pub form: Option<KeyForm>,
}

/// An app that takes personal keys.
#[derive(Clone)]
pub(in crate::http) struct AppChoice {
    pub client_id: String,
    pub name: Shown,
}

/// A form, as it was filled in so far.
pub(in crate::http) struct KeyForm {
    pub app: AppChoice,
    /// What was typed.
    pub name: String,
    pub expiries: Vec<ExpiryChoice>,
    pub resources: Vec<ResourceChoice>,
    pub faults: Faults,
}

/// A life to choose.
pub(in crate::http) struct ExpiryChoice {
    pub days: u32,
    pub is_chosen: bool,
}

/// An API with what a key may do there.
pub(in crate::http) struct ResourceChoice {
    pub name: Shown,
    pub identifier: Shown,
    pub scopes: Vec<ScopeChoice>,
}

/// Something that a key may do.
pub(in crate::http) struct ScopeChoice {
    pub name: Shown,
    /// In plain words, where somebody wrote them.
    pub description: Option<Shown>,
    pub is_chosen: bool,
}

/// What is wrong with a form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::http) struct Faults {
    pub name: Option<NameFault>,
    /// A life that is not offered.
    pub expiry: bool,
    pub scopes: Option<ScopeFault>,
}

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum NameFault {
    Missing,
    TooLong,
}

/// What is wrong with the scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum ScopeFault {
    Missing,
    /// One that the app does not have, or not any more.
    Unknown,
}

impl NewKey {
    fn name_fault(&self) -> Option<String> {
        let words = &self.frame.words.new_key;
        Some(match self.form.as_ref()?.faults.name? {
            NameFault::Missing => words.name_missing.to_owned(),
            NameFault::TooLong => words.name_too_long.of(limit::TEXT_MAX as u64),
        })
    }

    fn scope_fault(&self) -> Option<&'static str> {
        let words = &self.frame.words.new_key;
        Some(match self.form.as_ref()?.faults.scopes? {
            ScopeFault::Missing => words.scopes_missing,
            ScopeFault::Unknown => words.scopes_fault,
        })
    }

    fn expiry_fault(&self) -> Option<&'static str> {
        self.form.as_ref().filter(|form| form.faults.expiry).map(|_| self.frame.words.new_key.expiry_fault)
    }

    fn end(&self, expiry: &ExpiryChoice) -> i64 {
        self.frame.now.saturating_add(i64::from(expiry.days) * DAY)
    }
}

impl KeyForm {
    fn has_faults(&self) -> bool {
        self.faults != Faults::default()
    }
}
