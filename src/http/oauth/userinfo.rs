//! `GET` and `POST /oauth/userinfo` (OpenID Connect Core section 5.3): what an app may know of the person.

use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CACHE_CONTROL, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::flow::{Flows, Refusal};
use crate::http::answer::Answer;
use crate::http::form;

/// Tells what the access token allows.
pub(in crate::http) async fn tell(
    flows: web::Data<Flows>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Answer> {
    let refuse = |refusal| Answer::new(refusal, flows.issuer());
    let token = read_token(&request, payload).await.map_err(refuse)?;
    let claims = flows.userinfo(&token).await.map_err(refuse)?;
    // The token is all that counts here, and a browser sends none by itself.
    let answer = HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(claims);
    Ok(answer)
}

/// The token in the header, or in the form of a POST; never in the query, and never in two places (RFC 6750 section 2).
async fn read_token(request: &HttpRequest, payload: web::Payload) -> Result<String, Refusal> {
    let in_header = bearer(request.headers())?;
    let has_body = request.headers().contains_key(actix_web::http::header::CONTENT_TYPE);
    let form = if request.method() == actix_web::http::Method::POST && has_body {
        Some(form::read(request, payload).await?)
    } else {
        None
    };
    let in_form = form.as_ref().and_then(|form| form.one("access_token"));
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(Refusal::SeveralCredentials),
        (Some(token), None) | (None, Some(token)) => Ok(token.to_owned()),
        (None, None) => Err(Refusal::NoToken),
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut all = headers.get_all(AUTHORIZATION);
    let (first, second) = (all.next(), all.next());
    if second.is_some() {
        return Err(Refusal::SeveralCredentials);
    }
    let Some(value) = first else { return Ok(None) };
    let bad = Refusal::BadToken("not a bearer token");
    let Some((scheme, token)) = value.to_str().ok().and_then(|value| value.split_once(' ')) else { return Err(bad) };
    if scheme.eq_ignore_ascii_case("bearer") { Ok(Some(token)) } else { Ok(None) }
}
