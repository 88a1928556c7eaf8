//! One issuer's tokens: its rules, its keys, and what they have vouched for.
//!
//! In:    the text of a token; or a token that is taken apart, and this issuer's by its own word.
//! Out:   claims, or which rule failed.
//! Never: takes a token's word for who issued it. It only leads here; the rules ask again.

use std::sync::Arc;

use crate::cache::Cache;
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::Error;
use crate::health::Health;
use crate::rules::Rules;
use crate::source::Source;
use crate::unverified::Unverified;

pub(crate) struct Desk {
    pub(crate) rules: Rules,
    pub(crate) source: Source,
    pub(crate) clock: Clock,
    pub(crate) max_token_length: usize,
    pub(crate) cache: Option<Cache>,
}

impl Desk {
    /// Checks a token, `text` taken apart, against everything.
    pub(crate) async fn verify(&self, token: Unverified<'_>, text: &str) -> Result<Claims, Error> {
        self.rules.check_type(&token)?;
        let kid = token.kid()?;

        let keys = self.source.keys_for(kid).await?;
        let key = keys.find(kid).ok_or(Error::UnknownKey)?;

        let payload = token.verify(key)?;
        let claims = self.rules.check_claims(&payload, self.clock.now())?;
        if let Some(cache) = &self.cache {
            cache.keep(text, claims.clone(), &keys);
        }
        Ok(claims)
    }

    /// The claims of a token that was verified before, with a key that is still there; its times are checked anew.
    ///
    /// The keys are asked for as for any token, so that they are refreshed, and so that a hit is no way round an issuer
    /// that has been away too long.
    pub(crate) async fn recall(&self, token: &str) -> Result<Option<Claims>, Error> {
        // Nothing is hashed that is as long as a stranger likes.
        let Some(cache) = self.cache.as_ref().filter(|_| token.len() <= self.max_token_length) else { return Ok(None) };
        let Some((name, verified)) = cache.find(token) else { return Ok(None) };
        let keys = self.source.keys().await?;
        if !verified.is_vouched_for_by(&keys) {
            cache.keep_only_what_is_vouched_for_by(&keys);
            return Ok(None);
        }
        if let Err(error) = self.rules.check_times(&verified.claims, self.clock.now()) {
            cache.forget(&name);
            return Err(error);
        }
        cache.count_hit(&name);
        Ok(Some(verified.claims.clone()))
    }

    pub(crate) fn health(&self) -> Health {
        let health = match &self.source {
            Source::Given(keys) => Health::given(self.rules.issuer(), keys),
            Source::Issuer(issuer) => issuer.health(),
        };
        Health { cache: self.cache.as_ref().map(Cache::health), ..health }
    }

    /// Whether two desks are for one issuer.
    pub(crate) fn is_for(&self, issuer: &str) -> bool {
        self.rules.issuer() == issuer
    }
}

/// The desk that a token says it is for, by an `iss` that nobody has checked. With one desk only, it is that one: its
/// rules know better what to say.
pub(crate) fn choose<'d>(desks: &'d [Arc<Desk>], token: &Unverified<'_>) -> Result<&'d Desk, Error> {
    match desks {
        [only] => Ok(only),
        several => {
            let issuer = token.unverified_issuer()?;
            several.iter().find(|desk| desk.is_for(&issuer)).map(Arc::as_ref).ok_or(Error::Issuer)
        }
    }
}
