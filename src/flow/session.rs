//! Sessions: who is signed in in a browser, for how long, and how that ends.

use std::sync::Arc;

use super::spend::{goes_on, seconds};
use super::{Flows, Refusal};
use crate::credential::{Slip, SlipKind};
use crate::limit;
use crate::policy::rate::Rate;
use crate::store::{StoreError, UserRecord, session_row};

/// How long what people leave here lives.
#[derive(Clone, Copy, Debug)]
pub struct SignInRules {
    /// A session that nobody uses.
    pub session_idle: std::time::Duration,
    /// A session.
    pub session_lifetime: std::time::Duration,
    /// Refresh tokens that nobody uses.
    pub refresh_idle: std::time::Duration,
    /// Refresh tokens, one after the other.
    pub refresh_lifetime: std::time::Duration,
    /// How long a spent refresh token still gets its successor.
    pub refresh_grace: std::time::Duration,
    /// How often somebody at one address may begin to sign in.
    pub rate: Option<Rate>,
}

/// A browser in which somebody is signed in.
#[derive(Clone, Debug)]
pub struct SignedInBrowser {
    /// The session.
    pub session: session_row::Model,
    /// Who.
    pub user: Arc<UserRecord>,
}

impl Flows {
    /// Who is signed in in the browser that shows this cookie, if anybody is.
    pub async fn find_signed_in(&self, cookie: &str) -> Result<Option<SignedInBrowser>, Refusal> {
        let Ok(slip) = Slip::parse(&self.prefix, SlipKind::Session, cookie) else { return Ok(None) };
        let now = self.clock.now();
        let session = self.store.find_session(slip.id().as_str()).await?;
        let Some(session) = session.filter(|session| slip.matches(&session.secret_hash) && self.lives(session, now))
        else {
            return Ok(None);
        };
        let user = self.store.find_user_record(&Arc::from(session.user_id.as_str())).await?;
        let Some(user) = user.filter(|user| user.is_enabled) else { return Ok(None) };
        if now - session.last_seen_at >= seconds(limit::SESSION_SEEN_EVERY) {
            self.store.mark_session_seen(now, &session.id).await?;
        }
        Ok(Some(SignedInBrowser { session, user }))
    }

    /// Whether a session goes on.
    fn lives(&self, session: &session_row::Model, now: i64) -> bool {
        goes_on(session, now) && session.last_seen_at + seconds(self.sign_in.session_idle) > now
    }

    /// What people call the provider that a session was begun at, while it is known.
    pub async fn provider_of(&self, session: &session_row::Model) -> Result<Option<String>, Refusal> {
        let Some(identity) = self.store.find_identity(&session.identity_id).await? else { return Ok(None) };
        Ok(self.store.find_provider(&identity.provider).await?.map(|row| row.title))
    }

    /// Ends a session of `user_id`; one that has ended already is as good.
    pub async fn end_session(&self, user_id: &str, session_id: &str) -> Result<(), Refusal> {
        match self.store.mark_session_ended(self.clock.now(), session_id, Some(user_id)).await {
            Ok(()) | Err(StoreError::Gone) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Ends all sessions of a person but the one they are in.
    pub async fn end_other_sessions(&self, signed_in: &SignedInBrowser) -> Result<(), Refusal> {
        for session in self.list_own_sessions(&signed_in.user.id).await? {
            if session.id != signed_in.session.id {
                self.end_session(&signed_in.user.id, &session.id).await?;
            }
        }
        Ok(())
    }

    /// The sessions of a person that have not ended. Those that nobody used for long are among them: no browser gets
    /// in with them any more, but apps may still hold what came of them.
    pub async fn list_own_sessions(&self, user_id: &str) -> Result<Vec<session_row::Model>, Refusal> {
        Ok(self.store.list_sessions(self.clock.now(), Some(user_id)).await?)
    }
}
