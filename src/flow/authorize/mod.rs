//! Authorize: an app sends a browser, and gets it back with a code when the person has signed in and allowed it.
//!
//! A request that can't be answered at once waits in the database, bound to the browser; each page carries its handle and
//! nothing else, so nothing a form says can change what was asked.

mod fault;
mod parameters;
mod request;
mod wish;

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

impl Flows {
    /// An authorization request as it comes from an app: answered at once, or kept until the person has done their part.
    pub async fn authorize(
        &self,
        parameters: &Parameters,
        browser: &BrowserSecret,
        signed_in: Option<&SignedInBrowser>,
    ) -> Result<NextStep, NotAuthorized> {
        let (mut request, app) = self.read_request(parameters).await?;
        request.arrived_with = signed_in.map(|signed_in| signed_in.session.id.clone());
        let missing = self.missing(&request, &app, signed_in).await.map_err(|fault| fault.on(&request))?;
        let Some(missing) = missing else {
            return self.answer(&request, &app, signed_in).await;
        };
        if request.has_prompt(Prompt::None) {
            let error = match missing {
                Missing::SignIn => AuthorizeError::LoginRequired,
                Missing::Account => AuthorizeError::AccountSelectionRequired,
                Missing::Consent => AuthorizeError::ConsentRequired,
            };
            return Err(back(&request, error));
        }
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
        if let Some(missing) = self.missing(&request, &app, signed_in).await.map_err(|fault| fault.on(&request))? {
            Ok(next(missing, id))
        } else {
            self.take_waiting(&id).await?;
            self.answer(&request, &app, signed_in).await
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
        match self.missing(&request, &app, signed_in).await.map_err(|fault| fault.on(&request))? {
            Some(Missing::SignIn) => return Ok(NextStep::SignIn { request_id: id }),
            Some(Missing::Account) => return Ok(next(Missing::Account, id)),
            Some(Missing::Consent) | None => {}
        }
        self.take_waiting(&id).await?;
        if !is_allowed {
            return Err(back(&request, AuthorizeError::AccessDenied));
        }
        self.answer(&request, &app, signed_in).await
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

    /// What the person still has to do, if anything.
    async fn missing(
        &self,
        request: &AuthorizeRequest,
        app: &AppRecord,
        signed_in: Option<&SignedInBrowser>,
    ) -> Result<Option<Missing>, Fault> {
        let Some(SignedInBrowser { session, user }) = signed_in else { return Ok(Some(Missing::SignIn)) };
        // A session that began after the request came is a sign-in for it.
        let is_fresh = request.arrived_with.as_ref() != Some(&session.id);
        let age = self.clock.now() - session.auth_time;
        if !is_fresh && (request.has_prompt(Prompt::Login) || request.max_age.is_some_and(|max_age| age > max_age)) {
            return Ok(Some(Missing::SignIn));
        }
        if request.hinted_sub.as_ref().is_some_and(|sub| *sub != *user.id) {
            return Ok(Some(Missing::SignIn));
        }
        if request.has_prompt(Prompt::SelectAccount) && !is_fresh && !request.is_account_chosen {
            return Ok(Some(Missing::Account));
        }
        if !app.admits(&user.person) {
            return Err(Fault::Error(AuthorizeError::AccessDenied));
        }
        if self.must_allow(request, app, &user.id).await? { Ok(Some(Missing::Consent)) } else { Ok(None) }
    }

    /// Whether the person has to be asked. A public app may be any program that uses its name, so it always asks (RFC
    /// 8252 section 8.6); the operator's own never does.
    async fn must_allow(&self, request: &AuthorizeRequest, app: &AppRecord, user_id: &str) -> Result<bool, Halt> {
        if app.is_public || request.has_prompt(Prompt::Consent) {
            return Ok(true);
        }
        if app.is_first_party {
            return Ok(false);
        }
        let allowed = self.allowed(user_id, &app.client_id).await?;
        Ok(request.asks().first_outside(&allowed).is_some())
    }

    /// What the person allows the app already.
    pub async fn allowed(&self, user_id: &str, client_id: &str) -> Result<Scopes, Halt> {
        let grant = self.store.find_grant(user_id, client_id).await?;
        Ok(grant.map(|grant| Scopes::trusted(&grant.scopes)).unwrap_or_default())
    }

    /// The answer that the app wants: a code, for what was asked, bound to where it is sent and to the challenge.
    async fn answer(
        &self,
        request: &AuthorizeRequest,
        app: &AppRecord,
        signed_in: Option<&SignedInBrowser>,
    ) -> Result<NextStep, NotAuthorized> {
        let SignedInBrowser { session, user } = signed_in.ok_or(Refusal::Internal("an answer without a person"))?;
        let now = self.clock.now();
        let grant = grant_row::Model {
            id: random_text(),
            user_id: user.id.to_string(),
            client_id: app.client_id.to_string(),
            scopes: request.asks().to_string(),
            created_at: now,
            last_used_at: now,
            revoked_at: None,
        };
        let grant = self.store.allow(grant).await?;
        let is_offline = Scopes::trusted(&request.scopes).has(OFFLINE_ACCESS);
        let family = family_row::Model {
            id: random_text(),
            client_id: app.client_id.to_string(),
            user_id: user.id.to_string(),
            session_id: session.id.clone(),
            grant_id: grant.id,
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
