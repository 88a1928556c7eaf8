//! Grants: one file for each `grant_type`, one line for each in the table below.

mod authorization_code;
mod client_credentials;
mod refresh_token;

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;

use super::spend::Spend;
use super::{Authenticated, Flows, Form, Refusal};
use crate::policy::scope::Scopes;
use crate::store::{UserRecord, family_row, session_row};

/// `client_credentials` (RFC 6749 section 4.4).
pub const CLIENT_CREDENTIALS: &str = "client_credentials";
/// `authorization_code` (RFC 6749 section 4.1).
pub const AUTHORIZATION_CODE: &str = "authorization_code";
/// `refresh_token` (RFC 6749 section 6).
pub const REFRESH_TOKEN: &str = "refresh_token";

/// What a grant gives: whom the token speaks for, and the most it may be allowed.
#[derive(Debug)]
pub struct Granted {
    /// The scopes it may have at most.
    pub scopes: Scopes,
    /// The person it speaks for; the app speaks for itself when there is none.
    pub person: Option<Arc<UserRecord>>,
    /// The sign-in that it rests on, when it rests on one.
    pub signed_in: Option<Box<SignedIn>>,
}

/// A sign-in that tokens rest on.
#[derive(Debug)]
pub struct SignedIn {
    /// What came of it.
    pub family: family_row::Model,
    /// The browser it was in, unless that was forgotten.
    pub session: Option<session_row::Model>,
    /// The resources that the person allowed.
    pub resources: Scopes,
    /// What is spent for the token, before it is signed.
    pub spend: Spend,
}

impl SignedIn {
    /// When all that it rests on ends by itself.
    pub(super) fn ends_at(&self) -> i64 {
        let session = self.session.as_ref().filter(|_| !self.family.is_offline);
        session.map_or(self.family.expires_at, |session| session.expires_at.min(self.family.expires_at))
    }
}

type Take = for<'a> fn(&'a Flows, &'a Authenticated, &'a Form) -> LocalBoxFuture<'a, Result<Granted, Refusal>>;

/// The hook that a grant fills. It only looks: whatever must be spent (a code, a refresh token) is handed on, and spent
/// when all else is known to be good, before anything is signed.
#[derive(Debug)]
pub struct Grant {
    /// As it stands in `grant_type`.
    pub name: &'static str,
    /// Looks at what the form shows.
    pub take: Take,
}

/// All grants.
pub const GRANTS: &[Grant] = &[client_credentials::GRANT, authorization_code::GRANT, refresh_token::GRANT];

/// The grant that the form asks for, if the caller may use it.
pub(super) fn find(form: &Form, caller: &Authenticated) -> Result<&'static Grant, Refusal> {
    let name = form.one("grant_type").ok_or(Refusal::NoGrantType)?;
    let grant = GRANTS.iter().find(|grant| grant.name == name).ok_or(Refusal::UnsupportedGrantType)?;
    if !caller.is_app() {
        // A person's key says who that person is. It must not be enough to be the app.
        return if name == CLIENT_CREDENTIALS { Ok(grant) } else { Err(Refusal::UnauthorizedGrant("a person's key")) };
    }
    if caller.app.may_use(name) { Ok(grant) } else { Err(Refusal::UnauthorizedGrant("the app")) }
}
