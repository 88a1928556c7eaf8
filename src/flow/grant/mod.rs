//! Grants: one file for each `grant_type`, one line for each in the table below.

mod client_credentials;

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;

use super::{Authenticated, Flows, Form, Refusal};
use crate::policy::scope::Scopes;

/// `client_credentials` (RFC 6749 section 4.4).
pub const CLIENT_CREDENTIALS: &str = "client_credentials";
/// `authorization_code` (RFC 6749 section 4.1).
pub const AUTHORIZATION_CODE: &str = "authorization_code";
/// `refresh_token` (RFC 6749 section 6).
pub const REFRESH_TOKEN: &str = "refresh_token";

/// What a grant gives: the subject of the token and the most it may be allowed.
#[derive(Debug)]
pub struct Granted {
    /// The `sub`.
    pub subject: Arc<str>,
    /// The scopes it may have at most.
    pub scopes: Scopes,
}

type Take = for<'a> fn(&'a Flows, &'a Authenticated, &'a Form) -> LocalBoxFuture<'a, Result<Granted, Refusal>>;

/// The hook that a grant fills. Whatever is spent for it (a code, a refresh token) is spent here, before anything is
/// signed.
#[derive(Debug)]
pub struct Grant {
    /// As it stands in `grant_type`.
    pub name: &'static str,
    /// Takes what the form shows.
    pub take: Take,
}

/// All grants.
pub const GRANTS: &[Grant] = &[client_credentials::GRANT];

/// The grant that the form asks for.
pub(super) fn find(form: &Form) -> Result<&'static Grant, Refusal> {
    let name = form.one("grant_type").ok_or(Refusal::NoGrantType)?;
    GRANTS.iter().find(|grant| grant.name == name).ok_or(Refusal::UnsupportedGrantType)
}
