//! Authorize: an app sends a browser, and gets it back with a code when the person has signed in and allowed it.
//!
//! A request that can't be answered at once waits in the database, bound to the browser; each page carries its handle and
//! nothing else, so nothing a form says can change what was asked.

mod answer;
mod fault;
mod parameters;
mod progress;
mod reading;
mod request;
mod wish;

use std::net::IpAddr;
use std::sync::Arc;

pub use fault::{AuthorizeError, Back, Halt, NotAuthorized, ResponseMode, Way};
pub use parameters::Parameters;
pub use request::{AuthorizeRequest, Prompt};
pub(super) use wish::ClaimsWish;

use super::rate::Traveller;
use super::session::SignedInBrowser;
use super::spend::seconds;
use super::{Flows, Refusal};
use crate::config::Secret;
use crate::credential::{BrowserSecret, random_text};
use crate::limit;
use crate::policy::redirect;
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, request_row};
use progress::{Missing, Progress};

/// What happens next.
#[derive(Debug)]
pub enum NextStep {
    /// Back to the app, with a code.
    Answer(Authorized),
    /// Somebody has to sign in; the request waits.
    SignIn {
        /// Its handle.
        request_id: String,
    },
    /// Somebody has to allow it; the request waits.
    Consent {
        /// Its handle.
        request_id: String,
    },
}

/// A code on its way back to the app.
#[derive(Debug)]
pub struct Authorized {
    /// Where to.
    pub way: Way,
    /// The code.
    pub code: Secret,
}

/// A request that waits, as a page shows it.
#[derive(Debug)]
pub struct Waiting {
    /// Its handle.
    pub id: String,
    /// When it came.
    pub asked_at: i64,
    /// What is asked.
    pub request: AuthorizeRequest,
    /// Who asks.
    pub app: Arc<AppRecord>,
}

impl Flows {
    /// An authorization request as it comes from an app: answered at once, or kept until the person has done their part.
    pub async fn authorize(
        &self,
        parameters: &Parameters,
        browser: &BrowserSecret,
        signed_in: Option<&SignedInBrowser>,
        from: Option<IpAddr>,
    ) -> Result<NextStep, NotAuthorized> {
        let (request, app) = self.read_request(parameters).await?;
        let step = self.begin(&request, &app, browser, signed_in, from).await;
        step.map_err(|fault| request.way().troubled(fault))
    }

    async fn begin(
        &self,
        request: &AuthorizeRequest,
        app: &AppRecord,
        browser: &BrowserSecret,
        signed_in: Option<&SignedInBrowser>,
        from: Option<IpAddr>,
    ) -> Result<NextStep, NotAuthorized> {
        self.admit_journey(Traveller::new(signed_in, from))?;
        let missing = match self.progress(request, app, signed_in).await.map_err(|fault| fault.on(request))? {
            Progress::Whole(grant) => return self.answer(request, app, signed_in, grant).await,
            Progress::Lacks(missing) => missing,
        };
        if request.has_prompt(Prompt::None) {
            let error = match missing {
                // `none` stands alone, so no request that has it asks for a choice of accounts.
                Missing::SignIn | Missing::Account => AuthorizeError::LoginRequired,
                Missing::Consent => AuthorizeError::ConsentRequired,
            };
            return Err(request.way().refused(error));
        }
        let now = self.clock.now();
        let row = request_row::Model {
            id: random_text(),
            browser_hash: browser.fingerprint().to_vec(),
            client_id: request.client_id.clone(),
            parameters: kept(request)?,
            created_at: now,
            expires_at: now + seconds(limit::REQUEST_OPEN),
        };
        let request_id = row.id.clone();
        self.store.open_request(row).await?;
        Ok(next(missing, request_id))
    }

    /// A request that waits in this browser.
    pub async fn find_waiting(&self, id: &str, browser: &BrowserSecret) -> Result<Waiting, Halt> {
        let row = self.store.find_request(self.clock.now(), id, &browser.fingerprint()).await?;
        let row = row.ok_or(Halt::RequestGone)?;
        let request: AuthorizeRequest =
            serde_json::from_str(&row.parameters).map_err(|_| Refusal::Internal("a kept request can't be read"))?;
        let app = self.find_signing_in(&request.client_id).await?;
        // What the operator took from the app meanwhile is taken from this request too.
        if !redirect::is_registered(app.redirect_uris.iter().map(|uri| &**uri), &request.redirect_uri) {
            return Err(Halt::UnregisteredRedirect);
        }
        Ok(Waiting { id: row.id, asked_at: row.created_at, request, app })
    }

    /// Goes on with a request after the person did something: signed in, or said who they are.
    pub async fn go_on(
        &self,
        waiting: Waiting,
        signed_in: Option<&SignedInBrowser>,
    ) -> Result<NextStep, NotAuthorized> {
        let Waiting { id, request, app, .. } = waiting;
        match self.progress(&request, &app, signed_in).await.map_err(|fault| fault.on(&request))? {
            Progress::Lacks(missing) => Ok(next(missing, id)),
            Progress::Whole(grant) => {
                self.take_waiting(&id).await?;
                let step = self.answer(&request, &app, signed_in, grant).await;
                step.map_err(|fault| request.way().troubled(fault))
            }
        }
    }

    /// Goes on as who is signed in already, because the person said so.
    pub async fn choose_account(
        &self,
        mut waiting: Waiting,
        signed_in: Option<&SignedInBrowser>,
    ) -> Result<NextStep, NotAuthorized> {
        waiting.request.is_account_chosen = true;
        self.store.mark_request_changed(&waiting.id, &kept(&waiting.request)?).await?;
        self.go_on(waiting, signed_in).await
    }

    /// Remembers which session a sign-in for this request begins. No other counts as new, whatever cookie the browser
    /// left out or shows again.
    pub(super) async fn signs_in(&self, mut waiting: Waiting, session_id: &str) -> Result<(), Halt> {
        if waiting.request.wants_new_sign_in() {
            waiting.request.signed_in_by = Some(session_id.to_owned());
            self.store.mark_request_changed(&waiting.id, &kept(&waiting.request)?).await?;
        }
        Ok(())
    }

    /// The person allows it, or does not.
    pub async fn decide(
        &self,
        waiting: Waiting,
        signed_in: Option<&SignedInBrowser>,
        is_allowed: bool,
    ) -> Result<NextStep, NotAuthorized> {
        let Waiting { id, request, app, .. } = waiting;
        let grant = match self.progress(&request, &app, signed_in).await.map_err(|fault| fault.on(&request))? {
            Progress::Lacks(missing @ (Missing::SignIn | Missing::Account)) => return Ok(next(missing, id)),
            Progress::Lacks(Missing::Consent) => None,
            Progress::Whole(grant) => grant,
        };
        self.take_waiting(&id).await?;
        if !is_allowed {
            return Err(request.way().refused(AuthorizeError::AccessDenied));
        }
        let step = self.answer(&request, &app, signed_in, grant).await;
        step.map_err(|fault| request.way().troubled(fault))
    }

    /// Of two who answer a request, one does.
    async fn take_waiting(&self, id: &str) -> Result<(), Halt> {
        self.store.take_request(id).await?.map(drop).ok_or(Halt::RequestGone)
    }

    /// What the person allows the app already.
    pub async fn allowed(&self, user_id: &str, client_id: &str) -> Result<Scopes, Halt> {
        let grant = self.store.find_grant(user_id, client_id).await?;
        Ok(grant.map(|grant| Scopes::trusted(&grant.scopes)).unwrap_or_default())
    }
}

/// A request as it waits.
fn kept(request: &AuthorizeRequest) -> Result<String, Refusal> {
    serde_json::to_string(request).map_err(|_| Refusal::Internal("a request is no JSON"))
}

fn next(missing: Missing, request_id: String) -> NextStep {
    match missing {
        Missing::SignIn | Missing::Account => NextStep::SignIn { request_id },
        Missing::Consent => NextStep::Consent { request_id },
    }
}
