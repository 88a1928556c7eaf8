//! The error catalogue: one page for each code, served where `error_uri` points.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};

use super::answer::Answer;
use crate::flow::{Flows, Refusal};

macro_rules! pages {
    ($($code:literal),* $(,)?) => {
        /// Each code with its page.
        pub(super) const PAGES: &[(&str, &str)] = &[$(($code, include_str!(concat!("../../docs/errors/", $code, ".md")))),*];
    };
}

pages!(
    "insufficient_scope",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "invalid_token",
    "method_not_allowed",
    "not_found",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
);

/// `GET /errors/{code}`: what the code means and what to do about it, as Markdown.
pub(super) async fn page(flows: web::Data<Flows>, code: web::Path<String>) -> Result<HttpResponse, Answer> {
    let (_, page) = PAGES
        .iter()
        .find(|(own, _)| *own == *code)
        .ok_or_else(|| Answer::new(Refusal::NoSuchAddress, flows.issuer()))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(*page))
}
