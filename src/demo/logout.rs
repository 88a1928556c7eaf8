//! `/logout`: the browser forgets who was picked (OpenID Connect RP-Initiated Logout 1.0).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::parameters::Parameters;
use super::slip::Form;
use super::state::{self, State};
use super::{back, origin, page};
use crate::limit;

/// `GET /logout`, or the same as a form. Without an ID token that speaks of who is signed in, the person is asked:
/// any page could have sent them here (section 2).
pub(super) async fn ask(state: web::Data<State>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let asked = format!("{}&{}", request.query_string(), String::from_utf8_lossy(&body));
    let parameters = Parameters::parse(&asked);
    if parameters.has_repeated() {
        return page::note(StatusCode::BAD_REQUEST, "This did not work", "The app sent a parameter twice.");
    }
    let browser = state::browser(&request).unwrap_or_default();
    match state.session(&browser) {
        Some(session) if hinted(&state, &parameters).as_deref() != Some(session.person.sub) => {
            let slip = state.sealer.seal(Form::Leave, &browser, &asked, state.after(limit::DEMO_PAGE_LIFETIME));
            page::leave(session.person, &slip)
        }
        _ => sign_out(&state, &browser, &parameters),
    }
}

/// `POST /leave`: the person said yes.
pub(super) async fn leave(state: web::Data<State>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    if !origin::is_own(&request, &state.issuer) {
        return page::note(StatusCode::FORBIDDEN, "This did not work", "The form was sent from another site.");
    }
    let form = Parameters::parse(&String::from_utf8_lossy(&body));
    let browser = state::browser(&request).unwrap_or_default();
    let slip = form.sole("slip").unwrap_or_default();
    match state.sealer.unseal(Form::Leave, &browser, slip, state.now()) {
        Some(asked) => sign_out(&state, &browser, &Parameters::parse(&asked)),
        None => page::note(StatusCode::BAD_REQUEST, "This did not work", "The page is too old. Try again."),
    }
}

/// Whom an ID token of ours, made for our client, speaks of; it may be an old one.
fn hinted(state: &State, parameters: &Parameters) -> Option<String> {
    let claims = state.signer.read_hint(parameters.one("id_token_hint")?)?;
    claims["sub"].as_str().filter(|_| claims["aud"] == *state.client.client_id).map(str::to_owned)
}

/// Then back to the client, if it is known which one asks and the address is registered for it.
fn sign_out(state: &State, browser: &str, parameters: &Parameters) -> HttpResponse {
    state.sign_out(browser);
    let is_known = match parameters.one("client_id") {
        Some(client_id) => client_id == state.client.client_id,
        None => hinted(state, parameters).is_some(),
    };
    let registered = &state.client.post_logout_redirect_uris;
    let to = parameters.one("post_logout_redirect_uri").filter(|uri| registered.iter().any(|own| own == uri));
    match to.filter(|_| is_known) {
        Some(to) => {
            let state = parameters.one("state").map(|state| ("state", state));
            back::see_other(to, &Vec::from_iter(state))
        }
        None => page::note(StatusCode::OK, "You are signed out", "The demo provider has forgotten who you were."),
    }
}
