//! The answer to a request that is whole: a code, and what it rests on.

use super::{AuthorizeRequest, Authorized, Halt, NextStep, NotAuthorized};
use crate::credential::{Slip, SlipKind, random_text};
use crate::flow::spend::seconds;
use crate::flow::{Flows, Refusal, SignedInBrowser};
use crate::limit;
use crate::policy::identity_scope::OFFLINE_ACCESS;
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, code_row, family_row, grant_row};

impl Flows {
    /// The answer that the app wants: a code, for what was asked, bound to where it is sent and to the challenge. It
    /// rests on `grant`, or on what the person allows by this.
    pub(super) async fn answer(
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
        Ok(NextStep::Answer(Authorized { way: request.way(), code: slip.reveal(&self.prefix).into() }))
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
            resources: request.meant(app).iter().map(|resource| &*resource.identifier).collect::<Vec<_>>().join(" "),
            created_at: now,
            last_used_at: now,
            revoked_at: None,
        };
        Ok(self.store.allow(grant).await?.id)
    }
}
