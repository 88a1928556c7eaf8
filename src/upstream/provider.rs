//! A provider: where people sign in, as the operator described it.

use std::sync::Arc;

use hallpass_verifier::address;

use super::{ClaimMapping, Preset};
use crate::config::Secret;
use crate::limit;

/// What a login is about and an operator can't choose.
const RESERVED: [&str; 13] = [
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "code_verifier",
];

/// An upstream provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its name in addresses, logs and metrics: 1 to 64 lower-case letters, digits and `-`.
    pub name: Arc<str>,
    /// What kind it is.
    pub preset: Preset,
    /// Its issuer, byte for byte as it stands in its tokens. For GitHub: `https://github.com`, or that of an Enterprise
    /// server.
    pub issuer: String,
    /// Who we are there.
    pub client_id: String,
    /// How we prove it; without it we are a public client, and PKCE alone protects the code.
    pub client_secret: Option<Secret>,
    /// What is asked for; `openid` is added where it belongs.
    pub scopes: Vec<String>,
    /// Which claims hold what.
    pub claims: ClaimMapping,
    /// More parameters for the authorization request, such as `hd` or `domain_hint`.
    pub authorize_params: Vec<(String, String)>,
}

/// Why a description makes no provider, or a login can't be begun with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderFault {
    /// The name would not fit an address.
    #[error("a provider's name is 1 to 64 lower-case letters, digits and `-`")]
    Name,
    /// Not an address that can be an issuer.
    #[error("the issuer has to be an https address, or http on loopback, without user, query and fragment")]
    Issuer,
    /// Google has one issuer.
    #[error("the issuer of Google is https://accounts.google.com")]
    NotGoogle,
    /// Several tenants, or one by another name.
    #[error(
        "the issuer of Microsoft names one tenant by its id, as https://login.microsoftonline.com/<tenant id>/v2.0; \
         `common`, `organizations` and `consumers` stand for many, and their tokens can't be told apart"
    )]
    Tenant,
    /// Not a client id.
    #[error("the client id is 1 to 256 visible ASCII characters")]
    ClientId,
    /// Not a scope.
    #[error("a scope is 1 to 256 visible ASCII characters without quotes or backslash")]
    Scope,
    /// A parameter that belongs to the login.
    #[error("the parameter `{0}` can't be set: every login has its own")]
    Parameter(&'static str),
    /// A parameter that is no parameter.
    #[error("a parameter has a name, and 1024 characters at most")]
    NotAParameter,
    /// Our own side gave what can't be sent.
    #[error("a login needs a code verifier of 43 to 128 characters and an absolute redirect URI")]
    Ask,
}

impl Provider {
    /// A provider with everything its preset knows; the issuer too, when the preset has one.
    #[must_use]
    pub fn new(name: &str, preset: Preset, issuer: Option<&str>, client_id: &str, secret: Option<Secret>) -> Self {
        Self {
            name: name.into(),
            preset,
            issuer: issuer.or(preset.issuer()).unwrap_or_default().to_owned(),
            client_id: client_id.to_owned(),
            client_secret: secret.filter(|secret| !secret.is_empty()),
            scopes: preset.scopes().iter().map(|scope| (*scope).to_owned()).collect(),
            claims: preset.claims(),
            authorize_params: Vec::new(),
        }
    }

    /// Whether it can be used as described. Asks nobody.
    pub fn check(&self) -> Result<(), ProviderFault> {
        let is_slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=64).contains(&self.name.len()) || !self.name.bytes().all(is_slug) {
            return Err(ProviderFault::Name);
        }
        let issuer = address::issuer(&self.issuer).ok_or(ProviderFault::Issuer)?;
        self.preset.check_issuer(&self.issuer, &issuer)?;
        if !is_visible(&self.client_id) {
            return Err(ProviderFault::ClientId);
        }
        if !self.scopes.iter().all(|scope| is_visible(scope) && !scope.contains(['"', '\\'])) {
            return Err(ProviderFault::Scope);
        }
        for (name, value) in &self.authorize_params {
            if name.is_empty() || name.len() + value.len() > 1024 {
                return Err(ProviderFault::NotAParameter);
            }
            if let Some(reserved) = reserved(name) {
                return Err(ProviderFault::Parameter(reserved));
            }
        }
        Ok(())
    }
}

/// The parameter that `name` would change behind a login's back.
pub(super) fn reserved(name: &str) -> Option<&'static str> {
    RESERVED.into_iter().find(|reserved| *reserved == name)
}

fn is_visible(text: &str) -> bool {
    (1..=limit::TEXT_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider() -> Provider {
        Provider::new("acme", Preset::OpenId, Some("https://id.example"), "hallpass", None)
    }

    #[test]
    fn a_description_that_can_work_is_fine() {
        assert_eq!(provider().check(), Ok(()));
        for preset in [Preset::Google, Preset::GitLab, Preset::GitHub] {
            assert_eq!(Provider::new("x", preset, None, "id", None).check(), Ok(()));
        }
    }

    #[test]
    fn what_can_not_work_is_named() {
        let with = |change: fn(&mut Provider)| {
            let mut provider = provider();
            change(&mut provider);
            provider.check().unwrap_err()
        };

        assert_eq!(with(|provider| provider.name = "Acme".into()), ProviderFault::Name);
        assert_eq!(with(|provider| provider.issuer = "http://id.example".to_owned()), ProviderFault::Issuer);
        assert_eq!(with(|provider| provider.issuer = String::new()), ProviderFault::Issuer);
        assert_eq!(with(|provider| provider.preset = Preset::Google), ProviderFault::NotGoogle);
        assert_eq!(with(|provider| provider.client_id.clear()), ProviderFault::ClientId);
        assert_eq!(with(|provider| provider.scopes.push("a b".to_owned())), ProviderFault::Scope);
        let state = ("state".to_owned(), "fixed".to_owned());
        let mut fixed = provider();
        fixed.authorize_params.push(state);
        assert_eq!(fixed.check(), Err(ProviderFault::Parameter("state")));
    }

    #[test]
    fn no_secret_is_printed() {
        let provider = Provider::new("x", Preset::Google, None, "id", Some("hush".to_owned().into()));

        assert!(!format!("{provider:?}").contains("hush"));
    }
}
