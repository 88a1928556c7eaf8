//! Upstream: providers where people sign in, and what they tell us. The only room with openidconnect.
//!
//! In:    a provider as the operator described it; what a login asks; what the browser brought back.
//! Out:   an address to send the browser to; one `Identity`, whatever kind of provider it came from.
//! Never: remembers a login, follows a redirect, asks an address out of reach, repeats a code or a provider's words.

mod check;
mod claim_mapping;
mod discovery;
mod error;
mod github;
mod guard;
mod id_token;
mod identity;
mod keys;
mod logout_token;
mod metadata;
mod oidc;
mod preset;
mod provider;
mod tokens;
mod userinfo;
mod wire;

use ipnet::IpNet;
use url::Url;

pub use check::Finding;
pub use claim_mapping::{ClaimMapping, UnknownClaim};
pub use error::{Document, IdTokenFault, UpstreamError};
pub use id_token::{Claims, Expected, check as check_id_token};
pub use identity::Identity;
pub use logout_token::LogoutToken;
pub use preset::{Preset, UnknownPreset};
pub use provider::{Provider, ProviderFault};
pub use wire::BadCertificate;

use crate::clock::Clock;
use crate::limit;
use discovery::Discovery;
use wire::Wire;

/// The step that is no part of a login.
const LOGOUT: &str = "logout";

/// All that speaks to providers. Made once, shared by all.
#[derive(Debug)]
pub struct Upstream {
    wire: Wire,
    discovery: Discovery,
}

/// What the operator says about every provider.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Networks that are not of the public Internet, and in which providers may be all the same.
    pub allowed_networks: Vec<IpNet>,
    /// Certificates in PEM to trust besides those of the machine: those of a private authority.
    pub root_certificates: Vec<Vec<u8>>,
}

/// What one login asks a provider. The same, up to `redirect_uri`, when it asks and when it redeems the answer.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Ties the answer to the browser.
    pub state: &'a str,
    /// Ties the ID token to the login.
    pub nonce: &'a str,
    /// Ties the code to us: 43 to 128 characters, of which the provider sees the SHA-256 first (RFC 7636).
    pub code_verifier: &'a str,
    /// Our callback, one for each provider.
    pub redirect_uri: &'a str,
    /// Whether the person is to be asked again: `none`, `login`, `consent`, `select_account`.
    pub prompt: Option<&'a str>,
    /// How long ago, in seconds, they may have signed in.
    pub max_age: Option<i64>,
    /// Who they may be.
    pub login_hint: Option<&'a str>,
    /// Languages they read.
    pub ui_locales: Option<&'a str>,
    /// How surely they are to prove it.
    pub acr_values: Option<&'a str>,
}

/// What the browser brought back.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// The code, not spent yet.
    pub code: &'a str,
    /// Who says so (RFC 9207).
    pub iss: Option<&'a str>,
}

impl Upstream {
    /// Asks nobody, so a server starts while its providers are down.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, BadCertificate> {
        Ok(Self { wire: Wire::new(settings)?, discovery: Discovery::new(clock) })
    }

    /// Where to send the browser. Asks the provider for its metadata, unless they are at hand.
    pub async fn authorize_url(&self, provider: &Provider, ask: &Ask<'_>) -> Result<Url, UpstreamError> {
        in_time(provider, "authorize", async {
            check_ask(provider, ask)?;
            if provider.preset.is_openid() {
                self.openid_authorize_url(provider, ask).await
            } else {
                github::authorize_url(provider, ask)
            }
        })
        .await
    }

    /// Spends the code and tells who the person is; `now` in seconds since 1970.
    ///
    /// The caller has found that `state` is that of a login of this browser, and has spent it.
    pub async fn redeem(
        &self,
        provider: &Provider,
        ask: &Ask<'_>,
        answer: &Answer<'_>,
        now: i64,
    ) -> Result<Identity, UpstreamError> {
        in_time(provider, "redeem", async {
            check_ask(provider, ask)?;
            if provider.preset.is_openid() {
                self.openid_redeem(provider, ask, answer, now).await
            } else {
                self.github_redeem(provider, ask, answer).await
            }
        })
        .await
    }

    /// Reads what a provider says of somebody who has signed out there; `now` in seconds since 1970. GitHub says nothing of
    /// the kind.
    pub async fn read_logout_token(
        &self,
        provider: &Provider,
        token: &str,
        now: i64,
    ) -> Result<LogoutToken, UpstreamError> {
        in_time(provider, LOGOUT, async {
            provider.check()?;
            if !provider.preset.is_openid() {
                return Err(IdTokenFault::Issuer.into());
            }
            self.openid_logout_token(provider, token, now).await
        })
        .await
    }
}

/// A login waits so long and no longer, however many requests it takes.
async fn in_time<T>(
    provider: &Provider,
    step: &'static str,
    work: impl Future<Output = Result<T, UpstreamError>>,
) -> Result<T, UpstreamError> {
    let outcome = tokio::time::timeout(limit::UPSTREAM_TIMEOUT, work).await.unwrap_or(Err(UpstreamError::TooSlow));
    let told = outcome.as_ref().map_or_else(UpstreamError::outcome, |_| "ok");
    metrics::counter!("hallpass_upstream_logins_total",
        "provider" => provider.name.clone(), "step" => step, "outcome" => told)
    .increment(1);
    match &outcome {
        Ok(_) => {}
        // Anybody can post a sign-out that the provider never said.
        Err(error) if step == LOGOUT => {
            tracing::info!(provider = %provider.name, step, %error, "a notice of a sign-out is not followed");
        }
        Err(error) => tracing::warn!(provider = %provider.name, step, %error, "a login failed at its provider"),
    }
    outcome
}

/// What `openidconnect` would panic at, and what can't work.
fn check_ask(provider: &Provider, ask: &Ask<'_>) -> Result<(), ProviderFault> {
    provider.check()?;
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let verifier = ask.code_verifier;
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(is_unreserved) || ask.nonce.is_empty() {
        return Err(ProviderFault::Ask);
    }
    Ok(())
}
