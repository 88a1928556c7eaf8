//! `GET /account/apps`: what somebody allowed to whom.

use askama::Template;

use super::{Account, Allowed, App};
use crate::http::pages::{Frame, Shown};

/// The connected apps. It posts `client_id` and `csrf` to `{base}/account/apps/withdraw`.
#[derive(Template)]
#[template(path = "connected_apps.html")]
pub(in crate::http) struct ConnectedApps {
    pub frame: Frame,
    pub account: Account,
    pub apps: Vec<ConnectedApp>,
}

/// An app with a grant.
pub(in crate::http) struct ConnectedApp {
    pub app: App,
    pub scopes: Vec<Allowed>,
    /// Names of the resources that it reaches.
    pub resources: Vec<Shown>,
    pub granted_at: i64,
    pub used_at: Option<i64>,
}

impl ConnectedApp {
    fn learns(&self) -> Vec<&Allowed> {
        self.scopes.iter().filter(|allowed| allowed.is_identity()).collect()
    }

    fn may(&self) -> Vec<&Allowed> {
        self.scopes.iter().filter(|allowed| !allowed.is_identity()).collect()
    }
}
