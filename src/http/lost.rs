//! Lost: what is answered where nothing is, or where what is there works in another way.
//!
//! In:    a request that no handler takes.
//! Out:   a page for a person who opened an address; our JSON for everything else.

use actix_web::http::Method;
use actix_web::http::header::ACCEPT;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, Route, web};

use super::answer::Answer;
use super::visitor::Visitor;
use crate::flow::{Flows, Refusal};

/// The issuer's own address: people who open it want their account, and for programs there is nothing.
pub(super) async fn home(request: HttpRequest, flows: web::Data<Flows>) -> Result<HttpResponse, Error> {
    if is_a_person(&request) {
        return Ok(Visitor::extract(&request).await?.redirect_home("/account"));
    }
    nowhere(request, flows).await
}

/// `404`.
pub(super) async fn nowhere(request: HttpRequest, flows: web::Data<Flows>) -> Result<HttpResponse, Error> {
    refuse(&request, &flows, Refusal::NoSuchAddress).await
}

/// `405` at a page that only knows the methods in `allow`: people get there by going back, or from a bookmark.
pub(super) fn wrong_method(allow: &'static str) -> Route {
    web::to(move |request: HttpRequest, flows: web::Data<Flows>| async move {
        refuse(&request, &flows, Refusal::MethodNotAllowed { allow }).await
    })
}

async fn refuse(request: &HttpRequest, flows: &Flows, refusal: Refusal) -> Result<HttpResponse, Error> {
    if !is_a_person(request) {
        return Err(Answer::new(refusal, flows.issuer()).into());
    }
    Err(Visitor::extract(request).await?.stop(refusal).into())
}

/// Browsers say that they want HTML when somebody opens an address, and hardly anything else does.
fn is_a_person(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    request.method() == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}
