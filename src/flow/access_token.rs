//! Access tokens that come back to us: at the userinfo endpoint, to be looked at, to be taken back.

use std::sync::Arc;

use hallpass_verifier::Claims;
use serde_json::{Map, Value};

use super::authorize::ClaimsWish;
use super::told::told;
use super::{Flows, Refusal};
use crate::policy::identity_scope::OPENID;
use crate::policy::scope::Scopes;
use crate::policy::standing::Standing;
use crate::store::{UserRecord, family_row};

/// An ID token of ours, old or new, shown as a hint.
#[derive(Clone, Debug)]
pub(super) struct Hint {
    /// The person.
    pub sub: String,
    /// The app it was for.
    pub client_id: String,
    /// The session.
    pub sid: Option<String>,
}

/// An access token that is good, and what it rests on.
#[derive(Debug)]
pub struct LiveToken {
    /// What it says.
    pub claims: Claims,
    /// The sign-in, when it rests on one.
    pub family: Option<family_row::Model>,
    /// The person, when it speaks for one.
    pub user: Option<Arc<UserRecord>>,
}

impl Flows {
    /// What the app behind an access token may know of the person (OpenID Connect Core section 5.3).
    pub async fn userinfo(&self, token: &str) -> Result<Map<String, Value>, Refusal> {
        let live = self.read_access_token(token).await?;
        let scopes = live.claims.scope.as_ref().map(|scope| Scopes::trusted(scope.as_ref())).unwrap_or_default();
        let user = live.user.ok_or(Refusal::ScopeMissing(OPENID))?;
        if !scopes.has(OPENID) {
            return Err(Refusal::ScopeMissing(OPENID));
        }
        let wish = live.family.map(|family| ClaimsWish::trusted(&family.claims)).unwrap_or_default();
        let mut answer = Map::from_iter([("sub".to_owned(), Value::from(&*user.id))]);
        answer.extend(told(&user.person, &scopes, &wish.userinfo));
        Ok(answer)
    }

    /// Reads an access token of ours and looks at everything it rests on; it is good now, or it is refused.
    pub async fn read_access_token(&self, token: &str) -> Result<LiveToken, Refusal> {
        let bad = Refusal::BadToken;
        self.find_key_of(token).await?;
        let (typ, payload) = self.ring().read(token).ok_or(bad("not signed by us"))?;
        let claims: Claims = serde_json::from_value(payload).map_err(|_| bad("not an access token"))?;
        if !matches!(typ.as_str(), "at+jwt" | "JWT") || claims.iss != *self.issuer || claims.client_id.is_empty() {
            return Err(bad("not an access token"));
        }
        let now = self.clock.now();
        let begins = claims.nbf.map_or(0, hallpass_verifier::NumericDate::as_seconds);
        if claims.exp.as_seconds() <= now || begins > now {
            return Err(bad("expired, or not valid yet"));
        }
        if self.store.is_token_revoked(&claims.jti).await? {
            return Err(bad("taken back"));
        }
        let app = self.find_app_of(&Arc::from(claims.client_id.as_str())).await?;
        let app = app.filter(|app| app.is_enabled).ok_or(bad("its app is gone or disabled"))?;
        if let Some(key_id) = &claims.key_id {
            let key_id = key_id.parse().map_err(|_| bad("its key is malformed"))?;
            let key = self.store.find_key_record(key_id).await?.ok_or(bad("its key is gone"))?;
            // A family rests on the person and the app, whichever of the app's keys fetched it.
            let rests_on_key = claims.sid.is_none();
            if rests_on_key && !matches!(key.standing(now), Standing::Good) {
                return Err(bad("its key is not good any more"));
            }
            if rests_on_key && key.owner_id.is_some() && !app.allows_personal_keys {
                return Err(bad("its app takes no personal keys any more"));
            }
        }
        let family = match claims.jti.split_once('.') {
            None => None,
            Some((family_id, _)) => Some(self.store.find_family(family_id).await?.ok_or(bad("its family is gone"))?),
        };
        let user = if claims.sub == claims.client_id {
            None
        } else {
            let user = self.store.find_user_record(&Arc::from(claims.sub.as_str())).await?;
            let user = user.filter(|user| user.is_enabled && app.admits(&user.person));
            Some(user.ok_or(bad("the person is gone or disabled"))?)
        };
        if let Some(family) = &family {
            self.footing(family, &app, now).await.map_err(|refusal| match refusal {
                Refusal::BadGrant(reason) => bad(reason),
                other => other,
            })?;
        }
        Ok(LiveToken { claims, family, user })
    }

    /// Reads an ID token of ours that comes back as a hint: it may have expired, and it signs nobody in.
    pub(super) fn read_hint(&self, token: &str) -> Option<Hint> {
        let (typ, payload) = self.ring().read(token)?;
        let text = |name: &str| payload[name].as_str().map(str::to_owned);
        // An access token of the `compat` profile has the same type, and a `client_id`.
        let is_id_token = typ == "JWT" && payload.get("client_id").is_none() && text("iss")? == *self.issuer;
        is_id_token.then_some(())?;
        Some(Hint { sub: text("sub")?, client_id: text("aud")?, sid: text("sid") })
    }
}
