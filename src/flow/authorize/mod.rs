//! Authorize: an app sends a browser, and gets it back with a code when the person has signed in and allowed it.
//!
//! A request that can't be answered at once waits in the database, bound to the browser; each page carries its handle and
//! nothing else, so nothing a form says can change what was asked.

mod fault;
mod parameters;
mod request;
mod wish;

use std::net::IpAddr;
use std::sync::Arc;

pub use fault::{AuthorizeError, Back, Halt, NotAuthorized, ResponseMode, Way};
pub use parameters::Parameters;
pub use request::{AuthorizeRequest, Prompt};
pub(super) use wish::ClaimsWish;

use super::session::SignedInBrowser;
use super::spend::seconds;
use super::{Flows, Refusal};
use crate::credential::{BrowserSecret, Slip, SlipKind, random_text};
use crate::limit;
use crate::policy::identity_scope::OFFLINE_ACCESS;
use crate::policy::redirect;
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, code_row, family_row, grant_row, request_row};

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
    pub code: String,
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

/// What is missing before a request can be answered.
#[derive(Clone, Copy)]
enum Missing {
    SignIn,
    Account,
    Consent,
}

/// How far a request is.
enum Progress {
    /// The person has to do something.
    Lacks(Missing),
    /// It can be answered: by this grant, when the person allowed all of it before.
    Whole(Option<grant_row::Model>),
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
        let (mut request, app) = self.read_request(parameters).await?;
        request.arrived_with = signed_in.map(|signed_in| signed_in.session.id.clone());
        let missing = match self.progress(&request, &app, signed_in).await.map_err(|fault| fault.on(&request))? {
            Progress::Whole(grant) => return self.answer(&request, &app, signed_in, grant).await,
            Progress::Lacks(missing) => missing,
        };
        if request.has_prompt(Prompt::None) {
            let error = match missing {
                Missing::SignIn => AuthorizeError::LoginRequired,
                Missing::Account => AuthorizeError::AccountSelectionRequired,
                Missing::Consent => AuthorizeError::ConsentRequired,
            };
            return Err(back(&request, error));
        }
        self.admit_journey(from)?;
        let now = self.clock.now();
        let row = request_row::Model {
            id: random_text(),
            browser_hash: browser.fingerprint().to_vec(),
            client_id: request.client_id.clone(),
            parameters: serde_json::to_string(&request).map_err(|_| Refusal::Internal("a request is no JSON"))?,
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
                self.answer(&request, &app, signed_in, grant).await
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
        let parameters =
            serde_json::to_string(&waiting.request).map_err(|_| Refusal::Internal("a request is no JSON"))?;
        self.store.mark_request_changed(&waiting.id, &parameters).await?;
        self.go_on(waiting, signed_in).await
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
            return Err(back(&request, AuthorizeError::AccessDenied));
        }
        self.answer(&request, &app, signed_in, grant).await
    }

    /// The person wants to go no further.
    pub async fn cancel(&self, waiting: Waiting) -> Result<Back, NotAuthorized> {
        self.take_waiting(&waiting.id).await?;
        Ok(Back { way: waiting.request.way(), error: AuthorizeError::AccessDenied })
    }

    /// Of two who answer a request, one does.
    async fn take_waiting(&self, id: &str) -> Result<(), Halt> {
        self.store.take_request(id).await?.map(drop).ok_or(Halt::RequestGone)
    }

    /// Whether the person still has to do something.
    async fn progress(
        &self,
        request: &AuthorizeRequest,
        app: &AppRecord,
        signed_in: Option<&SignedInBrowser>,
    ) -> Result<Progress, Fault> {
        use Progress::Lacks;
        let Some(SignedInBrowser { session, user }) = signed_in else { return Ok(Lacks(Missing::SignIn)) };
        // A session that began after the request came is a sign-in for it.
        let is_fresh = request.arrived_with.as_ref() != Some(&session.id);
        let age = self.clock.now() - session.auth_time;
        if !is_fresh && (request.has_prompt(Prompt::Login) || request.max_age.is_some_and(|max_age| age > max_age)) {
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
    /// 8252 section 8.6); the operator's own never does.
    async fn consent(&self, request: &AuthorizeRequest, app: &AppRecord, user_id: &str) -> Result<Progress, Halt> {
        if app.is_public || request.has_prompt(Prompt::Consent) {
            return Ok(Progress::Lacks(Missing::Consent));
        }
        let asks = request.asks();
        let grant = self.store.find_grant(user_id, &app.client_id).await?;
        let grant = grant.filter(|grant| asks.first_outside(&Scopes::trusted(&grant.scopes)).is_none());
        let is_whole = grant.is_some() || app.is_first_party;
        Ok(if is_whole { Progress::Whole(grant) } else { Progress::Lacks(Missing::Consent) })
    }

    /// What the person allows the app already.
    pub async fn allowed(&self, user_id: &str, client_id: &str) -> Result<Scopes, Halt> {
        let grant = self.store.find_grant(user_id, client_id).await?;
        Ok(grant.map(|grant| Scopes::trusted(&grant.scopes)).unwrap_or_default())
    }

    /// The answer that the app wants: a code, for what was asked, bound to where it is sent and to the challenge. It
    /// rests on `grant`, or on what the person allows by this.
    async fn answer(
        &self,
        request: &AuthorizeRequest,
        app: &AppRecord,
        signed_in: Option<&SignedInBrowser>,
        grant: Option<grant_row::Model>,
    ) -> Result<NextStep, NotAuthorized> {
        let SignedInBrowser { session, user } = signed_in.ok_or(Refusal::Internal("an answer without a person"))?;
        let now = self.clock.now();
        let grant_id = match grant {
            Some(grant) => grant.id,
            None => self.allow(request, app, &user.id, now).await?,
        };
        let is_offline = Scopes::trusted(&request.scopes).has(OFFLINE_ACCESS);
        let family = family_row::Model {
            id: random_text(),
            client_id: app.client_id.to_string(),
            user_id: user.id.to_string(),
            session_id: session.id.clone(),
            grant_id,
            scopes: request.scopes.clone(),
            resources: request.resources.clone(),
            claims: serde_json::to_string(&request.claims).map_err(|_| Refusal::Internal("a wish is no JSON"))?,
            nonce: request.nonce.clone(),
            auth_time: session.auth_time,
            is_offline,
            created_at: now,
            last_used_at: now,
            expires_at: now + seconds(self.sign_in.refresh_lifetime),
            revoked_at: None,
            revoked_reason: None,
        };
        let slip = Slip::mint(SlipKind::Code);
        let code = code_row::Model {
            id: slip.id().to_string(),
            secret_hash: slip.hash().to_vec(),
            family_id: family.id.clone(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            created_at: now,
            expires_at: now + seconds(limit::CODE_LIFETIME),
            spent_at: None,
        };
        self.store.open_code(family, code).await?;
        Ok(NextStep::Answer(Authorized { way: request.way(), code: slip.reveal(&self.prefix) }))
    }

    /// Remembers what the person allows; gives the grant's id.
    async fn allow(
        &self,
        request: &AuthorizeRequest,
        app: &AppRecord,
        user_id: &str,
        now: i64,
    ) -> Result<String, Halt> {
        let grant = grant_row::Model {
            id: random_text(),
            user_id: user_id.to_owned(),
            client_id: app.client_id.to_string(),
            scopes: request.asks().to_string(),
            created_at: now,
            last_used_at: now,
            revoked_at: None,
        };
        Ok(self.store.allow(grant).await?.id)
    }
}

/// What keeps a request from being answered, before it is said where that goes.
enum Fault {
    Error(AuthorizeError),
    Halt(Halt),
}

impl Fault {
    fn on(self, request: &AuthorizeRequest) -> NotAuthorized {
        match self {
            Self::Error(error) => back(request, error),
            Self::Halt(halt) => halt.into(),
        }
    }
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

fn back(request: &AuthorizeRequest, error: AuthorizeError) -> NotAuthorized {
    NotAuthorized::Back(Box::new(Back { way: request.way(), error }))
}

fn next(missing: Missing, request_id: String) -> NextStep {
    match missing {
        Missing::SignIn | Missing::Account => NextStep::SignIn { request_id },
        Missing::Consent => NextStep::Consent { request_id },
    }
}
