//! What one sign-in asks the issuer, and whether an answer is one to it.

use reqwest::{Client, StatusCode};
use url::Url;

use super::loopback::Visit;
use crate::cli::Failure;
use crate::cli::issuer::Issuer;
use crate::cli::signed_in::Bought;
use crate::clock::Clock;
use crate::credential::{Verifier, random_text};
use crate::limit;
use crate::upstream::{Claims, Expected, check_id_token};

/// One sign-in.
pub(super) struct Ask<'a> {
    issuer: &'a Issuer,
    client_id: &'a str,
    redirect_uri: &'a str,
    scope: String,
    resources: &'a [String],
    state: String,
    nonce: String,
    verifier: Verifier,
}

impl<'a> Ask<'a> {
    pub(super) fn new(
        issuer: &'a Issuer,
        client_id: &'a str,
        redirect_uri: &'a str,
        scope: String,
        resources: &'a [String],
    ) -> Self {
        let (state, nonce, verifier) = (random_text(), random_text(), Verifier::mint());
        Self { issuer, client_id, redirect_uri, scope, resources, state, nonce, verifier }
    }

    /// Where the person signs in.
    pub(super) fn url(&self) -> Result<Url, Failure> {
        let mut url = Url::parse(&self.issuer.endpoint("authorization_endpoint")?).map_err(Failure::not_valid)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", self.client_id)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("scope", &self.scope)
            .append_pair("state", &self.state)
            .append_pair("nonce", &self.nonce)
            .append_pair("code_challenge", self.verifier.challenge().as_str())
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(self.resources.iter().map(|resource| ("resource", resource)));
        Ok(url)
    }

    /// Asks for nobody to be asked, so that what is wrong with the request itself is said here, and not on a page in a
    /// browser while this terminal waits.
    pub(super) async fn try_out(&self, client: &Client) -> Result<(), Failure> {
        let mut url = self.url()?;
        url.query_pairs_mut().append_pair("prompt", "none");
        let answer = client.get(url).send().await.map_err(Failure::network)?;
        match answer.status() {
            StatusCode::BAD_REQUEST => return Err(self.unknown_app()),
            status if status.is_server_error() => {
                return Err(Failure::network(format!("{}: {status}", self.issuer.name)));
            }
            _ => {}
        }
        let location = answer.headers().get("location").and_then(|location| Url::parse(location.to_str().ok()?).ok());
        let said = |name: &str| {
            let found = location.as_ref()?.query_pairs().find(|(own, _)| own == name);
            found.map(|(_, value)| value.into_owned())
        };
        match said("error").as_deref() {
            None
            | Some("login_required" | "consent_required" | "interaction_required" | "account_selection_required") => {
                Ok(())
            }
            Some(error) => Err(refused(error, said("error_description").as_deref())),
        }
    }

    fn unknown_app(&self) -> Failure {
        let Self { issuer, client_id, .. } = self;
        Failure::not_found(format!(
            "{} knows no app `{client_id}` that may send people back to a terminal. Who runs it makes one with\n\n  \
             hallpass apps create {client_id} --public --name \"Hallpass command line\" \
             --redirect-uri http://127.0.0.1/callback\n",
            issuer.name
        ))
    }

    /// Whether this is the browser that was sent off.
    pub(super) fn is_meant(&self, visit: &Visit) -> bool {
        visit.one("state") == Some(&self.state)
    }

    /// Trades what it brought back for tokens, and tells who the ID token says it is.
    pub(super) async fn redeem(&self, client: &Client, visit: &Visit) -> Result<(Bought, Claims), Failure> {
        // Another issuer that this browser was lured to must not get our code (RFC 9207 section 2.4).
        match visit.one("iss") {
            Some(iss) if iss == self.issuer.name => {}
            None if !self.issuer.announces("authorization_response_iss_parameter_supported") => {}
            _ => return Err(Failure::not_valid(format!("the answer is not from {}", self.issuer.name))),
        }
        if let Some(error) = visit.one("error") {
            return Err(refused(error, visit.one("error_description")));
        }
        let code = visit.one("code").ok_or_else(|| Failure::not_valid("the answer has no code"))?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect_uri),
            ("client_id", self.client_id),
            ("code_verifier", self.verifier.reveal()),
        ];
        let bought = Bought::ask(client, self.issuer, &form).await?;
        let claims = self.believe(client, &bought).await?;
        Ok((bought, claims))
    }

    /// Holds the ID token against the issuer's keys and against every rule.
    async fn believe(&self, client: &Client, bought: &Bought) -> Result<Claims, Failure> {
        let id_token = bought.id_token.as_deref().ok_or_else(|| Failure::not_valid("the answer has no id_token"))?;
        let jws = self.issuer.keys(client)?.verify(id_token, limit::ID_TOKEN_MAX).await.map_err(|error| {
            if error.is_unavailable() { Failure::network(error) } else { Failure::not_valid(error) }
        })?;
        let expected = Expected {
            issuer: &self.issuer.name,
            client_id: self.client_id,
            nonce: &self.nonce,
            max_age: None,
            access_token: &bought.access_token,
            now: Clock::System.now(),
        };
        check_id_token(&jws, &expected)
            .map_err(|fault| Failure::not_valid(format!("the ID token is not right: {fault}")))
    }
}

/// What the issuer sent back instead of a code (RFC 6749 section 4.1.2.1).
fn refused(error: &str, words: Option<&str>) -> Failure {
    let said = format!("{error}: {}", words.unwrap_or("-")).replace(char::is_control, " ");
    match error {
        "access_denied" => Failure::forbidden(said),
        "temporarily_unavailable" | "server_error" => Failure::network(said),
        "invalid_scope" | "invalid_target" => Failure::usage(said),
        _ => Failure::error(said),
    }
}
