//! `/pick`: somebody said who they want to be.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::authorize::{give_code, meant, refuse};
use super::parameters::Parameters;
use super::request::{CodeRequest, Fault};
use super::slip::Form;
use super::state::{self, State};
use super::{origin, page, person};

/// What the button that picks nobody says.
pub(super) const NOBODY: &str = "nobody";

/// `POST /pick`: a form of ours, with the request it was shown for.
pub(super) async fn pick(state: web::Data<State>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    if !origin::is_own(&request, &state.issuer) {
        return page::note(StatusCode::FORBIDDEN, "This did not work", "The form was sent from another site.");
    }
    let form = Parameters::parse(&String::from_utf8_lossy(&body));
    let browser = state::browser(&request).unwrap_or_default();
    let slip = form.sole("slip").unwrap_or_default();
    let Some(asked) = state.sealer.unseal(Form::Pick, &browser, slip, state.now()) else {
        let words = "The page is too old, or your browser keeps no cookies. Go back to the app and try again.";
        return page::note(StatusCode::BAD_REQUEST, "This did not work", words);
    };
    answer(&state, &browser, &asked, form.sole("sub").unwrap_or_default()).unwrap_or_else(|fault| refuse(&state, fault))
}

fn answer(state: &State, browser: &str, asked: &str, sub: &str) -> Result<HttpResponse, Fault> {
    let request = CodeRequest::read(&Parameters::parse(asked), &state.client)?;
    if sub == NOBODY {
        return Err(Fault::Back(request.back, "access_denied", "nobody was picked"));
    }
    let person = person::find(sub).ok_or(Fault::Here("There is nobody of that name."))?;
    let meant = meant(state, &request)?;
    let session = state.sign_in(browser, person);
    if meant.is_some_and(|sub| sub != person.sub) {
        return Err(Fault::Back(
            request.back,
            "login_required",
            "somebody else was picked than the id_token_hint says",
        ));
    }
    Ok(give_code(state, request, session))
}
