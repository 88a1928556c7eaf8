//! What an app is told of a person: in ID tokens and at the userinfo endpoint (OpenID Connect Core section 5).

use serde_json::{Map, Value};

use super::authorize::ClaimsWish;
use super::grant::SignedIn;
use super::spend::seconds;
use super::{Flows, Refusal};
use crate::limit;
use crate::policy::person::{Claim, Person};
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, UserRecord};
use crate::token::{IdClaims, at_hash};

/// The claims of `person` for which a scope was granted, or that were asked for by name.
pub(super) fn told(person: &Person, scopes: &Scopes, by_name: &[String]) -> Map<String, Value> {
    let may_see = |claim: Claim| scopes.has(claim.scope()) || by_name.iter().any(|name| name == claim.as_str());
    let seen = person.seen(may_see);
    let mut told = Map::new();
    let mut tell = |claim: Claim, value: Option<Value>| {
        if let Some(value) = value {
            told.insert(claim.as_str().to_owned(), value);
        }
    };
    tell(Claim::Name, seen.name.map(Value::from));
    tell(Claim::PreferredUsername, seen.preferred_username.map(Value::from));
    tell(Claim::Email, seen.email.map(Value::from));
    tell(Claim::EmailVerified, person.said_email_verified(may_see(Claim::EmailVerified)).map(Value::from));
    tell(Claim::Groups, Some(seen.groups).filter(|groups| !groups.is_empty()).map(Value::from));
    tell(Claim::Roles, Some(seen.roles).filter(|roles| !roles.is_empty()).map(Value::from));
    told
}

impl Flows {
    /// The ID token beside an access token.
    pub(super) fn id_token(
        &self,
        app: &AppRecord,
        signed_in: &SignedIn,
        user: &UserRecord,
        scopes: &Scopes,
        access_token: &str,
        now: i64,
    ) -> Result<String, Refusal> {
        let SignedIn { family, session, spend, .. } = signed_in;
        let wish = ClaimsWish::trusted(&family.claims);
        let algorithm = app.id_token_algorithm;
        let claims = IdClaims {
            iss: &self.issuer,
            sub: &user.id,
            aud: &app.client_id,
            exp: now + seconds(limit::ID_TOKEN_LIFETIME),
            iat: now,
            auth_time: family.auth_time,
            // One that comes of a refresh answers no request (OpenID Connect Core section 12.2).
            nonce: family.nonce.as_deref().filter(|_| spend.is_code()),
            acr: session.as_ref().and_then(|session| session.acr.as_deref()),
            amr: session.iter().flat_map(|session| session.amr.split(' ')).filter(|word| !word.is_empty()).collect(),
            at_hash: at_hash(algorithm, access_token),
            sid: &family.session_id,
            person: told(&user.person, scopes, &wish.id_token),
        };
        self.ring()
            .sign_id_token(algorithm, &claims)
            .ok_or(Refusal::Unavailable("no key signs ID tokens yet"))?
            .map_err(|_| Refusal::Internal("signing failed"))
    }
}
