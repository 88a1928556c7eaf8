//! RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0): an app sends the person away, and they are asked unless
//! it shows an ID token of this very session.

use std::sync::Arc;

use super::access_token::Hint;
use super::{Flows, Halt, Refusal, SignedInBrowser};
use crate::config::Secret;
use crate::store::AppRecord;

/// What an app asks.
#[derive(Clone, Debug, Default)]
pub struct LogoutRequest {
    /// An ID token that it was given.
    pub id_token_hint: Option<Secret>,
    /// Who it is.
    pub client_id: Option<String>,
    /// Where the person shall go then.
    pub post_logout_redirect_uri: Option<String>,
    /// What shall be sent along.
    pub state: Option<String>,
    /// Whether a parameter stood there twice.
    pub has_repeats: bool,
}

/// What happens next.
#[derive(Debug)]
pub enum LogoutStep {
    /// The person is asked.
    Ask {
        /// The app that asks, if that is known for sure.
        app: Option<Arc<AppRecord>>,
    },
    /// The person is signed out.
    Done {
        /// The app that asked, if that is known for sure.
        app: Option<Arc<AppRecord>>,
        /// Where they go: one of the app's own addresses.
        redirect: Option<String>,
    },
}

impl Flows {
    /// Ends the session when the app may ask for it, or when the person `confirmed` it.
    pub async fn logout(
        &self,
        request: &LogoutRequest,
        signed_in: Option<&SignedInBrowser>,
        confirmed: bool,
    ) -> Result<LogoutStep, Halt> {
        if request.has_repeats {
            return Err(Refusal::Repeated.into());
        }
        let hint = match &request.id_token_hint {
            None => None,
            Some(hint) => Some(self.read_hint(hint.reveal()).ok_or(Halt::BadHint("not one of ours"))?),
        };
        let app = self.logging_out(request, hint.as_ref()).await?;
        let redirect = post_logout(request, app.as_deref())?;
        let is_own = |hint: &Hint, signed_in: &SignedInBrowser| {
            hint.sub == *signed_in.user.id && hint.sid.as_ref() == Some(&signed_in.session.id)
        };
        match signed_in {
            Some(signed_in) if confirmed || hint.as_ref().is_some_and(|hint| is_own(hint, signed_in)) => {
                self.end_session(&signed_in.user.id, &signed_in.session.id).await?;
                Ok(LogoutStep::Done { app, redirect })
            }
            Some(_) => Ok(LogoutStep::Ask { app }),
            // Nobody is signed in here: there is nothing to ask. Where somebody's token says so they go on.
            None if hint.is_some() || confirmed => Ok(LogoutStep::Done { app, redirect }),
            None => Ok(LogoutStep::Done { app, redirect: None }),
        }
    }

    /// The app that asks. One that names itself and shows another's token is neither. One that is disabled asks nothing,
    /// but who wants to leave may.
    async fn logging_out(&self, request: &LogoutRequest, hint: Option<&Hint>) -> Result<Option<Arc<AppRecord>>, Halt> {
        let client_id = match (hint, &request.client_id) {
            (Some(hint), Some(client_id)) if hint.client_id != *client_id => {
                return Err(Halt::BadHint("another app's"));
            }
            (Some(hint), _) => &hint.client_id,
            (None, Some(client_id)) => client_id,
            (None, None) => return Ok(None),
        };
        match self.find_signing_in(client_id).await {
            Err(Halt::UnknownApp) if hint.is_some() => Ok(None),
            app => app.map(Some),
        }
    }
}

/// Where the person goes: an address of the app that asks, the same text to the byte.
fn post_logout(request: &LogoutRequest, app: Option<&AppRecord>) -> Result<Option<String>, Halt> {
    let Some(asked) = &request.post_logout_redirect_uri else { return Ok(None) };
    let app = app.ok_or(Halt::BadHint("missing, and no client_id either"))?;
    if !app.post_logout_redirect_uris.iter().any(|uri| **uri == **asked) {
        return Err(Halt::UnregisteredRedirect);
    }
    let mut uri = asked.clone();
    if let Some(state) = &request.state {
        uri.push(if uri.contains('?') { '&' } else { '?' });
        uri.push_str(&url::form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish());
    }
    Ok(Some(uri))
}
