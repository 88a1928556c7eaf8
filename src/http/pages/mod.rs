//! Pages for people: sign-in, consent, account, errors; without JavaScript too.
//!
//! In:    views: plain structs that hold everything one page shows.
//! Out:   HTML, in the reader's language; the files that it loads.
//! Never: asks a flow, the database or the clock; lets others' text become markup; holds inline style or script.

mod asset;
mod frame;
mod shown;
pub(in crate::http) mod view;
mod words;

pub(in crate::http) use asset::find_asset;
pub(in crate::http) use frame::Frame;
pub(in crate::http) use shown::{Shown, WebLink};
#[cfg(test)]
pub(in crate::http) use words::CODES;
pub(in crate::http) use words::Language;

#[cfg(test)]
mod tests;
