mod numbers;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::{Origin, Url};

use crate::cache::Cache;
#[cfg(feature = "fetch")]
use crate::client;
use crate::clock::{Clock, Stopwatch};
use crate::desk::Desk;
use crate::error::BuildError;
use crate::fetch::{self, Fetch};
use crate::http_get::{HttpGet, SharedGet};
use crate::issuer::Issuer;
use crate::keyset::KeySet;
use crate::limits::{Limits, MAX_SKEW};
use crate::rules::Rules;
use crate::source::Source;
use crate::{Profile, Verifier, address, blocking};

/// Describes a [`Verifier`]: who issues, who is meant, and any number that is to differ.
#[must_use = "a builder does nothing until `build`"]
pub struct VerifierBuilder {
    issuer: String,
    audiences: Vec<String>,
    profile: Profile,
    clock: Clock,
    keys: Option<KeySet>,
    jwks_uri: Option<String>,
    jwks_origins: Vec<String>,
    client: Option<SharedGet>,
    #[cfg(feature = "fetch")]
    root_certificates: Vec<Vec<u8>>,
    limits: Limits,
    cache: usize,
}

impl VerifierBuilder {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            issuer,
            audiences: Vec::new(),
            profile: Profile::default(),
            clock: Clock::default(),
            keys: None,
            jwks_uri: None,
            jwks_origins: Vec::new(),
            client: None,
            #[cfg(feature = "fetch")]
            root_certificates: Vec::new(),
            limits: Limits::default(),
            cache: 0,
        }
    }

    /// Who the tokens have to be for: this service's identifier. May be called again; one of them has to be in `aud`.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// The profile of this service's tokens. [`Profile::Compat`] also lets in `typ` `JWT`, with RS256 only.
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Where the time comes from, for tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The keys themselves, for tests and for services that get them in another way: nothing is fetched, ever. A key
    /// that is withdrawn counts until a verifier without it is made.
    pub fn keys(mut self, keys: KeySet) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Where the keys are, whatever the origin; the issuer's metadata is then not asked for.
    pub fn jwks_uri(mut self, address: impl Into<String>) -> Self {
        self.jwks_uri = Some(address.into());
        self
    }

    /// An origin, such as `https://keys.example`, that the metadata may send us to besides the issuer's own.
    pub fn jwks_origin(mut self, origin: impl Into<String>) -> Self {
        self.jwks_origins.push(origin.into());
        self
    }

    /// The client that fetches the keys, instead of ours. Without the feature `fetch` there is no other.
    pub fn http_get(mut self, client: impl HttpGet) -> Self {
        self.client = Some(Arc::new(client));
        self
    }

    /// Certificates, in PEM, to trust besides those of the machine: those of a private CA. A
    /// client of your own has its own.
    #[cfg(feature = "fetch")]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Remembers so many verified tokens, so that the next time one is shown its signature need not be checked again.
    /// Off unless set; 0 is off. A token takes about 1 KiB, and at most some times
    /// [`max_token_length`](Self::max_token_length).
    ///
    /// A token is known by a keyed hash of the whole of it, 128 bits; its own text is not kept. Its times are checked each time; a key
    /// set that changes takes with it all that the old one has vouched for; when there is no room, the oldest goes. What
    /// it spares is the signature: tens of microseconds for a token that comes many times, nothing for one that comes
    /// once.
    pub fn cache(mut self, tokens: usize) -> Self {
        self.cache = tokens;
        self
    }

    /// Makes the verifier. Touches neither network nor clock, so it works while the issuer is down.
    pub fn build(mut self) -> Result<Verifier, BuildError> {
        let issuer = address::issuer(&self.issuer).ok_or(BuildError::Issuer)?;
        if self.audiences.is_empty() || self.audiences.iter().any(String::is_empty) {
            return Err(BuildError::Audience);
        }
        if self.limits.skew > MAX_SKEW {
            return Err(BuildError::Skew);
        }
        let ages = &self.limits.ages;
        if ages.min_age > ages.max_age || ages.cool_down < Duration::from_secs(1) {
            return Err(BuildError::Ages);
        }
        let source = match self.keys.take() {
            Some(keys) => Source::Given(Arc::new(keys)),
            None => Source::Issuer(self.issuer_source(&issuer)?),
        };
        let cache = match self.cache {
            0 => None,
            tokens => Some(Cache::new(tokens).ok_or(BuildError::Randomness)?),
        };
        Ok(Verifier::new(Desk {
            rules: Rules::new(self.issuer, self.audiences, self.profile, &self.limits),
            source,
            clock: self.clock,
            max_token_length: self.limits.max_token_length,
            cache,
        }))
    }

    /// The same for a program without a runtime: keys are fetched on a thread that is started now.
    pub fn build_blocking(self) -> Result<blocking::Verifier, BuildError> {
        blocking::Verifier::new(self.build()?)
    }

    fn issuer_source(&self, issuer: &Url) -> Result<Arc<Issuer>, BuildError> {
        let source = if let Some(given) = &self.jwks_uri {
            fetch::Source::Given(address::document(given).ok_or(BuildError::JwksUri)?)
        } else {
            fetch::Source::Discovered { metadata: address::metadata(issuer), origins: self.origins(issuer)? }
        };
        let fetch = Fetch {
            client: self.client(issuer, &source)?,
            issuer: self.issuer.clone(),
            source,
            limits: self.limits.fetch.clone(),
        };
        Ok(Issuer::new(fetch, self.limits.ages.clone(), Stopwatch::start(self.clock.clone())))
    }

    /// Where the metadata may send us.
    fn origins(&self, issuer: &Url) -> Result<Vec<Origin>, BuildError> {
        let is_origin = |url: &Url| url.path() == "/" && url.query().is_none();
        let mut origins = vec![issuer.origin()];
        for origin in &self.jwks_origins {
            origins.push(address::document(origin).filter(is_origin).ok_or(BuildError::JwksOrigin)?.origin());
        }
        Ok(origins)
    }

    #[cfg(feature = "fetch")]
    fn client(&self, issuer: &Url, source: &fetch::Source) -> Result<SharedGet, BuildError> {
        if let Some(own) = &self.client {
            return Ok(Arc::clone(own));
        }
        let needs_tls = match source {
            fetch::Source::Given(address) => address.scheme() == "https",
            fetch::Source::Discovered { .. } => issuer.scheme() == "https" || !self.jwks_origins.is_empty(),
        };
        Ok(Arc::new(client::new(issuer, needs_tls, &self.root_certificates, self.limits.fetch.timeout)?))
    }

    #[cfg(not(feature = "fetch"))]
    fn client(&self, _: &Url, _: &fetch::Source) -> Result<SharedGet, BuildError> {
        self.client.clone().ok_or(BuildError::NoClient)
    }
}

impl fmt::Debug for VerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifierBuilder")
            .field("issuer", &self.issuer)
            .field("audiences", &self.audiences)
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
