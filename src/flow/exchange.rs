//! The exchange: the phases every grant goes through, in this order. A grant fills its hook and can't forget the rest.

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_verifier::{Audience, Claims, NumericDate, Profile};
use ring::rand::{SecureRandom, SystemRandom};

use super::grant::{Granted, SignedIn};
use super::target::{self, Target};
use super::{Authenticated, Caller, Flows, Form, Refusal, grant};
use crate::limit;
use crate::policy::identity_scope::OPENID;
use crate::policy::lifetime;
use crate::policy::person::Claim;
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

/// Tokens, made.
pub struct Issued {
    /// The compact JWS.
    pub access_token: String,
    /// Seconds from now until it expires.
    pub expires_in: i64,
    /// What it may do.
    pub scope: Scopes,
    /// How it looks.
    pub profile: Profile,
    /// What buys the next one.
    pub refresh_token: Option<String>,
    /// Who signed in, as a compact JWS.
    pub id_token: Option<String>,
}

impl Flows {
    /// Trades what the caller holds for a token.
    pub async fn exchange(&self, request: &TokenRequest) -> Result<Issued, Refusal> {
        let now = self.clock.now();
        let caller = self.authenticate(&request.caller, request.from, now).await?;
        if let Some((key, rate)) = caller.key.as_ref().and_then(|key| Some((key, key.terms.rate?))) {
            self.rates.admit(key.id, rate, self.clock.now_millis())?;
        }
        let grant = grant::find(&request.form, &caller)?;
        let granted = (grant.take)(self, &caller, &request.form).await?;
        let target = find_target(&request.form, &caller, &granted)?;
        let scope = narrow(&request.form, &caller, &granted, &target)?;
        let key_end = caller.key.as_ref().and_then(|key| key.expires_at);
        let own_end = granted.signed_in.as_deref().map(SignedIn::ends_at);
        let end = lifetime::token_end(now, target.lifetime, key_end.into_iter().chain(own_end).min())
            .ok_or(Refusal::Internal("a token would be for what has ended"))?;
        let claims = self.claims(&caller, &granted, &target, &scope, now, end)?;
        let told = match (&granted.signed_in, &granted.person) {
            (Some(signed_in), Some(person)) if scope.has(OPENID) => Some((signed_in, person)),
            _ => None,
        };
        // Before anything is spent.
        self.find_signer(target.profile.algorithm()).await?;
        if told.is_some() {
            self.find_signer(caller.app.id_token_algorithm).await?;
        }
        let refresh_token = match &granted.signed_in {
            None => None,
            Some(signed_in) => self.spend(now, &caller.app, &signed_in.family, &signed_in.spend).await?,
        };
        let access_token = self
            .ring()
            .sign(target.profile, &claims)
            .ok_or(Refusal::Unavailable("no key of this kind signs yet"))?
            .map_err(|_| Refusal::Internal("signing failed"))?;
        let id_token =
            told.map(|(signed_in, person)| self.id_token(&caller.app, signed_in, person, &scope, &access_token, now));
        let id_token = id_token.transpose()?;
        if let Some(key) = &caller.key {
            self.uses.count(key.id, now, request.from);
        }
        Ok(Issued {
            access_token,
            expires_in: end - now,
            scope,
            profile: target.profile,
            refresh_token: refresh_token.map(|slip| slip.reveal(&self.prefix)),
            id_token,
        })
    }

    fn claims(
        &self,
        caller: &Authenticated,
        granted: &Granted,
        target: &Target<'_>,
        scope: &Scopes,
        now: i64,
        end: i64,
    ) -> Result<Claims, Refusal> {
        let begin = now.saturating_sub_unsigned(limit::BACKDATE.as_secs());
        let scope = Some(scope.as_str()).filter(|scope| !scope.is_empty()).map(str::parse).transpose();
        let scope = scope.map_err(|_| Refusal::Internal("a stored scope is malformed"))?;
        let mut claims = Claims {
            iss: self.issuer.to_string(),
            sub: granted.person.as_ref().map_or(&caller.app.client_id, |person| &person.id).to_string(),
            aud: target.resources.iter().map(|resource| &*resource.identifier).collect::<Audience>(),
            exp: NumericDate::from_seconds(end),
            iat: NumericDate::from_seconds(begin),
            nbf: Some(NumericDate::from_seconds(begin)),
            jti: new_jti()?,
            client_id: caller.app.client_id.to_string(),
            scope,
            key_id: caller.key.as_ref().map(|key| key.id.to_string()),
            env: caller.key.as_ref().map(|key| key.terms.environment.as_str().to_owned()),
            ..Claims::default()
        };
        if target.resources.is_empty() {
            claims.aud = Audience::one(&*self.issuer);
        }
        if let Some(SignedIn { family, .. }) = granted.signed_in.as_deref() {
            // What was minted from a family is told by its name, and dies with it.
            claims.jti = format!("{}.{}", family.id, claims.jti);
            claims.auth_time = Some(NumericDate::from_seconds(family.auth_time));
            claims.sid = Some(family.session_id.clone());
        }
        if let Some(user) = &granted.person {
            let seen = user.person.seen(|claim| target.may_see(claim));
            claims.email_verified = user.person.said_email_verified(target.may_see(Claim::EmailVerified));
            claims.email = seen.email;
            claims.name = seen.name;
            claims.preferred_username = seen.preferred_username;
            claims.groups = Some(seen.groups).filter(|groups| !groups.is_empty());
            claims.roles = Some(seen.roles).filter(|roles| !roles.is_empty());
        }
        Ok(claims)
    }
}

/// What the token is for: of a key's resources, or of those that the person was asked for.
fn find_target<'a>(form: &Form, caller: &'a Authenticated, granted: &Granted) -> Result<Target<'a>, Refusal> {
    let is_asked = form.many("resource").chain(form.many("audience")).next().is_some();
    let Some(signed_in) = &granted.signed_in else {
        let key = caller.key.as_ref().ok_or(Refusal::NoCredential)?;
        return Target::find(form, &caller.app, &key.terms.resources);
    };
    let asked_before = Scopes::trusted(&signed_in.family.resources);
    if !asked_before.is_empty() {
        let allowed: Vec<Box<str>> = asked_before.iter().map(Box::from).collect();
        return if is_asked {
            Target::find(form, &caller.app, &allowed)
        } else {
            Target::of(&caller.app, asked_before.iter())
        };
    }
    // Those that stood on the page. What the app was given since did not.
    let meant = target::meant(&caller.app, &asked_before, &granted.scopes);
    let meant = meant.into_iter().filter(|resource| signed_in.resources.has(&resource.identifier));
    let meant: Vec<Box<str>> = meant.map(|resource| resource.identifier.clone()).collect();
    match Target::find(form, &caller.app, &meant) {
        // Nothing was asked and nothing is meant: the person alone.
        Err(Refusal::NoTarget(_)) if !is_asked && granted.scopes.has(OPENID) => Ok(Target::userinfo()),
        outcome => outcome,
    }
}

/// The scopes of the token. A code has those of its request, and what stands beside it does not matter.
fn narrow(form: &Form, caller: &Authenticated, granted: &Granted, target: &Target<'_>) -> Result<Scopes, Refusal> {
    let is_code = form.one("grant_type") == Some(grant::AUTHORIZATION_CODE);
    let asked = form.one("scope").filter(|_| !is_code);
    let held = if granted.signed_in.is_some() {
        // What the app lost since, the grant has lost too.
        let is_held = |name: &str| caller.app.scopes.has(name) || crate::policy::identity_scope::is_one(name);
        granted.scopes.filtered(is_held)
    } else {
        granted.scopes.clone()
    };
    target.narrow(asked, &held)
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
