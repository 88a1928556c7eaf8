//! `POST /login/logout/{provider}` (OpenID Connect Back-Channel Logout 1.0, section 2.5): a provider says that somebody has
//! signed out there.

use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::flow::{Flows, Refusal};
use crate::http::answer::Answer;
use crate::http::form;

/// Ends what the logout token is about.
pub(in crate::http) async fn hear(
    flows: web::Data<Flows>,
    request: HttpRequest,
    provider: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, Answer> {
    let ended = async {
        let form = form::read(&request, payload).await?;
        let token = form.one("logout_token").ok_or(Refusal::Missing("logout_token"))?;
        flows.provider_logout(&provider, token).await
    };
    ended.await.map_err(|refusal| Answer::new(refusal, flows.issuer()))?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache")).finish())
}
