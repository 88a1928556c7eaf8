//! A journey: what a person walks through between an app's request and its answer.

pub(super) mod consent;
pub(super) mod login;
mod shown;

pub(super) use shown::{app_shown, person_shown, provider_shown};
