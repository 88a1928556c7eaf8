//! Spending: what can be shown once is spent here, after everything else was found good and before anything is signed.

use std::sync::Arc;
use std::time::Duration;

use super::{Flows, Refusal};
use crate::credential::{Slip, SlipKind};
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, StoreError, UserRecord, code_row, family_row, refresh_row, session_row};

/// What is spent for a token.
#[derive(Debug)]
pub enum Spend {
    /// An authorization code.
    Code(code_row::Model),
    /// A refresh token.
    Refresh {
        /// As it was found.
        token: refresh_row::Model,
        /// As it was shown.
        shown: Slip,
    },
}

/// What a living family rests on.
#[derive(Debug)]
pub(super) struct Footing {
    /// Whom it speaks for.
    pub(super) user: Arc<UserRecord>,
    /// The browser it was in, unless that was forgotten.
    pub(super) session: Option<session_row::Model>,
    /// The resources that the person allowed.
    pub(super) resources: Scopes,
}

impl Spend {
    /// Whether it is a code: the first token of a sign-in.
    pub(super) const fn is_code(&self) -> bool {
        matches!(self, Self::Code(_))
    }
}

impl Flows {
    /// Spends it, and gives the refresh token that comes of it; none where the app may not use one.
    pub(super) async fn spend(
        &self,
        now: i64,
        app: &AppRecord,
        family: &family_row::Model,
        spend: &Spend,
    ) -> Result<Option<Slip>, Refusal> {
        match spend {
            Spend::Code(code) => self.spend_code(now, app, code).await,
            Spend::Refresh { token, shown } => self.spend_refresh_token(now, family, token, shown).await.map(Some),
        }
    }

    async fn spend_code(&self, now: i64, app: &AppRecord, code: &code_row::Model) -> Result<Option<Slip>, Refusal> {
        let first = if app.may_use(super::grant::REFRESH_TOKEN) { Some(Slip::mint(SlipKind::Refresh)) } else { None };
        let row = first.as_ref().map(|first| self.refresh_row(now, first, &code.family_id)).transpose()?;
        match self.store.spend_code(now, code, row).await {
            Ok(()) => Ok(first),
            Err(StoreError::Gone) => {
                self.store.revoke_family(now, &code.family_id, "its code was shown twice").await?;
                Err(Refusal::BadGrant("a code that another spent, or that ended meanwhile"))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn spend_refresh_token(
        &self,
        now: i64,
        family: &family_row::Model,
        token: &refresh_row::Model,
        shown: &Slip,
    ) -> Result<Slip, Refusal> {
        let peppers = self.peppers_with(token.pepper_id).await?;
        let pepper = peppers.find(token.pepper_id).ok_or(Refusal::Unavailable("a token's pepper is missing"))?;
        let successor = shown.successor(pepper);
        if token.spent_at.is_some() {
            // It was looked at: the answer was lost, and this is the same one again.
            return Ok(successor);
        }
        let row = self.refresh_row(now, &successor, &family.id)?;
        match self.store.spend_refresh_token(now, &token.id, row).await {
            Ok(()) => Ok(successor),
            Err(StoreError::Gone) => {
                let (token, family) =
                    self.store.find_refresh_token(&token.id).await?.ok_or(Refusal::BadGrant("it is gone"))?;
                if family.revoked_at.is_some() {
                    return Err(Refusal::BadGrant("its family died meanwhile"));
                }
                // Another request with the same token was first, a moment ago: both get the same successor.
                self.may_repeat(now, &token).await?;
                Ok(successor)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a spent refresh token may have its successor again. If not, somebody has the token who should not.
    pub(super) async fn may_repeat(&self, now: i64, token: &refresh_row::Model) -> Result<(), Refusal> {
        // Another node's clock may be ahead: that makes no grace where there is none.
        let is_recent = token.spent_at.is_some_and(|at| (now - at).max(0) < seconds(self.sign_in.refresh_grace));
        let successor = match &token.successor_id {
            Some(id) if is_recent => self.store.find_refresh_token(id).await?,
            _ => None,
        };
        if successor.is_some_and(|(successor, _)| successor.spent_at.is_none()) {
            return Ok(());
        }
        self.store.revoke_family(now, &token.family_id, "a spent refresh token was shown again").await?;
        tracing::warn!(family = token.family_id, "a spent refresh token was shown again; its family is dead");
        metrics::counter!("hallpass_refresh_reuse_total").increment(1);
        Err(Refusal::BadGrant("spent token"))
    }

    /// What a family rests on, if it is alive with all of that: the app may still use it, the grant was not taken back,
    /// and the session goes on unless the family outlives it.
    pub(super) async fn footing(
        &self,
        family: &family_row::Model,
        app: &AppRecord,
        now: i64,
    ) -> Result<Footing, Refusal> {
        let refuse = |reason| Err(Refusal::BadGrant(reason));
        if family.revoked_at.is_some() {
            return refuse("its family is dead");
        }
        if family.expires_at <= now || family.last_used_at + seconds(self.sign_in.refresh_idle) <= now {
            return refuse("its family has ended");
        }
        let grant = self.store.find_grant_by_id(&family.grant_id).await?;
        let Some(grant) = grant.filter(|grant| grant.revoked_at.is_none()) else {
            return refuse("its grant was taken back");
        };
        let session = self.store.find_session(&family.session_id).await?;
        if !family.is_offline && !session.as_ref().is_some_and(|session| goes_on(session, now)) {
            return refuse("its session has ended");
        }
        let user = self.store.find_user_record(&Arc::from(family.user_id.as_str())).await?;
        match user {
            Some(user) if user.is_enabled && app.admits(&user.person) => {
                Ok(Footing { user, session, resources: Scopes::trusted(&grant.resources) })
            }
            Some(_) => refuse("the person may not use the app any more"),
            None => refuse("the person is gone"),
        }
    }

    fn refresh_row(&self, now: i64, slip: &Slip, family_id: &str) -> Result<refresh_row::Model, Refusal> {
        let peppers = self.peppers.load();
        let pepper = peppers.newest().ok_or(Refusal::Unavailable("there is no pepper"))?;
        Ok(refresh_row::Model {
            id: slip.id().to_string(),
            secret_hash: slip.hash().to_vec(),
            family_id: family_id.to_owned(),
            pepper_id: pepper.id(),
            created_at: now,
            spent_at: None,
            successor_id: None,
        })
    }
}

/// Whether a session goes on, used or not.
pub(super) const fn goes_on(session: &session_row::Model, now: i64) -> bool {
    session.ended_at.is_none() && session.expires_at > now
}

pub(super) fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}
