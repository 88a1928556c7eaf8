//! What we insist on in an ID token, beyond form, key and signature (`OpenID` Connect Core 3.1.3.7).
//!
//! In:    claims that a key of the provider vouches for; what this login is about; the time.
//! Out:   the same claims, believed, or which rule failed.
//! Never: asks the time or the network; looks at what a rule does not name.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_verifier::{Algorithm, Audience, Jws, NumericDate, strict_json};
use ring::digest;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::IdTokenFault;
use crate::limit;

/// What an ID token says.
pub type Claims = Map<String, Value>;

/// What this login is about.
#[expect(missing_debug_implementations, reason = "it holds a token")]
pub struct Expected<'a> {
    /// Who was asked.
    pub issuer: &'a str,
    /// Who asked.
    pub client_id: &'a str,
    /// What ties the ID token to the login.
    pub nonce: &'a str,
    /// How long ago, in seconds, the person may have signed in.
    pub max_age: Option<i64>,
    /// What came beside it.
    pub access_token: &'a str,
    /// In seconds since 1970.
    pub now: i64,
}

/// Holds an ID token against every rule.
pub fn check(jws: &Jws, expected: &Expected<'_>) -> Result<Claims, IdTokenFault> {
    let claims: Claims = strict_json::object(&jws.payload).map_err(|_| IdTokenFault::Claim("sub"))?;
    if required::<String>(&claims, "iss")? != expected.issuer {
        return Err(IdTokenFault::Issuer);
    }
    check_audience(&claims, expected.client_id)?;
    if required::<String>(&claims, "nonce")? != expected.nonce {
        return Err(IdTokenFault::Nonce);
    }
    check_times(&claims, expected.now, expected.max_age)?;
    if let Some(hash) = optional::<String>(&claims, "at_hash")?
        && hash != half_hash(jws.algorithm, expected.access_token)
    {
        return Err(IdTokenFault::AccessTokenHash);
    }
    if !required::<String>(&claims, "sub").is_ok_and(|subject| is_subject(&subject)) {
        return Err(IdTokenFault::Claim("sub"));
    }
    Ok(claims)
}

/// Text of 1 to 255 characters; one that no database or log would carry names nobody.
pub(super) fn is_subject(subject: &str) -> bool {
    (1..=limit::SUBJECT_MAX).contains(&subject.chars().count()) && !subject.chars().any(char::is_control)
}

pub(super) fn check_audience(claims: &Claims, client_id: &str) -> Result<(), IdTokenFault> {
    let audience = required::<Audience>(claims, "aud")?;
    if !audience.has(client_id) {
        return Err(IdTokenFault::Audience);
    }
    let has_others = audience.iter().any(|member| member != client_id);
    match optional::<String>(claims, "azp")? {
        Some(party) if party != client_id => Err(IdTokenFault::AuthorizedParty),
        None if has_others => Err(IdTokenFault::AuthorizedParty),
        _ => Ok(()),
    }
}

pub(super) fn check_times(claims: &Claims, now: i64, max_age: Option<i64>) -> Result<(), IdTokenFault> {
    let now = NumericDate::from_seconds(now).as_f64();
    let skew = limit::UPSTREAM_SKEW.as_secs_f64();
    let (exp, iat) = (moment(claims, "exp")?, moment(claims, "iat")?);
    let (exp, iat) = (exp.ok_or(IdTokenFault::Claim("exp"))?, iat.ok_or(IdTokenFault::Claim("iat"))?);
    if now >= exp + skew {
        return Err(IdTokenFault::Expired);
    }
    if iat > now + skew || moment(claims, "nbf")?.is_some_and(|nbf| nbf > now + skew) {
        return Err(IdTokenFault::FromTheFuture);
    }
    if now - iat > limit::ID_TOKEN_AGE.as_secs_f64() {
        return Err(IdTokenFault::TooOld);
    }
    // Who does not say when the person signed in has not said anything wrong; `Identity::auth_time` is then absent.
    if let (Some(auth_time), Some(max_age)) = (moment(claims, "auth_time")?, max_age) {
        let oldest = now - NumericDate::from_seconds(max_age).as_f64() - skew;
        if auth_time < oldest || auth_time > now + skew {
            return Err(IdTokenFault::AuthTime);
        }
    }
    Ok(())
}

/// The left half of the access token's hash, by the hash of the signature's algorithm (`OpenID` Connect Core 3.1.3.6).
pub(super) fn half_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 => &digest::SHA256,
        Algorithm::EdDsa => &digest::SHA512,
    };
    let whole = digest::digest(hash, access_token.as_bytes());
    let half = whole.as_ref().len() / 2;
    URL_SAFE_NO_PAD.encode(&whole.as_ref()[..half])
}

fn moment(claims: &Claims, name: &'static str) -> Result<Option<f64>, IdTokenFault> {
    Ok(optional::<NumericDate>(claims, name)?.map(NumericDate::as_f64))
}

pub(super) fn required<T: DeserializeOwned>(claims: &Claims, name: &'static str) -> Result<T, IdTokenFault> {
    optional(claims, name)?.ok_or(IdTokenFault::Claim(name))
}

/// A claim of the right kind, or none; `null` is of no kind.
pub(super) fn optional<T: DeserializeOwned>(claims: &Claims, name: &'static str) -> Result<Option<T>, IdTokenFault> {
    claims.get(name).map(|value| T::deserialize(value).map_err(|_| IdTokenFault::Claim(name))).transpose()
}

#[cfg(test)]
mod tests;
