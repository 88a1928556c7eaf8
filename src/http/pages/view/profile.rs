//! `GET /account`: who somebody is here, and how they get in.

use askama::Template;

use super::{Account, Provider, ProviderKind};
use crate::http::pages::{Frame, Shown};

/// The profile page. It posts `identity` to `{base}/account/identities/unlink` and `provider` to
/// `{base}/account/identities/link`, both with `csrf`.
#[derive(Template)]
#[template(path = "profile.html")]
pub(in crate::http) struct Profile {
    pub frame: Frame,
    pub account: Account,
    pub identities: Vec<Identity>,
    /// Providers that could be linked.
    pub providers: Vec<Provider>,
}

/// A person at one provider.
pub(in crate::http) struct Identity {
    /// Its name in forms.
    pub id: String,
    /// What people call the provider.
    pub provider: Shown,
    pub kind: ProviderKind,
    /// What the provider calls the person: an e-mail address, a user name, else its `sub`.
    pub who: Shown,
    pub linked_at: i64,
    pub signed_in_at: Option<i64>,
}
