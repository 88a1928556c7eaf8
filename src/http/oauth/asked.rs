//! What an app asks of an endpoint where it must say who it is: the form, the credential, the pace of refusals.

use actix_web::{HttpRequest, web};

use crate::flow::{Flows, Refusal, TokenRequest};
use crate::http::answer::Answer;
use crate::http::{Arrival, caller, form};

/// Reads the request, asks the flow, and answers a refusal: one about credentials on the beat that all of them share.
pub(super) async fn by_app<T>(
    flows: &Flows,
    arrival: &Arrival,
    request: &HttpRequest,
    payload: web::Payload,
    flow: impl AsyncFnOnce(TokenRequest) -> Result<T, Refusal>,
) -> Result<T, Answer> {
    let refuse = |refusal| {
        let answer = Answer::new(refusal, flows.issuer());
        metrics::counter!("hallpass_refused_total", "error" => answer.code()).increment(1);
        answer
    };
    let form = form::read(request, payload).await.map_err(refuse)?;
    let refused_at = arrival.pace.refusal_beat();
    let outcome = match caller::read(request.headers(), &form, flows.prefix()) {
        Ok(caller) => flow(TokenRequest { caller, form, from: caller::address(request, arrival) }).await,
        Err(refusal) => Err(refusal),
    };
    match outcome.map_err(refuse) {
        Err(answer) if answer.is_about_credentials() => {
            arrival.pace.wait_for(refused_at).await;
            Err(answer)
        }
        outcome => outcome,
    }
}
