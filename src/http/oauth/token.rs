//! `POST /oauth/token`: trade what you hold for a token.

use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use crate::flow::{Flows, Form, Issued, Refusal, TokenRequest};
use crate::http::answer::Answer;
use crate::http::{Arrival, caller, form};

/// RFC 6749 section 5.1.
#[derive(Serialize)]
struct TokenReply<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    scope: &'a str,
}

/// Issues a token, or refuses with an answer from the one table.
pub(in crate::http) async fn issue(
    flows: web::Data<Flows>,
    arrival: web::Data<Arrival>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Answer> {
    let refuse = |refusal| {
        let answer = Answer::new(refusal, flows.issuer());
        metrics::counter!("hallpass_refused_total", "error" => answer.code()).increment(1);
        answer
    };
    let form = form::read(&request, payload).await.map_err(refuse)?;
    let refused_at = arrival.pace.refusal_beat();
    let issued = match exchange(&flows, &arrival, &request, form).await.map_err(refuse) {
        Ok(issued) => issued,
        Err(answer) => {
            if answer.is_about_credentials() {
                arrival.pace.wait_for(refused_at).await;
            }
            return Err(answer);
        }
    };
    let Issued { access_token, expires_in, scope, profile } = &issued;
    metrics::counter!("hallpass_tokens_issued_total", "profile" => profile.as_str()).increment(1);
    let reply = TokenReply { access_token, token_type: "Bearer", expires_in: *expires_in, scope: scope.as_str() };
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache")).json(reply))
}

async fn exchange(flows: &Flows, arrival: &Arrival, request: &HttpRequest, form: Form) -> Result<Issued, Refusal> {
    let caller = caller::read(request.headers(), &form, flows.prefix())?;
    let from = caller::address(request, arrival);
    flows.exchange(&TokenRequest { caller, form, from }).await
}
