//! `OpenID` providers: the journey there and back.

use hallpass_verifier::Jws;
use openidconnect::core::CoreResponseType;
use openidconnect::{AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope};
use url::Url;

use super::discovery::Found;
use super::id_token::{self, Claims, Expected};
use super::logout_token::{self, LogoutToken};
use super::metadata::Metadata;
use super::provider::reserved;
use super::tokens::{self, Endpoints};
use super::{Answer, Ask, IdTokenFault, Identity, Provider, Upstream, UpstreamError, identity, userinfo};
use crate::limit;

impl Upstream {
    pub(super) async fn openid_authorize_url(&self, provider: &Provider, ask: &Ask<'_>) -> Result<Url, UpstreamError> {
        let found = self.discovery.find(&self.wire, provider).await?;
        let client = tokens::client(provider, &endpoints(&found.metadata), ask.redirect_uri)?;
        let ask = Ask { prompt: understood(provider, &found.metadata, ask.prompt), ..*ask };
        let verifier = PkceCodeVerifier::new(ask.code_verifier.to_owned());
        let (state, nonce) = (CsrfToken::new(ask.state.to_owned()), Nonce::new(ask.nonce.to_owned()));

        let scopes = provider.scopes.iter().filter(|scope| *scope != "openid");
        let mut request = client
            .authorize_url(AuthenticationFlow::<CoreResponseType>::AuthorizationCode, || state, || nonce)
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for (name, value) in parameters(provider, &ask) {
            request = request.add_extra_param(name, value);
        }
        let (url, _, _) = request.url();
        Ok(url)
    }

    pub(super) async fn openid_redeem(
        &self,
        provider: &Provider,
        ask: &Ask<'_>,
        answer: &Answer<'_>,
        now: i64,
    ) -> Result<Identity, UpstreamError> {
        if answer.iss.is_some_and(|iss| iss != provider.issuer) {
            return Err(UpstreamError::MixedUp);
        }
        let found = self.discovery.find(&self.wire, provider).await?;
        if answer.iss.is_none() && found.metadata.announces_iss {
            return Err(UpstreamError::MixedUp);
        }

        let tokens = tokens::redeem(&self.wire, provider, &endpoints(&found.metadata), ask, answer.code).await?;
        let expected = Expected {
            issuer: &provider.issuer,
            client_id: &provider.client_id,
            nonce: ask.nonce,
            max_age: ask.max_age,
            access_token: tokens.access_token(),
            now,
        };
        let (subject, claims) = believe(&found, tokens.id_token(), &expected).await?;

        let mut documents = vec![&claims];
        let more;
        if let Some(endpoint) = &found.metadata.userinfo_endpoint
            && identity::is_incomplete(&provider.claims, &claims)
        {
            more = userinfo::fetch(&self.wire, provider, endpoint, tokens.access_token(), &subject).await?;
            documents.push(&more);
        }
        Ok(Identity::read(&provider.issuer, &subject, &provider.claims, &documents))
    }

    pub(super) async fn openid_logout_token(
        &self,
        provider: &Provider,
        token: &str,
        now: i64,
    ) -> Result<LogoutToken, UpstreamError> {
        let found = self.discovery.find(&self.wire, provider).await?;
        let jws = vouched(&found, token).await?;
        Ok(logout_token::check(&jws, &provider.issuer, &provider.client_id, now)?)
    }
}

fn endpoints(metadata: &Metadata) -> Endpoints<'_> {
    Endpoints {
        authorization: &metadata.authorization_endpoint,
        token: &metadata.token_endpoint,
        wants_secret_in_body: metadata.wants_secret_in_body,
    }
}

/// `select_account` is refused where it is unknown. `login` is known everywhere (`OpenID` Connect Core 15.1), and asks who
/// the person is as well.
fn understood<'a>(provider: &Provider, metadata: &Metadata, prompt: Option<&'a str>) -> Option<&'a str> {
    let is_known = |prompt: &str| metadata.prompts.iter().any(|own| own == prompt);
    match prompt {
        Some(choice @ "select_account") if !provider.preset.offers_accounts() && !is_known(choice) => Some("login"),
        other => other,
    }
}

/// What the operator adds, and what the login asks for, which counts more.
pub(super) fn parameters(provider: &Provider, ask: &Ask<'_>) -> Vec<(String, String)> {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let wishes = [
        ("prompt", text(ask.prompt)),
        ("max_age", ask.max_age.map(|seconds| seconds.to_string())),
        ("login_hint", text(ask.login_hint)),
        ("ui_locales", text(ask.ui_locales)),
        ("acr_values", text(ask.acr_values)),
    ];
    let asked: Vec<(String, String)> =
        wishes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let is_free = |name: &str| reserved(name).is_none() && asked.iter().all(|(own, _)| own != name);
    let added = provider.authorize_params.iter().filter(|(name, _)| is_free(name)).cloned();
    added.collect::<Vec<_>>().into_iter().chain(asked.clone()).collect()
}

/// A token that a key of the provider has vouched for.
async fn vouched(found: &Found, token: &str) -> Result<Jws, UpstreamError> {
    found.keys.verify(token, limit::ID_TOKEN_MAX).await.map_err(|error| {
        match found.keys.trouble().filter(|_| error.is_unavailable()) {
            Some(trouble) => trouble.into(),
            None => IdTokenFault::Jws(error).into(),
        }
    })
}

/// An ID token's subject and claims, once its key has vouched for it and every rule holds.
async fn believe(found: &Found, id_token: &str, expected: &Expected<'_>) -> Result<(String, Claims), UpstreamError> {
    let jws = vouched(found, id_token).await?;
    let claims = id_token::check(&jws, expected)?;
    let subject = claims.get("sub").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    Ok((subject, claims))
}
