//! What we insist on in a logout token, beyond form, key and signature (OpenID Connect Back-Channel Logout 1.0, 2.4 and
//! 2.6).
//!
//! In:    claims that a key of the provider vouches for; who we are there; the time.
//! Out:   whose sign-in, or which session there, has ended; or which rule failed.
//! Never: ends anything; remembers which tokens there were.

use hallpass_verifier::{Jws, NumericDate, strict_json};
use serde_json::{Map, Value};

use super::IdTokenFault;
use super::id_token::{Claims, check_audience, check_times, is_subject, optional, required};

/// The one event that a logout token tells of.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A provider says that somebody has signed out there.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutToken {
    /// Who: everywhere, if no session is named.
    pub subject: Option<String>,
    /// In which session there.
    pub sid: Option<String>,
    /// Its own name: no two have the same.
    pub jti: String,
    /// Until when it counts, in seconds since 1970.
    pub expires_at: i64,
}

/// Holds a logout token against every rule.
pub(super) fn check(jws: &Jws, issuer: &str, client_id: &str, now: i64) -> Result<LogoutToken, IdTokenFault> {
    // Many providers write `JWT` or nothing. What says that it is something else is.
    let is_typed = |typ: &str| ["logout+jwt", "application/logout+jwt", "jwt"].contains(&&*typ.to_ascii_lowercase());
    if !jws.typ.as_deref().is_none_or(is_typed) {
        return Err(IdTokenFault::Claim("typ"));
    }
    let claims: Claims = strict_json::object(&jws.payload).map_err(|_| IdTokenFault::Claim("events"))?;
    if required::<String>(&claims, "iss")? != issuer {
        return Err(IdTokenFault::Issuer);
    }
    check_audience(&claims, client_id)?;
    check_times(&claims, now, None)?;
    let events: Map<String, Value> = required(&claims, "events")?;
    if !events.get(EVENT).is_some_and(Value::is_object) {
        return Err(IdTokenFault::Claim("events"));
    }
    // So that no ID token can be shown as one.
    if claims.contains_key("nonce") {
        return Err(IdTokenFault::Nonce);
    }
    let named = |name| match optional::<String>(&claims, name)? {
        Some(text) if !is_subject(&text) => Err(IdTokenFault::Claim(name)),
        named => Ok(named),
    };
    let (subject, sid) = (named("sub")?, named("sid")?);
    if subject.is_none() && sid.is_none() {
        return Err(IdTokenFault::Claim("sub"));
    }
    let jti = named("jti")?.ok_or(IdTokenFault::Claim("jti"))?;
    let expires_at = required::<NumericDate>(&claims, "exp")?.as_seconds();
    Ok(LogoutToken { subject, sid, jti, expires_at })
}

/// Without what it names.
impl std::fmt::Debug for LogoutToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogoutToken").finish_non_exhaustive()
    }
}
