use std::fmt;
use std::sync::Arc;

use crate::builder::VerifierBuilder;
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::Error;
use crate::rules::Rules;
use crate::source::Source;
use crate::unverified::Unverified;

/// Checks the access tokens of one issuer, for one service.
///
/// Made once, by [`Verifier::builder`]; clones are cheap and share the keys. The keys are fetched when the first token
/// comes in, so a service starts while its issuer is down. Fetching needs a tokio runtime.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    rules: Rules,
    source: Source,
    clock: Clock,
    max_token_length: usize,
}

impl Verifier {
    /// Starts to describe a verifier for the tokens of `issuer`, which is its URL as it stands in `iss`.
    pub fn builder(issuer: impl Into<String>) -> VerifierBuilder {
        VerifierBuilder::new(issuer.into())
    }

    pub(crate) fn new(rules: Rules, source: Source, clock: Clock, max_token_length: usize) -> Self {
        Self(Arc::new(Inner { rules, source, clock, max_token_length }))
    }

    /// Checks a token, as it stands after `Bearer `, against everything this crate insists on.
    ///
    /// Waits for the network only when there are no keys yet, when they are old, or when the token names a key that
    /// is not among them and the last fetch is 30 s ago. [`Error::Unavailable`] is not the token's fault.
    pub async fn verify(&self, token: &str) -> Result<Claims, Error> {
        let inner = &*self.0;
        let unverified = Unverified::read(token, inner.max_token_length)?;
        inner.rules.check_type(&unverified)?;
        let kid = unverified.kid()?;

        let keys = inner.source.keys_for(kid).await?;
        let key = keys.find(kid).ok_or(Error::UnknownKey)?;

        let payload = unverified.verify(key)?;
        inner.rules.check_claims(&payload, inner.clock.now())
    }

    /// Fetches the keys if there are none yet, for a service that wants to be ready before its first token.
    pub async fn warm_up(&self) -> Result<(), Error> {
        self.0.source.keys().await.map(drop)
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("rules", &self.0.rules).finish_non_exhaustive()
    }
}
