//! `/token`: a code becomes an ID token and an access token (OpenID Connect Core 1.0 section 3.1.3).

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::caller::{self, Stranger};
use super::claims;
use super::id_token::at_hash;
use super::parameters::Parameters;
use super::state::{self, Code, Grant, State};
use crate::credential::Verifier;
use crate::limit;

/// An error code, and words for developers.
type Refused = (&'static str, &'static str);

/// `POST /token`.
pub(super) async fn issue(state: web::Data<State>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let (status, reply) = match exchange(&state, &request, &body) {
        Ok(reply) => (StatusCode::OK, reply),
        Err((error, words)) => {
            tracing::info!(error, words, "the demo provider gave no token");
            let status = match error {
                "invalid_client" => StatusCode::UNAUTHORIZED,
                "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
                _ => StatusCode::BAD_REQUEST,
            };
            (status, json!({ "error": error, "error_description": words }))
        }
    };
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header((WWW_AUTHENTICATE, r#"Basic realm="demo""#));
    }
    answer.insert_header((CACHE_CONTROL, "no-store")).json(reply)
}

fn exchange(state: &State, request: &HttpRequest, body: &[u8]) -> Result<Value, Refused> {
    let is_form = request.headers().get(CONTENT_TYPE).is_some_and(|own| is_form(own.as_bytes()));
    let text = std::str::from_utf8(body).ok().filter(|_| is_form);
    let form = Parameters::parse(text.ok_or(("invalid_request", "the body must be a form in UTF-8"))?);
    if form.has_repeated() {
        return Err(("invalid_request", "a parameter is repeated"));
    }
    caller::check(request.headers(), &form, &state.client).map_err(|stranger| match stranger {
        Stranger::Wrong => ("invalid_client", "the client is not known, or its secret is wrong"),
        Stranger::Twice => ("invalid_request", "show the client's secret in one way only"),
    })?;
    match form.one("grant_type") {
        Some("authorization_code") => {}
        None => return Err(("invalid_request", "grant_type is missing")),
        Some(_) => return Err(("unsupported_grant_type", "the only grant type is authorization_code")),
    }
    redeem(state, &form)
}

fn is_form(media_type: &[u8]) -> bool {
    let media_type = media_type.split(|byte| *byte == b';').next().unwrap_or_default();
    media_type.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
}

/// The code is spent first, then looked at: of two who show it, one at most gets anything.
fn redeem(state: &State, form: &Parameters) -> Result<Value, Refused> {
    let text = form.one("code").ok_or(("invalid_request", "code is missing"))?;
    let Some(code) = state.codes.take(text, state.now()) else {
        // Somebody has what was meant for another: what it bought dies too (RFC 6749 section 4.1.2).
        if let Some(access_token) = state.spent.take(text, state.now()) {
            state.tokens.take(&access_token, state.now());
        }
        return Err(("invalid_grant", "the code is not known, was used, or is too old"));
    };
    if form.one("redirect_uri") != Some(&code.request.back.redirect_uri) {
        return Err(("invalid_grant", "redirect_uri is not the one the code was sent to"));
    }
    let verifier: Option<Verifier> = form.one("code_verifier").and_then(|verifier| verifier.parse().ok());
    if !verifier.is_some_and(|verifier| code.request.challenge.matches(&verifier)) {
        return Err(("invalid_grant", "code_verifier is not the one behind the challenge"));
    }
    let access_token = state::random();
    let id_token = id_token(state, &code, &access_token).ok_or(("server_error", "the ID token could not be signed"))?;
    let scope = code.request.scope.join(" ");
    let expires_at = state.after(limit::DEMO_TOKEN_LIFETIME);
    state.spent.insert(text.to_owned(), access_token.clone(), expires_at);
    let grant = Grant { person: code.session.person, scope: code.request.scope };
    state.tokens.insert(access_token.clone(), grant, expires_at);
    Ok(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": limit::DEMO_TOKEN_LIFETIME.as_secs(),
        "id_token": id_token,
        "scope": scope,
    }))
}

fn id_token(state: &State, code: &Code, access_token: &str) -> Option<String> {
    let mut told = claims::about(code.session.person, &code.request.scope);
    let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
    tell("iss", json!(state.issuer));
    tell("aud", json!(state.client.client_id));
    tell("iat", json!(state.now()));
    tell("exp", json!(state.after(limit::DEMO_TOKEN_LIFETIME)));
    tell("auth_time", json!(code.session.auth_at));
    tell("at_hash", json!(at_hash(access_token)));
    if let Some(nonce) = &code.request.nonce {
        tell("nonce", json!(nonce));
    }
    state.signer.sign(&Value::Object(told)).ok()
}
