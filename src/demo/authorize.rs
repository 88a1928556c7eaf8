//! `/authorize`: a code for who is signed in with this browser, or a page that asks.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::parameters::Parameters;
use super::request::{CodeRequest, Fault, Prompt};
use super::slip::Form;
use super::state::{self, Code, Session, State};
use super::{page, person};
use crate::limit;

/// `GET /authorize`, or the same as a form (OpenID Connect Core 1.0 section 3.1.2.1).
pub(super) async fn ask(state: web::Data<State>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let asked = format!("{}&{}", request.query_string(), String::from_utf8_lossy(&body));
    let browser = state::browser(&request).unwrap_or_else(state::random);
    match answer(&state, &browser, &asked) {
        Ok(answer) => answer,
        Err(fault) => refuse(&state, fault),
    }
}

fn answer(state: &State, browser: &str, asked: &str) -> Result<HttpResponse, Fault> {
    let request = CodeRequest::read(&Parameters::parse(asked), &state.client)?;
    let meant = meant(state, &request)?;
    let signed_in = state.session(browser);
    let good_enough = signed_in.filter(|session| {
        let is_recent = request.max_age.is_none_or(|max_age| state.now() - session.auth_at < max_age);
        is_recent && meant.as_ref().is_none_or(|sub| sub == session.person.sub)
    });
    match (request.prompt, good_enough) {
        (Prompt::None | Prompt::Default, Some(session)) => Ok(give_code(state, request, session)),
        (Prompt::None, None) => Err(Fault::Back(request.back, "login_required", "nobody is signed in as needed")),
        (Prompt::Default | Prompt::Always, _) => {
            let slip = state.sealer.seal(Form::Pick, browser, asked, state.after(limit::DEMO_PAGE_LIFETIME));
            let hinted = request.login_hint.as_deref().and_then(person::hinted);
            let page = page::pick(&state.client.client_id, &slip, hinted, signed_in.map(|session| session.person));
            Ok(page::with_cookie(page, browser))
        }
    }
}

/// Whom an `id_token_hint` means. It lets nobody in: it can only keep out who it does not mean.
pub(super) fn meant(state: &State, request: &CodeRequest) -> Result<Option<String>, Fault> {
    let Some(hint) = &request.id_token_hint else { return Ok(None) };
    let sub = state.signer.read_hint(hint).and_then(|claims| claims["sub"].as_str().map(str::to_owned));
    let bad = || Fault::Back(request.back.clone(), "invalid_request", "the id_token_hint is not an ID token of ours");
    sub.map(Some).ok_or_else(bad)
}

/// Sends the browser back with a code that buys tokens about who is signed in.
pub(super) fn give_code(state: &State, request: CodeRequest, session: Session) -> HttpResponse {
    let (code, back) = (state::random(), request.back.clone());
    let expires_at = state.after(limit::DEMO_CODE_LIFETIME);
    state.codes.insert(code.clone(), Code { request, session }, expires_at);
    back.with_code(&state.issuer, &code)
}

/// On a page, or back to the client.
pub(super) fn refuse(state: &State, fault: Fault) -> HttpResponse {
    match fault {
        Fault::Here(words) => page::note(StatusCode::BAD_REQUEST, "This did not work", words),
        Fault::Back(back, error, words) => back.with_error(&state.issuer, error, words),
    }
}
