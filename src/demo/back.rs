//! The way back: where the answer to a request for a code goes.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use url::form_urlencoded::Serializer;

use super::Client;
use super::parameters::Parameters;

/// A registered address, and what the client wants to hear again there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WayBack {
    pub(super) redirect_uri: String,
    state: Option<String>,
}

impl WayBack {
    /// The way back to `client`, or words for a page.
    pub(super) fn read(parameters: &Parameters, client: &Client) -> Result<Self, &'static str> {
        if parameters.sole("client_id") != Some(&client.client_id) {
            return Err("The app that sent you here is not known: its client_id is missing or wrong.");
        }
        let redirect_uri =
            parameters.sole("redirect_uri").filter(|uri| client.redirect_uris.iter().any(|own| own == uri));
        let redirect_uri = redirect_uri.ok_or("The app wants you sent to an address that is not registered for it.")?;
        Ok(Self { redirect_uri: redirect_uri.to_owned(), state: parameters.sole("state").map(str::to_owned) })
    }

    /// Goes there with a code.
    pub(super) fn with_code(&self, issuer: &str, code: &str) -> HttpResponse {
        self.with(issuer, &[("code", code)])
    }

    /// Goes there with an error.
    pub(super) fn with_error(&self, issuer: &str, error: &str, words: &str) -> HttpResponse {
        tracing::info!(error, words, "the demo provider gave no code");
        self.with(issuer, &[("error", error), ("error_description", words)])
    }

    /// `iss` tells the client whose answer this is, errors too (RFC 9207 section 2).
    fn with(&self, issuer: &str, parameters: &[(&str, &str)]) -> HttpResponse {
        let state = self.state.as_deref().map(|state| ("state", state));
        let parameters: Vec<_> = parameters.iter().copied().chain(state).chain([("iss", issuer)]).collect();
        see_other(&self.redirect_uri, &parameters)
    }
}

/// 303, after a `GET` too: a form is never sent on (RFC 9700 section 4.12).
pub(super) fn see_other(to: &str, parameters: &[(&str, &str)]) -> HttpResponse {
    // The address stays as it was registered, byte for byte; a parser might spell it anew.
    let query = Serializer::new(String::new()).extend_pairs(parameters).finish();
    let sign = match (query.is_empty(), to.contains('?')) {
        (true, _) => "",
        (false, true) => "&",
        (false, false) => "?",
    };
    HttpResponse::SeeOther()
        .insert_header((LOCATION, format!("{to}{sign}{query}")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .finish()
}
