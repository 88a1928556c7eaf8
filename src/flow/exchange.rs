//! The exchange: the phases every grant goes through, in this order. A grant fills its hook and can't forget the rest.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_verifier::{Audience, Claims, NumericDate, Profile};
use ring::rand::{SecureRandom, SystemRandom};

use super::target::Target;
use super::{Authenticated, Caller, Flows, Form, Refusal, grant};
use crate::limit;
use crate::policy::lifetime;
use crate::policy::scope::Scopes;

/// A request at the token endpoint.
#[derive(Debug)]
pub struct TokenRequest {
    /// What was shown.
    pub caller: Caller,
    /// What was asked.
    pub form: Form,
    /// The client's address, if it can be told.
    pub from: Option<IpAddr>,
}

/// A token, made.
pub struct Issued {
    /// The compact JWS.
    pub access_token: String,
    /// Seconds from now until it expires.
    pub expires_in: i64,
    /// What it may do.
    pub scope: Scopes,
    /// How it looks.
    pub profile: Profile,
}

impl Flows {
    /// Trades what the caller holds for a token.
    pub async fn exchange(&self, request: &TokenRequest) -> Result<Issued, Refusal> {
        let now = self.clock.now();
        let caller = self.authenticate(&request.caller, request.from, now).await?;
        self.rates.admit(&caller.key, self.clock.now_millis())?;
        let grant = grant::find(&request.form)?;
        let granted = (grant.take)(self, &caller, &request.form).await?;
        let target = Target::find(&request.form, &caller)?;
        let scope = target.narrow(request.form.one("scope"), &granted.scopes)?;
        let key_end = caller.key.expires_at;
        let end =
            lifetime::token_end(now, target.lifetime, key_end).ok_or(Refusal::Internal("an expired key is good"))?;
        let claims = self.claims(&caller, &granted.subject, &target, &scope, now, end)?;
        let access_token = self
            .ring()
            .sign(target.profile, &claims)
            .ok_or(Refusal::Unavailable("no key of this kind signs yet"))?
            .map_err(|_| Refusal::Internal("signing failed"))?;
        self.uses.count(caller.key.id, now, request.from);
        Ok(Issued { access_token, expires_in: end - now, scope, profile: target.profile })
    }

    fn claims(
        &self,
        caller: &Authenticated,
        subject: &Arc<str>,
        target: &Target<'_>,
        scope: &Scopes,
        now: i64,
        end: i64,
    ) -> Result<Claims, Refusal> {
        let begin = now.saturating_sub_unsigned(limit::BACKDATE.as_secs());
        let scope = Some(scope.as_str()).filter(|scope| !scope.is_empty()).map(str::parse).transpose();
        let scope = scope.map_err(|_| Refusal::Internal("a stored scope is malformed"))?;
        Ok(Claims {
            iss: self.issuer.to_string(),
            sub: subject.to_string(),
            aud: target.resources.iter().map(|resource| &*resource.identifier).collect::<Audience>(),
            exp: NumericDate::from_seconds(end),
            iat: NumericDate::from_seconds(begin),
            nbf: Some(NumericDate::from_seconds(begin)),
            jti: new_jti()?,
            client_id: caller.key.client_id.to_string(),
            scope,
            key_id: Some(caller.key.id.to_string()),
            env: Some(caller.key.environment.as_str().to_owned()),
            ..Claims::default()
        })
    }
}

/// Without the token.
impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issued({}, {} s, {})", self.profile, self.expires_in, self.scope)
    }
}

/// 128 random bits: no two tokens have the same.
fn new_jti() -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Refusal::Internal("no random bytes"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    #[test]
    fn a_million_tokens_have_a_million_names() {
        let names: HashSet<String> = (0..1_000_000).map(|_| super::new_jti().unwrap()).collect();

        assert_eq!(names.len(), 1_000_000);
    }
}
