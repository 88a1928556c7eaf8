//! How far a request is: what the person still has to do before it can be answered.

use super::{AuthorizeError, AuthorizeRequest, Halt, NotAuthorized, Prompt};
use crate::flow::{Flows, SignedInBrowser};
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, grant_row};

/// What is missing before a request can be answered.
#[derive(Clone, Copy)]
pub(super) enum Missing {
    SignIn,
    Account,
    Consent,
}

/// How far a request is.
pub(super) enum Progress {
    /// The person has to do something.
    Lacks(Missing),
    /// It can be answered: by this grant, when the person allowed all of it before.
    Whole(Option<grant_row::Model>),
}

/// What keeps a request from being answered, before it is said where that goes.
pub(super) enum Fault {
    Error(AuthorizeError),
    Halt(Halt),
}

impl Fault {
    pub(super) fn on(self, request: &AuthorizeRequest) -> NotAuthorized {
        match self {
            Self::Error(error) => request.way().refused(error),
            Self::Halt(halt) => halt.into(),
        }
    }
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl Flows {
    /// Whether the person still has to do something.
    pub(super) async fn progress(
        &self,
        request: &AuthorizeRequest,
        app: &AppRecord,
        signed_in: Option<&SignedInBrowser>,
    ) -> Result<Progress, Fault> {
        use Progress::Lacks;
        let Some(SignedInBrowser { session, user }) = signed_in else { return Ok(Lacks(Missing::SignIn)) };
        let is_fresh = request.signed_in_by.as_ref() == Some(&session.id);
        let age = self.clock.now() - session.auth_time;
        let is_old = request.has_prompt(Prompt::Login) || request.max_age.is_some_and(|max_age| age > max_age);
        if is_old && !is_fresh {
            return Ok(Lacks(Missing::SignIn));
        }
        if request.hinted_sub.as_ref().is_some_and(|sub| *sub != *user.id) {
            return Ok(Lacks(Missing::SignIn));
        }
        if request.has_prompt(Prompt::SelectAccount) && !is_fresh && !request.is_account_chosen {
            return Ok(Lacks(Missing::Account));
        }
        if !app.admits(&user.person) {
            return Err(Fault::Error(AuthorizeError::AccessDenied));
        }
        Ok(self.consent(request, app, &user.id).await?)
    }

    /// Whether the person has to be asked. A public app may be any program that uses its name, so it always asks (RFC
    /// 8252 section 8.6); the operator's own never does, not even when it wants to.
    async fn consent(&self, request: &AuthorizeRequest, app: &AppRecord, user_id: &str) -> Result<Progress, Halt> {
        if app.is_public || (request.has_prompt(Prompt::Consent) && !app.is_first_party) {
            return Ok(Progress::Lacks(Missing::Consent));
        }
        let grant = self.store.find_grant(user_id, &app.client_id).await?;
        let grant = grant.filter(|grant| {
            let (scopes, resources) = (Scopes::trusted(&grant.scopes), Scopes::trusted(&grant.resources));
            request.asks().first_outside(&scopes).is_none()
                && request.meant(app).iter().all(|resource| resources.has(&resource.identifier))
        });
        let is_whole = grant.is_some() || app.is_first_party;
        Ok(if is_whole { Progress::Whole(grant) } else { Progress::Lacks(Missing::Consent) })
    }
}
