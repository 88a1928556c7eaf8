//! `/userinfo`: what an access token shows about a person (OpenID Connect Core 1.0 section 5.3).

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};

use super::claims;
use super::state::State;

/// `GET` or `POST /userinfo`, with the token in the header (RFC 6750 section 2.1).
pub(super) async fn tell(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let mut shown = request.headers().get_all(AUTHORIZATION);
    let (Some(header), None) = (shown.next(), shown.next()) else {
        return refuse(r#"Bearer realm="demo""#);
    };
    let token = header.to_str().ok().and_then(|header| header.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token);
    match token.and_then(|token| state.tokens.find(token, state.now())) {
        Some(grant) => {
            let claims = claims::about(grant.person, &grant.scope);
            HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(claims)
        }
        None => refuse(r#"Bearer realm="demo", error="invalid_token""#),
    }
}

fn refuse(challenge: &str) -> HttpResponse {
    HttpResponse::Unauthorized().insert_header((WWW_AUTHENTICATE, challenge)).finish()
}
