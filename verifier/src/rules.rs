//! What a verifier insists on, beyond form and signature. The numbers can be set, the rules can't.
//!
//! In:    a header; a payload that its key vouches for; the time.
//! Out:   `Claims`, or which rule failed.
//! Never: asks the time or the network.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::claims::{Actor, Audience, Claims, NumericDate, Scope, Status};
use crate::error::{Error, Part};
use crate::limits::Limits;
use crate::unverified::{Unverified, is_name, strictly};
use crate::{Algorithm, Profile};

/// Up to this far off, a wrong clock explains a wrong time better than a wrong token does.
const CLOCK_TROUBLE: f64 = 600.0;

/// The longest address of a status list.
const MAX_STATUS_URI: usize = 512;

/// One service's side of the contract.
#[derive(Debug)]
pub(crate) struct Rules {
    issuer: String,
    /// The issuer's origin and a slash: what every address of its own begins with.
    origin: String,
    audiences: Vec<String>,
    profile: Profile,
    skew: f64,
    max_lifetime: f64,
}

impl Rules {
    pub(crate) fn new(issuer: String, audiences: Vec<String>, profile: Profile, limits: &Limits) -> Self {
        let authority = issuer.find("://").map_or(0, |scheme| scheme + 3);
        let end = issuer[authority..].find('/').map_or(issuer.len(), |path| authority + path);
        Self {
            origin: format!("{}/", &issuer[..end]),
            issuer,
            audiences,
            profile,
            skew: limits.skew.as_secs_f64(),
            max_lifetime: limits.max_lifetime.as_secs_f64(),
        }
    }

    /// Whose tokens these rules are for.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// RFC 9068 4: the type says that this is an access token. `JWT` says nothing, so the service has to ask for it.
    pub(crate) fn check_type(&self, token: &Unverified<'_>) -> Result<(), Error> {
        let typ = token.typ().ok_or(Error::TokenType)?;
        let is_access_token = typ.eq_ignore_ascii_case("at+jwt") || typ.eq_ignore_ascii_case("application/at+jwt");
        let is_compat =
            self.profile == Profile::Compat && token.algorithm() == Algorithm::Rs256 && typ == Profile::Compat.typ();
        if is_access_token || is_compat { Ok(()) } else { Err(Error::TokenType) }
    }

    /// Reads the claims and holds them against every rule; `now` in seconds since 1970.
    pub(crate) fn check_claims(&self, payload: &[u8], now: f64) -> Result<Claims, Error> {
        let claims: Claims =
            strictly(payload, Part::Payload).map_err(|error| what_is_wrong(payload).unwrap_or(error))?;

        if claims.cnf.is_some() {
            return Err(Error::Bound);
        }
        if claims.iss != self.issuer {
            return Err(Error::Issuer);
        }
        for (name, value) in [("sub", &claims.sub), ("jti", &claims.jti), ("client_id", &claims.client_id)] {
            if !is_name(value) {
                return Err(Error::MalformedClaim(name));
            }
        }
        if !self.audiences.iter().any(|ours| claims.aud.has(ours)) {
            return Err(Error::Audience);
        }
        self.check_status(claims.status.as_ref())?;
        self.check_times(&claims, now)?;
        Ok(claims)
    }

    /// The list is the issuer's own; an address elsewhere would let a token choose who judges it.
    fn check_status(&self, status: Option<&Status>) -> Result<(), Error> {
        match status {
            None => Ok(()),
            Some(Status { status_list })
                if status_list.uri.starts_with(&self.origin)
                    && status_list.uri.len() <= MAX_STATUS_URI
                    && status_list.uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') =>
            {
                Ok(())
            }
            Some(_) => Err(Error::MalformedClaim("status")),
        }
    }

    /// `exp`, `iat` and `nbf` hold `now`; a cached token comes here again each time it is shown.
    pub(crate) fn check_times(&self, claims: &Claims, now: f64) -> Result<(), Error> {
        let (exp, iat) = (claims.exp.as_f64(), claims.iat.as_f64());
        if now >= exp + self.skew {
            return Err(Error::Expired { maybe_clock: now - exp <= CLOCK_TROUBLE });
        }
        if iat > now + self.skew {
            return Err(Error::IssuedInFuture { maybe_clock: iat - now <= CLOCK_TROUBLE });
        }
        if let Some(nbf) = claims.nbf.map(NumericDate::as_f64)
            && nbf > now + self.skew
        {
            return Err(Error::NotYetValid { maybe_clock: nbf - now <= CLOCK_TROUBLE });
        }
        if exp - iat > self.max_lifetime {
            return Err(Error::LivesTooLong);
        }
        Ok(())
    }
}

/// A claim's name, and whether a value is of its kind.
type Kind = (&'static str, fn(&Value) -> bool);

const REQUIRED: [Kind; 7] = [
    ("iss", is::<String>),
    ("sub", is::<String>),
    ("aud", is::<Audience>),
    ("exp", is::<NumericDate>),
    ("iat", is::<NumericDate>),
    ("jti", is::<String>),
    ("client_id", is::<String>),
];

const OPTIONAL: [Kind; 14] = [
    ("nbf", is::<NumericDate>),
    ("scope", is::<Scope>),
    ("key_id", is::<String>),
    ("env", is::<String>),
    ("status", |value| value.is_object() && is::<Status>(value)),
    ("auth_time", is::<NumericDate>),
    ("sid", is::<String>),
    ("email", is::<String>),
    ("email_verified", is::<bool>),
    ("name", is::<String>),
    ("preferred_username", is::<String>),
    ("groups", is::<Vec<String>>),
    ("roles", is::<Vec<String>>),
    ("act", |value| value.is_object() && is::<Actor>(value)),
];

fn is<T: DeserializeOwned>(value: &Value) -> bool {
    T::deserialize(value).is_ok()
}

/// The slow road, for claims that did not fit their type: which one it was. The parser's own words never leave here.
fn what_is_wrong(payload: &[u8]) -> Option<Error> {
    let claims: Map<String, Value> = strictly(payload, Part::Payload).ok()?;
    if claims.contains_key("cnf") {
        return Some(Error::Bound);
    }
    for (name, is_of_its_kind) in REQUIRED {
        match claims.get(name) {
            None => return Some(Error::MissingClaim(name)),
            Some(value) if !is_of_its_kind(value) => return Some(Error::MalformedClaim(name)),
            Some(_) => {}
        }
    }
    OPTIONAL
        .into_iter()
        .find(|(name, is_of_its_kind)| claims.get(*name).is_some_and(|value| !is_of_its_kind(value)))
        .map(|(name, _)| Error::MalformedClaim(name))
}
