//! Around every request: its id, its shape, the log line of a refusal, the numbers an operator watches.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Instant;

use actix_http::ConnectionType;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, UPGRADE};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};

use super::answer::Answer;
use super::stopped::Stopped;
use super::{Arrival, numbers, shape};
use crate::flow::Flows;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(super) async fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, Error> {
    let began = Instant::now();
    let id = request_id(&request);
    request.extensions_mut().insert(RequestId(id.clone()));
    // Plain http is for issuers on loopback alone.
    let is_on_this_machine =
        request.app_data::<web::Data<Flows>>().is_some_and(|flows| flows.issuer().starts_with("http:"));
    let mut response = match shape::check(request.head(), is_on_this_machine) {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(refusal) => {
            let issuer = request.app_data::<web::Data<Flows>>().map(|flows| flows.issuer().to_owned());
            let answer = Answer::new(refusal, &issuer.unwrap_or_default());
            let response = answer.error_response();
            answer.log(id.to_str().unwrap_or_default());
            request.into_response(response).map_into_right_body()
        }
    };
    if let Some(answer) = response.response().error().and_then(|error| error.as_error::<Answer>()) {
        answer.log(id.to_str().unwrap_or_default());
    }
    if let Some(stopped) = response.response().error().and_then(|error| error.as_error::<Stopped>()) {
        stopped.log(id.to_str().unwrap_or_default());
    }
    let head = response.request().head();
    if head.upgrade() || head.headers().contains_key(UPGRADE) {
        // Not taken up, and what comes behind is nobody's.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    numbers::answered(response.request().match_name(), response.status().as_u16(), began.elapsed());
    response.headers_mut().insert(REQUEST_ID, id);
    Ok(response)
}

/// The id of a request, for pages that name it.
#[derive(Clone)]
pub(super) struct RequestId(HeaderValue);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

/// A trusted proxy's id when it has the form of one, else a fresh one.
fn request_id(request: &ServiceRequest) -> HeaderValue {
    let trusted = request.app_data::<web::Data<Arrival>>().zip(request.peer_addr()).is_some_and(|(arrival, peer)| {
        arrival.trusted_proxies.iter().any(|network| network.contains(&peer.ip().to_canonical()))
    });
    if trusted && let Some(id) = given_id(request.headers()) {
        return id;
    }
    HeaderValue::from_str(&fresh_id()).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

/// Another one each time. It tells requests apart and is no secret, so the kernel is not asked for chance.
pub(super) fn fresh_id() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

fn given_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(REQUEST_ID)?;
    let is_good = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    ((1..=64).contains(&id.len()) && id.as_bytes().iter().all(is_good)).then(|| id.clone())
}
