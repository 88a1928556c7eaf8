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
use crate::policy::identity_scope;
use crate::policy::person::Claim;
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
        // RFC 8414 section 2, OpenID Connect Discovery section 3, RFC 9207 section 3.
        let at = |path: &str| format!("{issuer}{path}");
        let scopes: Vec<&str> = identity_scope::ALL.to_vec();
        let claims = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];
        let claims: Vec<&str> = claims.into_iter().chain(Claim::ALL.map(Claim::as_str)).collect();
        let methods = ["client_secret_basic", "client_secret_post"];
        let metadata = Document::new(&json!({
            "issuer": issuer,
            "jwks_uri": at("/.well-known/jwks.json"),
            "authorization_endpoint": at("/oauth/authorize"),
            "token_endpoint": at("/oauth/token"),
            "userinfo_endpoint": at("/oauth/userinfo"),
            "introspection_endpoint": at("/oauth/introspect"),
            "revocation_endpoint": at("/oauth/revoke"),
            "end_session_endpoint": at("/oauth/logout"),
            "grant_types_supported": grants,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "subject_types_supported": ["public"],
            "scopes_supported": scopes,
            "claims_supported": claims,
            "claim_types_supported": ["normal"],
            "claims_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "ui_locales_supported": ["en", "de"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "introspection_endpoint_auth_methods_supported": methods,
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
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
