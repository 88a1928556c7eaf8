//! Code → tokens: the one request that is never repeated.
//!
//! `openidconnect` puts the requests together (RFC 6749 2.3.1 and 4.1.3, RFC 7636 4.5); what comes back is judged here,
//! before it reads it.

use hallpass_verifier::strict_json;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreTokenIntrospectionResponse,
};
use openidconnect::{
    AccessToken, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, EmptyAdditionalClaims, EndpointNotSet,
    EndpointSet, HttpRequest, IdToken, IssuerUrl, JsonWebKeySet, OAuth2TokenResponse, PkceCodeVerifier, RedirectUrl,
    RefreshToken, RequestTokenError, Scope, StandardErrorResponse, TokenResponse, TokenType, TokenUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire::{Reply, Wire};
use super::{Ask, Document, Provider, ProviderFault, UpstreamError};

/// Us, as a client of one provider.
pub(super) type Client = openidconnect::Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// Where a client sends its requests, and how it proves itself.
pub(super) struct Endpoints<'p> {
    pub(super) authorization: &'p str,
    pub(super) token: &'p str,
    pub(super) wants_secret_in_body: bool,
}

/// What a code buys. The ID token stays text: who reads it checks its signature first, with keys of our keeping.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tokens {
    access_token: AccessToken,
    token_type: Bearer,
    #[serde(default)]
    id_token: UnreadIdToken,
}

/// An ID token that nobody has looked at.
#[derive(Default, Serialize, Deserialize)]
#[serde(transparent)]
struct UnreadIdToken(String);

impl std::fmt::Debug for UnreadIdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// The one type of token we know how to show, in any case (RFC 6749 5.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Bearer;

impl TryFrom<String> for Bearer {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name.eq_ignore_ascii_case("bearer") { Ok(Self) } else { Err("not a bearer token") }
    }
}

impl From<Bearer> for String {
    fn from(_: Bearer) -> Self {
        "Bearer".to_owned()
    }
}

impl TokenType for Bearer {}

impl OAuth2TokenResponse for Tokens {
    type TokenType = Bearer;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &Bearer {
        &self.token_type
    }

    // The rest is of no use to a login, so nonsense in it does no harm.
    fn expires_in(&self) -> Option<std::time::Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

impl TokenResponse<EmptyAdditionalClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>
    for Tokens
{
    fn id_token(
        &self,
    ) -> Option<
        &IdToken<EmptyAdditionalClaims, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>,
    > {
        None
    }
}

impl Tokens {
    /// What opens userinfo.
    pub(super) fn access_token(&self) -> &str {
        self.access_token.secret()
    }

    /// The ID token, unread.
    pub(super) fn id_token(&self) -> &str {
        &self.id_token.0
    }
}

/// Us, as a client of this provider.
pub(super) fn client(
    provider: &Provider,
    endpoints: &Endpoints<'_>,
    redirect_uri: &str,
) -> Result<Client, UpstreamError> {
    let fault = |_| UpstreamError::Setup(ProviderFault::Ask);
    let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(|_| ProviderFault::Issuer)?;
    let mut client =
        openidconnect::Client::new(ClientId::new(provider.client_id.clone()), issuer, JsonWebKeySet::default())
            .set_auth_uri(AuthUrl::new(endpoints.authorization.to_owned()).map_err(fault)?)
            .set_token_uri(TokenUrl::new(endpoints.token.to_owned()).map_err(fault)?)
            .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).map_err(fault)?);
    if let Some(secret) = &provider.client_secret {
        client = client.set_client_secret(ClientSecret::new(secret.reveal().to_owned()));
    }
    let place = if endpoints.wants_secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
    Ok(client.set_auth_type(place))
}

/// Spends the code.
pub(super) async fn redeem(
    wire: &Wire,
    provider: &Provider,
    endpoints: &Endpoints<'_>,
    ask: &Ask<'_>,
    code: &str,
) -> Result<Tokens, UpstreamError> {
    let client = client(provider, endpoints, ask.redirect_uri)?;
    let send = async |request: HttpRequest| {
        let reply = wire.send_for_tokens(provider, request).await?;
        judge(reply, provider.preset.is_openid()).map(Reply::into_response)
    };
    client
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(ask.code_verifier.to_owned()))
        .request_async(&send)
        .await
        .map_err(|error| match error {
            RequestTokenError::Request(error) => error,
            _ => malformed("it can't be read"),
        })
}

/// Lets an answer through that has what it must have.
fn judge(reply: Reply, wants_id_token: bool) -> Result<Reply, UpstreamError> {
    let members = strict_json::object::<Map<String, Value>>(&reply.body).ok();
    let error = members.as_ref().and_then(|members| members.get("error"));
    match error {
        // GitHub says no with 200; others should not.
        Some(Value::String(code)) if matches!(reply.status, 200 | 400..=499) => {
            return Err(UpstreamError::refused(code));
        }
        Some(_) if reply.status == 200 => return Err(malformed("it has an `error` that is no text")),
        _ => {}
    }
    let reply = reply.good(Document::Tokens)?;
    let members = members.ok_or(malformed("it is no JSON object"))?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if !text("token_type").is_some_and(|name| name.eq_ignore_ascii_case("bearer")) {
        return Err(malformed("its `token_type` is not Bearer"));
    }
    if !text("access_token").is_some_and(is_token) {
        return Err(malformed("it has no `access_token`"));
    }
    if wants_id_token && text("id_token").is_none_or(str::is_empty) {
        return Err(malformed("it has no `id_token`"));
    }
    Ok(reply)
}

/// RFC 6749 A.12, without the space that no header would carry.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn malformed(words: &'static str) -> UpstreamError {
    UpstreamError::Malformed(Document::Tokens, words)
}
