//! Documents for machines: the JWKS and the discovery documents, from memory.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::answer::Answer;
use crate::flow::{Flows, Refusal, grant};
use crate::limit;
use crate::token::Document;

/// The documents that never change while the server runs.
#[derive(Debug)]
pub struct Documents {
    metadata: Document,
}

impl Documents {
    /// The documents of `issuer`: what they claim is what is there, and nothing else.
    #[must_use]
    pub fn new(issuer: &str) -> Self {
        let grants: Vec<&str> = grant::GRANTS.iter().map(|grant| grant.name).collect();
        // RFC 8414 section 2.
        let metadata = Document::new(&json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "token_endpoint": format!("{issuer}/oauth/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "grant_types_supported": grants,
            "response_types_supported": [],
        }));
        Self { metadata }
    }
}

/// `GET /.well-known/oauth-authorization-server` and `openid-configuration`.
pub(super) async fn metadata(request: HttpRequest, documents: web::Data<Documents>) -> HttpResponse {
    answer(&request, &documents.metadata)
}

/// `GET /.well-known/jwks.json` (RFC 7517 section 5).
pub(super) async fn jwks(request: HttpRequest, flows: web::Data<Flows>) -> Result<HttpResponse, Answer> {
    let unavailable = || Answer::new(Refusal::Unavailable("the key ring is not loaded"), flows.issuer());
    Ok(answer(&request, &flows.jwks().ok_or_else(unavailable)?))
}

/// What a browser asks before it sends an access token from another origin.
pub(super) async fn preflight_with_token() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "86400"))
        .finish()
}

/// What a browser asks before it reads a document from another origin.
pub(super) async fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"))
        .insert_header((ACCESS_CONTROL_MAX_AGE, "86400"))
        .finish()
}

fn answer(request: &HttpRequest, document: &Document) -> HttpResponse {
    let is_known = request.headers().get_all(IF_NONE_MATCH).any(|tags| is_among(&document.etag, tags.as_bytes()));
    let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer
        .insert_header((CACHE_CONTROL, format!("public, max-age={}", limit::JWKS_MAX_AGE.as_secs())))
        .insert_header((ETAG, &*document.etag))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
    if is_known {
        return answer.finish();
    }
    answer.insert_header((CONTENT_TYPE, "application/json")).body(document.body.to_string())
}

/// Whether `tags` (an `If-None-Match` field) names `etag`, or anything (RFC 9110 section 13.1.2: weak comparison).
fn is_among(etag: &str, tags: &[u8]) -> bool {
    let mut tags = tags.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    tags.any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
}
