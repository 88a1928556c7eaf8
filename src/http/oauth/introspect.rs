//! `POST /oauth/introspect` (RFC 7662): whether a token is good, for the app it belongs to or is meant for.

use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::{HttpRequest, HttpResponse, web};

use super::asked;
use crate::flow::Flows;
use crate::http::Arrival;
use crate::http::answer::Answer;

/// Looks at a token. One that is not good is not an error: it is not active.
pub(in crate::http) async fn look(
    flows: web::Data<Flows>,
    arrival: web::Data<Arrival>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Answer> {
    let found =
        asked::by_app(&flows, &arrival, &request, payload, async |asked| flows.introspect(&asked).await).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache")).json(found))
}
