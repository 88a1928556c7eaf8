//! Revocation (RFC 7009): an app takes back what is its own; to everything else nothing happens, and nothing is said.

use super::{Authenticated, Flows, Refusal, TokenRequest};
use crate::credential::{ApiKey, Slip, SlipKind};
use crate::store::StoreError;

impl Flows {
    /// Takes back a refresh token with its family, an access token, or an API key of the app.
    pub async fn revoke(&self, request: &TokenRequest) -> Result<(), Refusal> {
        let now = self.clock.now();
        let caller = self.authenticate(&request.caller, request.from, now).await?;
        let token = request.form.one("token").ok_or(Refusal::Missing("token"))?;
        if let Ok(slip) = Slip::parse(&self.prefix, SlipKind::Refresh, token) {
            self.revoke_refresh_token(&caller, &slip, now).await
        } else if let Ok(key) = ApiKey::parse(&self.prefix, token) {
            self.revoke_shown_key(&caller, &key, now).await
        } else {
            self.revoke_access_token(&caller, token).await
        }
    }

    async fn revoke_refresh_token(&self, caller: &Authenticated, slip: &Slip, now: i64) -> Result<(), Refusal> {
        let found = self.store.find_refresh_token(slip.id().as_str()).await?;
        let own = found.filter(|(token, family)| {
            caller.is_app() && slip.matches(&token.secret_hash) && *family.client_id == *caller.app.client_id
        });
        if let Some((_, family)) = own {
            self.store.revoke_family(now, &family.id, "the app took it back").await?;
        }
        Ok(())
    }

    async fn revoke_access_token(&self, caller: &Authenticated, token: &str) -> Result<(), Refusal> {
        match self.read_access_token(token).await {
            Ok(live) => {
                let speaks_for = caller.owner.as_ref().map_or(&caller.app.client_id, |owner| &owner.id);
                let is_own = live.claims.client_id == *caller.app.client_id
                    && (caller.is_app() || live.claims.sub == **speaks_for);
                if is_own {
                    self.store.insert_revoked_token(&live.claims.jti, live.claims.exp.as_seconds()).await?;
                }
                Ok(())
            }
            Err(Refusal::BadToken(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Who can show a key has it: whoever that is, the key is not safe with them any more, or it is theirs.
    async fn revoke_shown_key(&self, caller: &Authenticated, shown: &ApiKey, now: i64) -> Result<(), Refusal> {
        let Some(key) = self.store.find_key_record(shown.id()).await? else { return Ok(()) };
        let peppers = self.peppers_with(key.terms.pepper_id).await?;
        let pepper = peppers.find(key.terms.pepper_id).ok_or(Refusal::Unavailable("a key's pepper is missing"))?;
        let is_own = pepper.matches(shown, &key.secret_hash)
            && key.terms.environment == shown.environment()
            && key.terms.client_id == caller.app.client_id;
        if !is_own {
            return Ok(());
        }
        match self.store.mark_key_revoked(now, shown.id().as_str(), "revoked by its app", &caller.app.client_id).await {
            Ok(()) | Err(StoreError::Gone) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
