//! Documents for machines: what this provider can do, and the key it signs with.

use actix_web::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG};
use actix_web::{HttpResponse, web};
use serde_json::json;

use super::id_token::{ALGORITHM, Signer};
use super::request::SCOPES;
use super::state::State;
use crate::limit;
use crate::token::Document;

/// Where the discovery document is.
pub(super) const DISCOVERY: &str = "/.well-known/openid-configuration";
/// Where the JWKS is.
pub(super) const JWKS: &str = "/jwks.json";

/// Both, ready to send.
pub(super) struct Documents {
    discovery: Document,
    jwks: Document,
}

impl Documents {
    /// The documents of `issuer`: what they claim is what is there, and nothing else.
    pub(super) fn new(issuer: &str, signer: &Signer) -> Self {
        // OpenID Connect Discovery 1.0 section 3. What is false here would be true if it were left out, or asked about.
        let discovery = Document::new(&json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}{JWKS}"),
            "end_session_endpoint": format!("{issuer}/logout"),
            "scopes_supported": SCOPES,
            "claims_supported": [
                "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash",
                "name", "preferred_username", "email", "email_verified", "groups",
            ],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM.as_str()],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "authorization_response_iss_parameter_supported": true,
            "claims_parameter_supported": false,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
        }));
        Self { discovery, jwks: signer.jwks() }
    }
}

/// `GET /.well-known/openid-configuration`.
pub(super) async fn discovery(state: web::Data<State>) -> HttpResponse {
    answer(&state.documents.discovery)
}

/// `GET /jwks.json`.
pub(super) async fn jwks(state: web::Data<State>) -> HttpResponse {
    answer(&state.documents.jwks)
}

fn answer(document: &Document) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, format!("public, max-age={}", limit::JWKS_MAX_AGE.as_secs())))
        .insert_header((ETAG, &*document.etag))
        .insert_header((ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(document.body.to_string())
}
