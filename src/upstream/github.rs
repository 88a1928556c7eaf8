//! GitHub: OAuth with PKCE, and an API that says who the person is; no `OpenID`, so no nonce, no keys, no metadata.
//!
//! What ties its answer to the login is the code verifier; what says that it comes from GitHub is TLS.

use hallpass_verifier::{address, strict_json};
use openidconnect::{PkceCodeChallenge, PkceCodeVerifier};
use serde::Deserialize;
use serde_json::Value;
use url::{Host, Url};

use super::id_token::Claims;
use super::oidc::parameters;
use super::tokens::{self, Endpoints};
use super::wire::Reply;
use super::{Answer, Ask, Document, Identity, Provider, ProviderFault, Upstream, UpstreamError};

/// GitHub's addresses, theirs or an Enterprise server's.
pub(super) struct Addresses {
    authorization: String,
    pub(super) token: String,
    user: String,
    emails: String,
}

/// One entry of the list of e-mail addresses.
#[derive(Deserialize)]
struct Address {
    email: String,
    #[serde(default)]
    primary: bool,
    #[serde(default)]
    verified: bool,
}

impl Addresses {
    pub(super) fn of(provider: &Provider) -> Result<Self, ProviderFault> {
        let base = address::issuer(&provider.issuer).ok_or(ProviderFault::Issuer)?;
        let root = provider.issuer.trim_end_matches('/');
        let api = match base.host() {
            // Theirs has its API on a host of its own, with or without a subdomain for a company's data.
            Some(Host::Domain(host)) if host == "github.com" || host.ends_with(".ghe.com") => {
                format!("https://api.{host}")
            }
            _ => format!("{root}/api/v3"),
        };
        Ok(Self {
            authorization: format!("{root}/login/oauth/authorize"),
            token: format!("{root}/login/oauth/access_token"),
            user: format!("{api}/user"),
            emails: format!("{api}/user/emails"),
        })
    }

    pub(super) fn endpoints(&self) -> Endpoints<'_> {
        Endpoints { authorization: &self.authorization, token: &self.token, wants_secret_in_body: true }
    }
}

/// Where to send the browser. GitHub knows `prompt=select_account` and calls a login hint `login`.
pub(super) fn authorize_url(provider: &Provider, ask: &Ask<'_>) -> Result<Url, UpstreamError> {
    let verifier = PkceCodeVerifier::new(ask.code_verifier.to_owned());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    let mut url = Url::parse(&Addresses::of(provider)?.authorization).map_err(|_| ProviderFault::Issuer)?;
    let mut query = url.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", ask.redirect_uri)
        .append_pair("state", ask.state)
        .append_pair("scope", &provider.scopes.join(" "))
        .append_pair("code_challenge", challenge.as_str())
        .append_pair("code_challenge_method", challenge.method().as_str());
    for (name, value) in parameters(provider, ask) {
        query.append_pair(if name == "login_hint" { "login" } else { &name }, &value);
    }
    drop(query);
    Ok(url)
}

impl Upstream {
    pub(super) async fn github_redeem(
        &self,
        provider: &Provider,
        ask: &Ask<'_>,
        answer: &Answer<'_>,
    ) -> Result<Identity, UpstreamError> {
        let of_oauth = |iss: &str| iss.strip_suffix("/login/oauth") == Some(provider.issuer.as_str());
        if answer.iss.is_some_and(|iss| iss != provider.issuer && !of_oauth(iss)) {
            return Err(UpstreamError::MixedUp);
        }
        let addresses = Addresses::of(provider)?;
        let tokens = tokens::redeem(&self.wire, provider, &addresses.endpoints(), ask, answer.code).await?;

        let user = self.github(provider, Document::UserInfo, &addresses.user, tokens.access_token()).await?;
        let mut claims: Claims = strict_json::object(&user.good(Document::UserInfo)?.body)
            .map_err(|_| malformed(Document::UserInfo, "it is no JSON object"))?;
        // The login can be changed, and taken by another; the number can't.
        let id = claims.get("id").and_then(Value::as_u64);
        let subject = id.ok_or(malformed(Document::UserInfo, "it has no numeric `id`"))?.to_string();

        // The address there is the one that the person shows to everyone, by nobody's word but theirs.
        claims.remove("email");
        claims.remove("email_verified");
        if provider.claims.email.is_some() {
            let emails = self.github(provider, Document::Emails, &addresses.emails, tokens.access_token()).await?;
            if let Some(Address { email, verified, .. }) = primary(emails)? {
                claims.insert("email".to_owned(), email.into());
                claims.insert("email_verified".to_owned(), verified.into());
            }
        }
        Ok(Identity::read(&provider.issuer, &subject, &provider.claims, &[&claims]))
    }

    async fn github(
        &self,
        provider: &Provider,
        document: Document,
        url: &str,
        access_token: &str,
    ) -> Result<Reply, UpstreamError> {
        let request = self.wire.get(url, "application/vnd.github+json").bearer_auth(access_token);
        self.wire.send(provider, document, request.header("x-github-api-version", "2022-11-28")).await
    }
}

/// The one address that GitHub writes to. Without leave to see them there is none.
fn primary(reply: Reply) -> Result<Option<Address>, UpstreamError> {
    if matches!(reply.status, 403 | 404) {
        return Ok(None);
    }
    let body = reply.good(Document::Emails)?.body;
    let text = std::str::from_utf8(&body).ok().filter(|text| strict_json::check(text).is_ok());
    let emails: Option<Vec<Address>> = text.and_then(|text| serde_json::from_str(text).ok());
    let emails = emails.ok_or(malformed(Document::Emails, "it is no JSON array of addresses"))?;
    Ok(emails.into_iter().find(|email| email.primary))
}

fn malformed(document: Document, words: &'static str) -> UpstreamError {
    UpstreamError::Malformed(document, words)
}

#[cfg(test)]
mod tests {
    use super::super::Preset;
    use super::*;

    fn addresses(issuer: &str) -> Addresses {
        Addresses::of(&Provider::new("github", Preset::GitHub, Some(issuer), "id", None)).unwrap()
    }

    #[test]
    fn each_kind_of_github_has_its_api_elsewhere() {
        for (issuer, user) in [
            ("https://github.com", "https://api.github.com/user"),
            ("https://acme.ghe.com", "https://api.acme.ghe.com/user"),
            ("https://github.acme.example", "https://github.acme.example/api/v3/user"),
        ] {
            assert_eq!(addresses(issuer).user, user);
        }
        assert_eq!(addresses("https://github.com").token, "https://github.com/login/oauth/access_token");
    }

    #[test]
    fn the_way_there_carries_state_and_challenge_and_no_nonce() {
        let provider = Provider::new("github", Preset::GitHub, None, "id", None);
        let ask = Ask {
            state: "s1",
            nonce: "n1",
            code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            redirect_uri: "https://hallpass.example/login/github",
            prompt: Some("select_account"),
            max_age: None,
            login_hint: Some("ada"),
            ui_locales: None,
            acr_values: None,
        };

        let url = authorize_url(&provider, &ask).unwrap();

        assert_eq!(
            url.as_str(),
            "https://github.com/login/oauth/authorize?response_type=code&client_id=id\
             &redirect_uri=https%3A%2F%2Fhallpass.example%2Flogin%2Fgithub&state=s1&scope=read%3Auser+user%3Aemail\
             &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256\
             &prompt=select_account&login=ada"
        );
    }
}
