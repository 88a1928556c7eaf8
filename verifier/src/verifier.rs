use std::fmt;
use std::sync::Arc;

use crate::builder::VerifierBuilder;
use crate::claims::Claims;
use crate::desk::{self, Desk};
use crate::error::{BuildError, Error};
use crate::health::Health;
use crate::unverified::Unverified;

/// Checks access tokens for one service: those of one issuer, or of several.
///
/// Made once, by [`Verifier::builder`]; clones are cheap and share the keys. The keys are fetched when the first token
/// comes in, so a service starts while its issuer is down. Fetching needs a tokio runtime; a program without one takes a
/// [`blocking::Verifier`](crate::blocking::Verifier).
#[derive(Clone)]
pub struct Verifier {
    /// One at least, each for another issuer.
    desks: Arc<[Arc<Desk>]>,
}

impl Verifier {
    /// Starts to describe a verifier for the tokens of `issuer`, which is its URL as it stands in `iss`.
    pub fn builder(issuer: impl Into<String>) -> VerifierBuilder {
        VerifierBuilder::new(issuer.into())
    }

    pub(crate) fn new(desk: Desk) -> Self {
        Self { desks: Arc::new([Arc::new(desk)]) }
    }

    /// One verifier for the tokens of several issuers, each with its own audience, profile, keys, numbers and cache.
    ///
    /// A token is told by its `iss` before anything of it is verified, and only to choose whose rules and keys it is held
    /// against; they check `iss` again, byte for byte. A token of nobody's is [`Error::Issuer`]. None at all is
    /// [`BuildError::NoIssuer`]; two for one issuer, [`BuildError::SameIssuer`].
    ///
    /// ```no_run
    /// use hallpass_verifier::Verifier;
    ///
    /// let ours = Verifier::builder("https://id.example").audience("https://api.example").build()?;
    /// let theirs = Verifier::builder("https://id.partner.example").audience("https://api.example").build()?;
    ///
    /// let verifier = Verifier::any_of([ours, theirs])?;
    /// # drop(verifier);
    /// # Ok::<_, hallpass_verifier::BuildError>(())
    /// ```
    pub fn any_of(verifiers: impl IntoIterator<Item = Self>) -> Result<Self, BuildError> {
        let mut desks: Vec<Arc<Desk>> = Vec::new();
        for desk in verifiers.into_iter().flat_map(|verifier| verifier.desks.to_vec()) {
            if desks.iter().any(|other| other.is_for(desk.rules.issuer())) {
                return Err(BuildError::SameIssuer);
            }
            desks.push(desk);
        }
        if desks.is_empty() { Err(BuildError::NoIssuer) } else { Ok(Self { desks: desks.into() }) }
    }

    /// Checks a token, as it stands after `Bearer `, against everything this crate insists on.
    ///
    /// Waits for the network only when there are no keys yet, when they are old, or when the token names a key that
    /// is not among them and the last fetch is 30 s ago. [`Error::Unavailable`] is not the token's fault.
    pub async fn verify(&self, token: &str) -> Result<Claims, Error> {
        for desk in &*self.desks {
            if let Some(claims) = desk.recall(token).await? {
                return Ok(claims);
            }
        }
        let max_length = self.desks.iter().map(|desk| desk.max_token_length).max().unwrap_or(0);
        let unverified = Unverified::read(token, max_length)?;
        let desk = desk::choose(&self.desks, &unverified)?;
        if token.len() > desk.max_token_length {
            return Err(Error::TooLong);
        }
        desk.verify(unverified, token).await
    }

    /// Fetches the keys if there are none yet, for a service that wants to be ready before its first token. Of several
    /// issuers each is asked; the error is that of the first that is away.
    pub async fn warm_up(&self) -> Result<(), Error> {
        let mut outcome = Ok(());
        for desk in &*self.desks {
            outcome = outcome.and(desk.source.keys().await.map(drop));
        }
        outcome
    }

    /// How the keys and the cache of each issuer fare, in the order they were named. Fetches nothing.
    ///
    /// ```
    /// # use hallpass_verifier::{Standing, Verifier};
    /// # #[cfg(feature = "fetch")] {
    /// let verifier = Verifier::builder("https://id.example").audience("https://api.example").build()?;
    ///
    /// let health = &verifier.health()[0];
    /// assert_eq!((health.standing, health.age, health.is_ready()), (Standing::Missing, None, false));
    /// # }
    /// # Ok::<_, hallpass_verifier::BuildError>(())
    /// ```
    #[must_use]
    pub fn health(&self) -> Vec<Health> {
        self.desks.iter().map(|desk| desk.health()).collect()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.desks.iter().map(|desk| &desk.rules)).finish()
    }
}
