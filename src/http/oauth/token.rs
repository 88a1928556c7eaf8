//! `POST /oauth/token`: trade what you hold for a token.

use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::asked;
use crate::flow::Flows;
use crate::http::answer::Answer;
use crate::http::{Arrival, numbers};

/// RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3.
#[derive(Serialize)]
struct TokenReply<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
}

/// Issues a token, or refuses with an answer from the one table.
pub(in crate::http) async fn issue(
    flows: web::Data<Flows>,
    arrival: web::Data<Arrival>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Answer> {
    let issued = asked::by_app(&flows, &arrival, &request, payload, async |asked| flows.exchange(&asked).await).await?;
    numbers::issued(issued.profile);
    let reply = TokenReply {
        access_token: &issued.access_token,
        token_type: "Bearer",
        expires_in: issued.expires_in,
        scope: issued.scope.as_str(),
        refresh_token: issued.refresh_token.as_deref(),
        id_token: issued.id_token.as_deref(),
    };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache")).json(reply))
}
