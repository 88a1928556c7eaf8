//! The way back from a provider: what it vouches for becomes a session.

use super::{LoggedIn, LoginFailed, Returned, Returning, attempt_id, internal, wrong};
use crate::config::Secret;
use crate::credential::{Slip, SlipKind, random_text};
use crate::flow::authorize::Halt;
use crate::flow::provider::Rules;
use crate::flow::spend::seconds;
use crate::flow::{Flows, Refusal, SignedInBrowser};
use crate::policy::admission::NotAdmitted;
use crate::policy::person::Person;
use crate::store::{Login, NotLoggedIn, StoreError, attempt_row, identity_row, provider_row, session_row};
use crate::upstream::{Answer, Ask, IdTokenFault, Identity, UpstreamError};

/// The session that a sign-in begins.
struct Begun<'a> {
    /// Its cookie.
    slip: &'a Slip,
    /// When the person proved who they are.
    auth_time: i64,
    /// The last notice of a sign-out at a provider before this one was asked who it is.
    logouts_seen: i64,
}

impl Flows {
    /// What came of it.
    pub async fn finish_login(
        &self,
        provider: &str,
        returned: &Returned,
        returning: &Returning<'_>,
    ) -> Result<LoggedIn, LoginFailed> {
        let early = |halt| LoginFailed { halt, request_id: None };
        let state = returned
            .state
            .as_ref()
            .map(Secret::reveal)
            .filter(|_| !returned.has_repeats)
            .ok_or(early(Halt::UnknownState))?;
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
                Ok(LoggedIn { cookie: cookie.into(), signed_in, request_id, is_linked: attempt.links_to.is_some() })
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
        let asked = waiting.as_ref().and_then(|waiting| waiting.request.max_age);
        let wanted = if attempt.is_fresh { Some(0) } else { asked };
        // How long a person stays at the provider is not held against them.
        let since = self.clock.now() - attempt.created_at;
        let max_age = wanted.map(|wanted| wanted.saturating_add(since));
        let ask = Ask {
            state,
            nonce: &nonce,
            code_verifier: &code_verifier,
            redirect_uri: &callback,
            prompt: None,
            max_age,
            login_hint: None,
            ui_locales: None,
            acr_values: None,
        };
        let answer = Answer { code: code.reveal(), iss: returned.iss.as_deref() };
        let provider = self.provider(&row).map_err(internal)?;
        let logouts_seen = self.store.last_provider_logout().await?;
        let redeemed = self.upstream.redeem(&provider, &ask, &answer, self.clock.now()).await;
        let identity = redeemed.map_err(|error| match error {
            UpstreamError::IdToken(IdTokenFault::AuthTime) => Halt::NotReauthenticated(row.title.clone()),
            error => wrong(&row, &error),
        })?;
        // Who does not say when the person signed in has not shown that it was as lately as was asked for.
        if wanted.is_some() && identity.auth_time.is_none() {
            return Err(Halt::NotReauthenticated(row.title));
        }
        // They may have signed in there long before they were sent here, though not before what was asked for: only
        // the provider's clock can say that, and it may be slow.
        let now = self.clock.now();
        let oldest = max_age.map_or(0, |max_age| now - max_age);
        let auth_time = identity.auth_time.map_or(now, |auth_time| auth_time.max(oldest).min(now));
        let slip = Slip::mint(SlipKind::Session);
        if let Some(waiting) = waiting {
            self.signs_in(waiting, slip.id().as_str()).await?;
        }
        let links_to = attempt.links_to.clone();
        self.admit(&row, identity, links_to, Begun { slip: &slip, auth_time, logouts_seen }, returning).await
    }

    /// Lets in who may come in.
    async fn admit(
        &self,
        row: &provider_row::Model,
        identity: Identity,
        links_to: Option<String>,
        Begun { slip, auth_time, logouts_seen }: Begun<'_>,
        returning: &Returning<'_>,
    ) -> Result<(String, SignedInBrowser), Halt> {
        let rules: Rules = serde_json::from_str(&row.rules).map_err(|_| StoreError::Corrupt("provider"))?;
        let admitted = rules.admission.admit(identity.email.as_deref(), identity.is_email_verified);
        admitted.map_err(|reason| match reason {
            NotAdmitted::EmailNotVerified => Halt::EmailNotVerified,
            NotAdmitted::DomainNotAllowed => Halt::DomainNotAllowed,
        })?;
        let now = self.clock.now();
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
                provider_sid: identity.sid,
                auth_time,
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
            logouts_seen,
        };
        self.store.record_login(now, login).await.map_err(|reason| match reason {
            NotLoggedIn::Disabled(_) => Halt::PersonDisabled,
            NotLoggedIn::OtherUser => Halt::IdentityTaken,
            NotLoggedIn::SignedOut => {
                tracing::info!(provider = %row.name, "somebody signed out at their provider while they came in here");
                Halt::UnknownState
            }
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
