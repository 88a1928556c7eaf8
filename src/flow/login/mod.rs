//! Login: a person goes to their provider and comes back; what the provider vouches for becomes a session here.
//!
//! The state is spent before the provider is asked, and the provider is asked before the database is: no transaction is
//! open while we wait for somebody else.

mod finish;

use std::net::IpAddr;

use super::authorize::{AuthorizeRequest, Halt, Prompt, Waiting};
use super::rate::Traveller;
use super::spend::seconds;
use super::{Declined, Flows, Refusal, SignedInBrowser};
use crate::config::Secret;
use crate::credential::{BrowserSecret, fingerprint, random_text};
use crate::limit;
use crate::store::{attempt_row, provider_row};
use crate::upstream::{Ask, UpstreamError};

/// Where somebody wants to sign in, and what for.
#[derive(Debug)]
pub struct LoginWish<'a> {
    /// The provider.
    pub provider: &'a str,
    /// The request that waits for it.
    pub waiting: Option<&'a Waiting>,
    /// Who wants to sign in this way as well from now on.
    pub links_to: Option<&'a SignedInBrowser>,
    /// The browser's address, if it can be told.
    pub from: Option<IpAddr>,
    /// Whether somebody is signed in already, and so may mean another account: a provider that remembers them would give
    /// the same one again without a word.
    pub is_signed_in: bool,
}

/// What a browser brings back from a provider.
#[derive(Debug, Default)]
pub struct Returned {
    /// The `state`.
    pub state: Option<Secret>,
    /// The code.
    pub code: Option<Secret>,
    /// The provider's error code.
    pub error: Option<String>,
    /// The provider's issuer (RFC 9207).
    pub iss: Option<String>,
    /// Whether a parameter stood there twice.
    pub has_repeats: bool,
}

/// The browser that comes back.
#[derive(Debug)]
pub struct Returning<'a> {
    /// Its secret.
    pub browser: &'a BrowserSecret,
    /// Who was signed in until now.
    pub signed_in: Option<&'a SignedInBrowser>,
    /// What it says it is.
    pub user_agent: String,
    /// Its address, if it can be told.
    pub address: String,
}

/// Somebody has signed in.
#[derive(Debug)]
pub struct LoggedIn {
    /// The cookie.
    pub cookie: Secret,
    /// The session.
    pub signed_in: SignedInBrowser,
    /// The request to go on with.
    pub request_id: Option<String>,
    /// Whether an identity was linked.
    pub is_linked: bool,
}

/// Nobody has; the request may wait on.
#[derive(Debug)]
pub struct LoginFailed {
    /// Why.
    pub halt: Halt,
    /// The request to try again for.
    pub request_id: Option<String>,
}

impl Flows {
    /// Where to send the browser.
    pub async fn begin_login(&self, wish: &LoginWish<'_>, browser: &BrowserSecret) -> Result<String, Halt> {
        self.admit_journey(Traveller::new(wish.links_to, wish.from))?;
        let row = self.open_provider(wish.provider).await?;
        let provider = self.provider(&row).map_err(internal)?;
        let state = random_text();
        let request = wish.waiting.map(|waiting| &waiting.request);
        let max_age = request.and_then(AuthorizeRequest::sign_in_age);
        let is_fresh = max_age == Some(0);
        let is_choice = wish.is_signed_in || request.is_some_and(|request| request.has_prompt(Prompt::SelectAccount));
        let (nonce, code_verifier) = (browser.nonce(&state), browser.code_verifier(&state));
        let callback = self.callback(&row.name);
        let ask = Ask {
            state: &state,
            nonce: &nonce,
            code_verifier: &code_verifier,
            redirect_uri: &callback,
            prompt: if is_fresh { Some("login") } else { is_choice.then_some("select_account") },
            max_age,
            login_hint: request.and_then(|request| request.login_hint.as_deref()),
            ui_locales: request.and_then(|request| request.ui_locales.as_deref()),
            acr_values: request.and_then(|request| request.acr_values.as_deref()),
        };
        let url = self.upstream.authorize_url(&provider, &ask).await.map_err(|error| wrong(&row, &error))?;
        let now = self.clock.now();
        let attempt = attempt_row::Model {
            id: attempt_id(&state),
            browser_hash: browser.fingerprint().to_vec(),
            provider: row.name,
            request_id: wish.waiting.map(|waiting| waiting.id.clone()),
            links_to: wish.links_to.map(|signed_in| signed_in.user.id.to_string()),
            is_fresh,
            created_at: now,
            expires_at: now + seconds(limit::ATTEMPT_OPEN),
        };
        self.store.open_attempt(attempt).await?;
        Ok(url.into())
    }

    async fn open_provider(&self, name: &str) -> Result<provider_row::Model, Halt> {
        let row = self.store.find_provider(name).await?;
        row.filter(|row| row.disabled_at.is_none()).ok_or_else(|| Halt::NoProvider(name.chars().take(64).collect()))
    }
}

/// What is kept of a `state`.
fn attempt_id(state: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(fingerprint(state))
}

/// What we asked the provider went wrong. A no to that is not the person's: it is about the code, or about us.
fn wrong(row: &provider_row::Model, error: &UpstreamError) -> Halt {
    let (provider, cause) = (row.title.clone(), error.to_string());
    if error.is_slow() { Halt::ProviderSlow { provider, cause } } else { Halt::ProviderWrong { provider, cause } }
}

fn internal(declined: Declined) -> Halt {
    match declined {
        Declined::Store(error) => error.into(),
        other => {
            tracing::error!(error = %other, "a provider can't be used");
            Refusal::Internal("a provider's row can't be used").into()
        }
    }
}
