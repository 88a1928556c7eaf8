//! The app that sent somebody here.

use crate::http::pages::{Shown, WebLink};

/// An app, as people know it.
#[derive(Clone)]
pub(in crate::http) struct App {
    /// What people call it.
    pub name: Shown,
    /// What the wire calls it.
    pub client_id: Shown,
    /// Its home page.
    pub home: Option<WebLink>,
    /// Whether it belongs to the same house: it is never asked about.
    pub is_first_party: bool,
}
