//! Authorization requests that can be answered: what the app wants, and how it shall hear of it.

use serde::{Deserialize, Serialize};

use super::fault::{ResponseMode, Way};
use super::wish::ClaimsWish;
use crate::flow::target;
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, ResourceRecord};

/// A request that can be answered. As JSON it waits for the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    /// The app.
    pub client_id: String,
    /// Where the answer goes.
    pub redirect_uri: String,
    /// How.
    pub mode: ResponseMode,
    /// What the app sent along.
    pub state: Option<String>,
    /// What it asks for, of what we know and it may.
    pub scopes: String,
    /// The resources it names.
    pub resources: String,
    /// What goes into the ID token.
    pub nonce: Option<String>,
    /// The S256 challenge.
    pub challenge: Option<String>,
    /// `prompt`
    pub prompt: Vec<Prompt>,
    /// How long ago the person may have signed in, in seconds.
    pub max_age: Option<i64>,
    /// Who it is, probably.
    pub login_hint: Option<String>,
    /// Languages, the best first.
    pub ui_locales: Option<String>,
    /// How the person should sign in.
    pub acr_values: Option<String>,
    /// Claims asked for by name.
    pub claims: ClaimsWish,
    /// The only person it may be about, by an ID token they were given.
    pub hinted_sub: Option<String>,
    /// The session that a sign-in for it began.
    pub signed_in_by: Option<String>,
    /// Whether the person said since then who they are.
    pub is_account_chosen: bool,
}

/// What the person shall be asked, whatever we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Nothing.
    None,
    /// To sign in.
    Login,
    /// To allow it.
    Consent,
    /// To choose who they are.
    SelectAccount,
}

impl AuthorizeRequest {
    /// The way back.
    #[must_use]
    pub fn way(&self) -> Way {
        Way { redirect_uri: self.redirect_uri.clone(), mode: self.mode, state: self.state.clone() }
    }

    /// The scopes that the person has to allow.
    #[must_use]
    pub fn asks(&self) -> Scopes {
        let by_name = self.claims.scopes().collect::<Vec<_>>().join(" ");
        Scopes::trusted(&self.scopes).with(&Scopes::trusted(&by_name))
    }

    /// The resources of `app` that it is about.
    #[must_use]
    pub fn meant<'a>(&self, app: &'a AppRecord) -> Vec<&'a ResourceRecord> {
        target::meant(app, &Scopes::trusted(&self.resources), &self.asks())
    }

    /// How long ago the person may have proved who they are, in seconds, if that matters.
    #[must_use]
    pub fn sign_in_age(&self) -> Option<i64> {
        if self.has_prompt(Prompt::Login) { Some(0) } else { self.max_age }
    }

    /// Whether a sign-in for it may count where an older one does not.
    #[must_use]
    pub fn wants_new_sign_in(&self) -> bool {
        self.sign_in_age().is_some() || self.has_prompt(Prompt::SelectAccount)
    }

    /// Whether `prompt` has it.
    #[must_use]
    pub fn has_prompt(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }
}
