use std::error::Error;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client};
use url::Url;

use crate::address;
use crate::clock::{Clock, Stopwatch};
use crate::error::BuildError;
use crate::issuer::Issuer;
use crate::keeper::Shared;
use crate::key::{Callback, File, KeySource, Usual, Variable};
use crate::limits::Limits;
use crate::source::TokenSource;
use crate::target::Target;
use crate::trade::Trader;

/// Describes a [`TokenSource`]: who issues, where the key is, and any number that is to differ.
#[must_use = "a builder does nothing until `build`"]
pub struct TokenSourceBuilder {
    issuer: String,
    keys: Option<Box<dyn KeySource>>,
    token_endpoint: Option<String>,
    resources: Vec<String>,
    scopes: Vec<String>,
    clock: Clock,
    root_certificates: Vec<Vec<u8>>,
    limits: Limits,
}

impl TokenSourceBuilder {
    pub(crate) fn new(issuer: String) -> Self {
        Self {
            issuer,
            keys: None,
            token_endpoint: None,
            resources: Vec::new(),
            scopes: Vec::new(),
            clock: Clock::default(),
            root_certificates: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// The key is in `HALLPASS_API_KEY`, else in the file that `HALLPASS_API_KEY_FILE` names.
    pub fn key_from_environment(self) -> Self {
        self.key_source(Usual::default())
    }

    /// The key is in this variable of the environment.
    pub fn key_from_variable(self, name: impl Into<String>) -> Self {
        self.key_source(Variable(name.into()))
    }

    /// The key is in this file. It is read whenever the key is shown, so a mounted secret may be rotated.
    pub fn key_from_file(self, path: impl Into<PathBuf>) -> Self {
        self.key_source(File::new(path.into()))
    }

    /// The key is what `callback` answers, whenever it is shown. A callback that fails is asked again, as the issuer is.
    pub fn key_from<F, Answer, Trouble>(self, callback: F) -> Self
    where
        F: Fn() -> Answer + Send + Sync + 'static,
        Answer: Future<Output = Result<String, Trouble>> + Send + 'static,
        Trouble: Into<Box<dyn Error + Send + Sync>> + 'static,
    {
        self.key_source(Callback(callback))
    }

    /// The key comes from somewhere else.
    pub fn key_source(mut self, keys: impl KeySource) -> Self {
        self.keys = Some(Box::new(keys));
        self
    }

    /// A resource that [`TokenSource::token`] is for (RFC 8707). May be called again. The key's only one, else its app's
    /// default, when never called.
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// A scope that [`TokenSource::token`] shall have. May be called again. All that the key has there when never called.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Where keys are traded, whatever the origin; the issuer's metadata are then not asked for.
    pub fn token_endpoint(mut self, address: impl Into<String>) -> Self {
        self.token_endpoint = Some(address.into());
        self
    }

    /// Where the time comes from, for tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Certificates, in PEM, to trust besides those of the machine: those of a private CA.
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// How long a caller waits for a token when there is none: 30 s unless set. Meanwhile the issuer is asked again.
    pub fn deadline(mut self, time: Duration) -> Self {
        self.limits.deadline = time;
        self
    }

    /// How long one request to the issuer may take, and the key to come: 10 s unless set.
    pub fn attempt_timeout(mut self, time: Duration) -> Self {
        self.limits.attempt = time;
        self
    }

    /// How large an answer may be, in bytes: 64 KiB unless set.
    pub fn max_answer(mut self, bytes: usize) -> Self {
        self.limits.max_answer = bytes;
        self
    }

    /// Makes the source. Touches neither network nor key, so it works while the issuer is down.
    pub fn build(self) -> Result<TokenSource, BuildError> {
        let url = address::issuer(&self.issuer).ok_or(BuildError::Issuer)?;
        let endpoint = OnceLock::new();
        if let Some(given) = &self.token_endpoint {
            let _ = endpoint.set(address::endpoint(given).ok_or(BuildError::TokenEndpoint)?);
        }
        let client = self.client(endpoint.get().unwrap_or(&url))?;
        let stopwatch = Stopwatch::start(self.clock);
        let issuer = Issuer {
            client,
            name: self.issuer,
            url,
            endpoint,
            max_answer: self.limits.max_answer,
            stopwatch: stopwatch.clone(),
        };
        let trader = Trader { keys: self.keys.ok_or(BuildError::NoKey)?, issuer, patience: self.limits.attempt };
        let target = Target::new(self.resources, self.scopes);
        Ok(TokenSource::new(Shared { trader, stopwatch, limits: self.limits }, target))
    }

    fn client(&self, asked: &Url) -> Result<Client, BuildError> {
        // An error says that the host chose before us, which is as it should be.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .redirect(Policy::none())
            .timeout(self.limits.attempt)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(Duration::from_secs(10))
            .user_agent(concat!("hallpass-client/", env!("CARGO_PKG_VERSION")));
        // What is on this machine is not asked for through a proxy.
        if address::is_loopback(asked) {
            client = client.no_proxy();
        }
        let mut certificates = Vec::new();
        for pem in &self.root_certificates {
            let found = Certificate::from_pem_bundle(pem).map_err(|_| BuildError::RootCertificate)?;
            if found.is_empty() {
                return Err(BuildError::RootCertificate);
            }
            certificates.extend(found);
        }
        // A machine without root certificates can still talk to itself.
        let needs_tls = asked.scheme() == "https";
        client = if needs_tls { client.tls_certs_merge(certificates) } else { client.tls_certs_only(certificates) };
        client.build().map_err(|_| BuildError::Tls)
    }
}

impl fmt::Debug for TokenSourceBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSourceBuilder").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
