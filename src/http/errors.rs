//! The error catalogue: one page for each code that anybody is shown, served where `error_uri` and error pages point.

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
    "access_denied",
    "consent_required",
    "cookies",
    "csrf",
    "domain_not_allowed",
    "email_not_verified",
    "id_token_hint",
    "insufficient_scope",
    "invalid_client",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "invalid_token",
    "login_required",
    "login_state",
    "method_not_allowed",
    "no_provider",
    "not_found",
    "not_reauthenticated",
    "person_disabled",
    "provider_error",
    "provider_refused",
    "provider_slow",
    "registration_not_supported",
    "request_expired",
    "request_not_supported",
    "request_uri_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unknown_app",
    "unregistered_redirect",
    "unsupported_grant_type",
    "unsupported_response_type",
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

#[cfg(test)]
mod tests {
    use super::PAGES;
    use crate::flow::AuthorizeError as E;
    use crate::http::pages::CODES;

    #[track_caller]
    fn assert_has_page(code: &str) {
        let page = PAGES.iter().find(|(own, _)| *own == code).map(|(_, page)| *page);
        assert!(page.is_some_and(|page| page.starts_with(&format!("# {code}\n"))), "{code} has no page of its own");
    }

    #[test]
    fn every_code_that_a_person_can_be_shown_has_its_page() {
        for code in CODES {
            assert_has_page(code);
        }
    }

    #[test]
    fn every_code_that_goes_back_to_an_app_has_its_page() {
        for error in [
            E::InvalidRequest(""),
            E::UnauthorizedClient,
            E::AccessDenied,
            E::UnsupportedResponseType,
            E::InvalidScope,
            E::InvalidTarget,
            E::LoginRequired,
            E::ConsentRequired,
            E::RequestNotSupported,
            E::RequestUriNotSupported,
            E::RegistrationNotSupported,
            E::TemporarilyUnavailable,
        ] {
            assert_has_page(error.as_str());
        }
    }
}
