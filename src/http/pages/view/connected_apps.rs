//! `GET /account/apps`: what somebody allowed to whom.

use askama::Template;

use super::{Account, App};
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
    pub scopes: Vec<Shown>,
    /// Names of the resources that it reaches.
    pub resources: Vec<Shown>,
    pub granted_at: i64,
    pub used_at: Option<i64>,
}
