//! `POST /oauth/revoke` (RFC 7009): an app takes a token or a key back.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpRequest, HttpResponse, web};

use super::asked;
use crate::flow::Flows;
use crate::http::Arrival;
use crate::http::answer::Answer;

/// Takes it back. What is unknown, dead or another's is answered the same.
pub(in crate::http) async fn revoke(
    flows: web::Data<Flows>,
    arrival: web::Data<Arrival>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Answer> {
    asked::by_app(&flows, &arrival, &request, payload, async |asked| flows.revoke(&asked).await).await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).finish())
}
