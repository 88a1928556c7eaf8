//! Login: a person goes to their provider and comes back; what the provider vouches for becomes a session here.
//!
//! The state is spent before the provider is asked, and the provider is asked before the database is: no transaction is
//! open while we wait for somebody else.

use std::net::IpAddr;

use super::authorize::{Halt, Prompt, Waiting};
use super::provider::Rules;
use super::spend::seconds;
use super::{Declined, Flows, Refusal, SignedInBrowser};
use crate::credential::{BrowserSecret, Slip, SlipKind, fingerprint, random_text};
use crate::limit;
use crate::policy::admission::NotAdmitted;
use crate::policy::person::Person;
use crate::store::{Login, NotLoggedIn, StoreError, attempt_row, identity_row, provider_row, session_row};
use crate::upstream::{Answer, Ask, Identity, UpstreamError};

/// Where somebody wants to sign in, and what for.
#[derive(Debug)]
pub struct LoginWish<'a> {
    /// The provider.
    pub provider: &'a str,
    /// The request that waits for it.
    pub waiting: Option<&'a Waiting>,
    /// Who wants to sign in this way as well from now on.
    pub links_to: Option<&'a SignedInBrowser>,
    /// The browser's address, if it can be told.
    pub from: Option<IpAddr>,
    /// Whether somebody is signed in already, and so may mean another account: a provider that remembers them would give
    /// the same one again without a word.
    pub is_signed_in: bool,
}

/// What a browser brings back from a provider.
#[derive(Debug, Default)]
pub struct Returned {
    /// The `state`.
    pub state: Option<String>,
    /// The code.
    pub code: Option<String>,
    /// The provider's error code.
    pub error: Option<String>,
    /// The provider's issuer (RFC 9207).
    pub iss: Option<String>,
    /// Whether a parameter stood there twice.
    pub has_repeats: bool,
}

/// The browser that comes back.
#[derive(Debug)]
pub struct Returning<'a> {
    /// Its secret.
    pub browser: &'a BrowserSecret,
    /// Who was signed in until now.
    pub signed_in: Option<&'a SignedInBrowser>,
    /// What it says it is.
    pub user_agent: String,
    /// Its address, if it can be told.
    pub address: String,
}

/// Somebody has signed in.
#[derive(Debug)]
pub struct LoggedIn {
    /// The cookie.
    pub cookie: String,
    /// The session.
    pub signed_in: SignedInBrowser,
    /// The request to go on with.
    pub request_id: Option<String>,
    /// Whether an identity was linked.
    pub is_linked: bool,
}

/// Nobody has; the request may wait on.
#[derive(Debug)]
pub struct LoginFailed {
    /// Why.
    pub halt: Halt,
    /// The request to try again for.
    pub request_id: Option<String>,
}

impl Flows {
    /// Where to send the browser.
    pub async fn begin_login(&self, wish: &LoginWish<'_>, browser: &BrowserSecret) -> Result<String, Halt> {
        self.admit_journey(wish.from)?;
        let row = self.open_provider(wish.provider).await?;
        let provider = self.provider(&row).map_err(internal)?;
        let state = random_text();
        let request = wish.waiting.map(|waiting| &waiting.request);
        let is_fresh = request.is_some_and(|request| request.has_prompt(Prompt::Login) || request.max_age == Some(0));
        let is_choice = wish.is_signed_in || request.is_some_and(|request| request.has_prompt(Prompt::SelectAccount));
        let (nonce, code_verifier) = (browser.nonce(&state), browser.code_verifier(&state));
        let callback = self.callback(&row.name);
        let ask = Ask {
            state: &state,
            nonce: &nonce,
            code_verifier: &code_verifier,
            redirect_uri: &callback,
            prompt: if is_fresh { Some("login") } else { is_choice.then_some("select_account") },
            max_age: request.and_then(|request| request.max_age),
            login_hint: request.and_then(|request| request.login_hint.as_deref()),
            ui_locales: request.and_then(|request| request.ui_locales.as_deref()),
            acr_values: request.and_then(|request| request.acr_values.as_deref()),
        };
        let url = self.upstream.authorize_url(&provider, &ask).await.map_err(|error| wrong(&row, &error))?;
        let now = self.clock.now();
        let attempt = attempt_row::Model {
            id: attempt_id(&state),
            browser_hash: browser.fingerprint().to_vec(),
            provider: row.name,
            request_id: wish.waiting.map(|waiting| waiting.id.clone()),
            links_to: wish.links_to.map(|signed_in| signed_in.user.id.to_string()),
            is_fresh,
            created_at: now,
            expires_at: now + seconds(limit::ATTEMPT_OPEN),
        };
        self.store.open_attempt(attempt).await?;
        Ok(url.into())
    }

    /// What came of it.
    pub async fn finish_login(
        &self,
        provider: &str,
        returned: &Returned,
        returning: &Returning<'_>,
    ) -> Result<LoggedIn, LoginFailed> {
        let early = |halt| LoginFailed { halt, request_id: None };
        let state = returned.state.as_deref().filter(|_| !returned.has_repeats).ok_or(early(Halt::UnknownState))?;
        let taken = self.store.take_attempt(&attempt_id(state), provider, &returning.browser.fingerprint()).await;
        let attempt = taken.map_err(|error| early(error.into()))?;
        let now = self.clock.now();
        let attempt = attempt.filter(|attempt| attempt.expires_at > now).ok_or(early(Halt::UnknownState))?;
        let request_id = attempt.request_id.clone();
        let outcome = self.finish_attempt(&attempt, state, returned, returning).await;
        metrics::counter!("hallpass_sign_ins_total", "provider" => attempt.provider.clone(),
            "outcome" => if outcome.is_ok() { "ok" } else { "failed" })
        .increment(1);
        match outcome {
            Ok((cookie, signed_in)) => {
                Ok(LoggedIn { cookie, signed_in, request_id, is_linked: attempt.links_to.is_some() })
            }
            Err(halt) => Err(LoginFailed { halt, request_id }),
        }
    }

    async fn finish_attempt(
        &self,
        attempt: &attempt_row::Model,
        state: &str,
        returned: &Returned,
        returning: &Returning<'_>,
    ) -> Result<(String, SignedInBrowser), Halt> {
        let is_still_here = |user_id: &String| returning.signed_in.is_some_and(|now| *now.user.id == **user_id);
        if !attempt.links_to.as_ref().is_none_or(is_still_here) {
            // Who began to link is gone from this browser: who comes back may be somebody else.
            return Err(Halt::UnknownState);
        }
        let row = self.open_provider(&attempt.provider).await?;
        // Who wanted to sign in this way as well must still be who is here: a session that was ended meanwhile, because
        // its cookie was stolen, gives nobody a way back in.
        let is_here = |id: &String| returning.signed_in.is_some_and(|signed_in| *signed_in.user.id == **id);
        if attempt.links_to.as_ref().is_some_and(|id| !is_here(id)) {
            return Err(Halt::UnknownState);
        }
        let code = match (&returned.code, &returned.error) {
            (Some(code), None) => code,
            (None, Some(error)) => return Err(refused(&row, error)),
            _ => return Err(wrong(&row, &UpstreamError::MixedUp)),
        };
        let waiting = match &attempt.request_id {
            None => None,
            Some(id) => Some(self.find_waiting(id, returning.browser).await?),
        };
        let nonce = returning.browser.nonce(state);
        let code_verifier = returning.browser.code_verifier(state);
        let callback = self.callback(&row.name);
        let ask = Ask {
            state,
            nonce: &nonce,
            code_verifier: &code_verifier,
            redirect_uri: &callback,
            prompt: None,
            max_age: waiting.as_ref().and_then(|waiting| waiting.request.max_age),
            login_hint: None,
            ui_locales: None,
            acr_values: None,
        };
        let answer = Answer { code, iss: returned.iss.as_deref() };
        let provider = self.provider(&row).map_err(internal)?;
        let redeemed = self.upstream.redeem(&provider, &ask, &answer, self.clock.now()).await;
        let identity = redeemed.map_err(|error| wrong(&row, &error))?;
        let began = attempt.created_at - seconds(limit::CLOCK_SKEW);
        if attempt.is_fresh && identity.auth_time.is_some_and(|auth_time| auth_time < began) {
            return Err(Halt::NotReauthenticated(row.title));
        }
        self.admit(&row, identity, attempt.links_to.clone(), returning).await
    }

    /// Lets in who may come in.
    async fn admit(
        &self,
        row: &provider_row::Model,
        identity: Identity,
        links_to: Option<String>,
        returning: &Returning<'_>,
    ) -> Result<(String, SignedInBrowser), Halt> {
        let rules: Rules = serde_json::from_str(&row.rules).map_err(|_| StoreError::Corrupt("provider"))?;
        let admitted = rules.admission.admit(identity.email.as_deref(), identity.is_email_verified);
        admitted.map_err(|reason| match reason {
            NotAdmitted::EmailNotVerified => Halt::EmailNotVerified,
            NotAdmitted::DomainNotAllowed => Halt::DomainNotAllowed,
        })?;
        let now = self.clock.now();
        let slip = Slip::mint(SlipKind::Session);
        let person = Person {
            name: identity.name,
            preferred_username: identity.preferred_username,
            email: identity.email.clone(),
            email_verified: identity.is_email_verified,
            groups: identity.groups,
            roles: vec![],
        }
        .admitted_by(&rules.admission);
        let login = Login {
            identity: identity_row::Model {
                id: random_text(),
                user_id: format!("usr_{}", &random_text()[..22]),
                provider: row.name.clone(),
                issuer: identity.issuer,
                subject: identity.subject,
                // Only what is the same to every mail server: Unicode makes an `S` of `ſ`, and one person of two.
                email: identity.email.map(|email| email.to_ascii_lowercase()),
                is_email_verified: identity.is_email_verified,
                created_at: now,
                last_login_at: now,
            },
            claims: serde_json::to_string(&person).map_err(|_| Refusal::Internal("a person is no JSON"))?,
            linking_providers: self.linking_providers().await?,
            links_to,
            session: session_row::Model {
                id: slip.id().to_string(),
                secret_hash: slip.hash().to_vec(),
                user_id: String::new(),
                identity_id: String::new(),
                auth_time: now,
                acr: identity.acr,
                amr: identity.amr.join(" "),
                user_agent: returning.user_agent.clone(),
                address: returning.address.clone(),
                created_at: now,
                last_seen_at: now,
                expires_at: now + seconds(self.sign_in.session_lifetime),
                ended_at: None,
            },
            replaces: returning.signed_in.map(|signed_in| signed_in.session.id.clone()),
        };
        self.store.record_login(now, login).await.map_err(|reason| match reason {
            NotLoggedIn::Disabled(_) => Halt::PersonDisabled,
            NotLoggedIn::OtherUser => Halt::IdentityTaken,
            NotLoggedIn::Store(error) => error.into(),
        })?;
        let cookie = slip.reveal(&self.prefix);
        let signed_in = self.find_signed_in(&cookie).await?.ok_or(Refusal::Internal("a new session is not there"))?;
        Ok((cookie, signed_in))
    }

    /// The providers that the operator trusts to join accounts by a verified address.
    async fn linking_providers(&self) -> Result<Vec<String>, Halt> {
        let rows = self.store.list_providers().await?;
        let links = |row: &provider_row::Model| {
            serde_json::from_str(&row.rules).is_ok_and(|rules: Rules| rules.admission.links_by_email)
        };
        Ok(rows.into_iter().filter(links).map(|row| row.name).collect())
    }

    async fn open_provider(&self, name: &str) -> Result<provider_row::Model, Halt> {
        let row = self.store.find_provider(name).await?;
        row.filter(|row| row.disabled_at.is_none()).ok_or_else(|| Halt::NoProvider(name.chars().take(64).collect()))
    }
}

/// What is kept of a `state`.
fn attempt_id(state: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(fingerprint(state))
}

/// The provider, or the person there, said no to the login; or the provider says that it is in trouble.
fn refused(row: &provider_row::Model, error: &str) -> Halt {
    match UpstreamError::refused(error) {
        UpstreamError::Refused(error) if !matches!(&*error, "server_error" | "temporarily_unavailable") => {
            Halt::ProviderRefused { provider: row.title.clone(), error }
        }
        trouble => wrong(row, &trouble),
    }
}

/// What we asked the provider went wrong. A no to that is not the person's: it is about the code, or about us.
fn wrong(row: &provider_row::Model, error: &UpstreamError) -> Halt {
    let (provider, cause) = (row.title.clone(), error.to_string());
    if error.is_slow() { Halt::ProviderSlow { provider, cause } } else { Halt::ProviderWrong { provider, cause } }
}

fn internal(declined: Declined) -> Halt {
    match declined {
        Declined::Store(error) => error.into(),
        other => {
            tracing::error!(error = %other, "a provider can't be used");
            Refusal::Internal("a provider's row can't be used").into()
        }
    }
}
