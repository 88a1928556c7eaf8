//! Introspection (RFC 7662): whether something is good now, for who may know.

use serde_json::{Value, json};

use super::spend::Footing;
use super::{Authenticated, Flows, Refusal, TokenRequest};
use crate::credential::{ApiKey, Slip, SlipKind};
use crate::policy::standing::Standing;

impl Flows {
    /// What `token` is good for: an access token, a refresh token or an API key. To who may not know, as to who shows
    /// something that is not good, it is not active.
    pub async fn introspect(&self, request: &TokenRequest) -> Result<Value, Refusal> {
        let now = self.clock.now();
        let caller = self.authenticate(&request.caller, request.from, now).await?;
        if caller.key.is_none() || !caller.is_app() {
            return Err(Refusal::NoCredential);
        }
        let token = request.form.one("token").ok_or(Refusal::Missing("token"))?;
        let inactive = json!({ "active": false });
        let found = if let Ok(slip) = Slip::parse(&self.prefix, SlipKind::Refresh, token) {
            self.introspect_refresh_token(&caller, &slip, now).await?
        } else if let Ok(key) = ApiKey::parse(&self.prefix, token) {
            self.introspect_key(&caller, &key, now).await?
        } else {
            self.introspect_access_token(&caller, token).await?
        };
        Ok(found.unwrap_or(inactive))
    }

    async fn introspect_access_token(&self, caller: &Authenticated, token: &str) -> Result<Option<Value>, Refusal> {
        let claims = match self.read_access_token(token).await {
            Ok(live) => live.claims,
            Err(Refusal::BadToken(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let is_for = |name: &str| claims.aud.has(name);
        let may_know = claims.client_id == *caller.app.client_id
            || caller.app.resources.iter().any(|resource| is_for(&resource.identifier));
        if !may_know {
            return Ok(None);
        }
        let mut answer = json!({ "active": true, "token_type": "Bearer" });
        let claims = serde_json::to_value(&claims).map_err(|_| Refusal::Internal("claims are no JSON"))?;
        if let (Some(answer), Value::Object(claims)) = (answer.as_object_mut(), claims) {
            answer.extend(claims);
        }
        Ok(Some(answer))
    }

    async fn introspect_refresh_token(
        &self,
        caller: &Authenticated,
        slip: &Slip,
        now: i64,
    ) -> Result<Option<Value>, Refusal> {
        let found = self.store.find_refresh_token(slip.id().as_str()).await?;
        let found = found.filter(|(token, family)| {
            slip.matches(&token.secret_hash) && token.spent_at.is_none() && *family.client_id == *caller.app.client_id
        });
        let Some((token, family)) = found else { return Ok(None) };
        match self.footing(&family, &caller.app, now).await {
            Ok(Footing { user, .. }) => Ok(Some(json!({
                "active": true,
                "scope": family.scopes,
                "client_id": family.client_id,
                "sub": &*user.id,
                "iss": &*self.issuer,
                "iat": token.created_at,
                "exp": family.expires_at,
            }))),
            Err(Refusal::BadGrant(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn introspect_key(&self, caller: &Authenticated, shown: &ApiKey, now: i64) -> Result<Option<Value>, Refusal> {
        let Some(key) = self.store.find_key_record(shown.id()).await? else { return Ok(None) };
        let peppers = self.peppers_with(key.terms.pepper_id).await?;
        let pepper = peppers.find(key.terms.pepper_id).ok_or(Refusal::Unavailable("a key's pepper is missing"))?;
        let is_good = pepper.matches(shown, &key.secret_hash)
            && key.terms.environment == shown.environment()
            && matches!(key.standing(now), Standing::Good)
            && key.terms.client_id == caller.app.client_id;
        if !is_good {
            return Ok(None);
        }
        let owner = match &key.owner_id {
            None => None,
            Some(owner_id) => {
                let owner = self.store.find_user_record(owner_id).await?;
                match owner.filter(|owner| owner.is_enabled && caller.app.admits(&owner.person)) {
                    Some(owner) if caller.app.allows_personal_keys => Some(owner),
                    _ => return Ok(None),
                }
            }
        };
        let scopes = key.terms.scopes.filtered(|name| caller.app.scopes.has(name));
        let mut answer = json!({
            "active": true,
            "scope": scopes.as_str(),
            "client_id": &*key.terms.client_id,
            "sub": owner.as_ref().map_or(&key.terms.client_id, |owner| &owner.id).as_ref(),
            "iss": &*self.issuer,
            "key_id": key.id.as_str(),
            "env": key.terms.environment.as_str(),
        });
        if let Some(expires_at) = key.expires_at {
            answer["exp"] = expires_at.into();
        }
        Ok(Some(answer))
    }
}
