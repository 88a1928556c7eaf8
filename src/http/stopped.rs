//! The table for people: what each end of a browser's journey looks like. No `_` arm, as in `answer`.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use super::answer;
use super::pages::Frame;
use super::pages::view::{Back, ErrorPage};
use super::visitor::protect;
use crate::flow::{Halt, Refusal};
use crate::limit;

/// The end of a journey, on its way out as a page.
pub(super) struct Stopped(Box<Inner>);

struct Inner {
    halt: Halt,
    frame: Frame,
    request_id: String,
    back: Option<Back>,
}

impl Stopped {
    pub(super) fn new(halt: Halt, frame: Frame, request_id: String, back: Option<Back>) -> Self {
        Self(Box::new(Inner { halt, frame, request_id, back }))
    }

    /// Writes the cause down, once. Our own trouble and a provider's are errors, a visitor's is not.
    pub(super) fn log(&self, request_id: &str) {
        let (status, code) = public(&self.0.halt);
        let cause = &self.0.halt;
        if status.is_server_error() {
            tracing::error!(request_id, error = code, %cause, "stopped");
        } else {
            tracing::info!(request_id, error = code, %cause, "stopped");
        }
    }
}

#[rustfmt::skip] // A table is read by columns.
fn public(halt: &Halt) -> (StatusCode, &'static str) {
    use Halt as H;
    let (status, code) = match halt {
        H::UnknownApp              => (400, "unknown_app"),
        H::UnregisteredRedirect    => (400, "unregistered_redirect"),
        H::BadHint(_)              => (400, "id_token_hint"),
        H::RequestGone             => (400, "request_expired"),
        H::ForeignForm(_)          => (403, "csrf"),
        H::Cookies(_)              => (400, "cookies"),
        H::UnknownState            => (400, "login_state"),
        H::NoProvider(_)           => (404, "no_provider"),
        H::ProviderRefused { .. }  => (403, "provider_refused"),
        H::ProviderWrong { .. }    => (502, "provider_error"),
        H::ProviderSlow { .. }     => (504, "provider_slow"),
        H::NotReauthenticated(_)   => (403, "not_reauthenticated"),
        H::EmailNotVerified        => (403, "email_not_verified"),
        H::DomainNotAllowed        => (403, "domain_not_allowed"),
        H::PersonDisabled          => (403, "person_disabled"),
        H::IdentityTaken           => (409, "invalid_request"),
        H::Refused(refusal)        => return answer::for_page(refusal),
    };
    (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), code)
}

impl ResponseError for Stopped {
    fn status_code(&self) -> StatusCode {
        public(&self.0.halt).0
    }

    fn error_response(&self) -> HttpResponse {
        let (status, code) = public(&self.0.halt);
        let mut page = HttpResponse::build(status);
        protect(&mut page);
        if let Halt::Refused(Refusal::TooMany { wait }) = &self.0.halt {
            page.insert_header((RETRY_AFTER, answer::seconds_up(*wait)));
        } else if status == StatusCode::SERVICE_UNAVAILABLE {
            page.insert_header((RETRY_AFTER, answer::seconds_up(limit::RETRY_AFTER)));
        }
        if let Halt::Refused(Refusal::MethodNotAllowed { allow }) = &self.0.halt {
            page.insert_header((ALLOW, *allow));
        }
        let Inner { frame, request_id, back, .. } = &*self.0;
        let shown =
            ErrorPage { frame: frame.clone(), code, request_id: request_id.as_str().into(), back: back.clone() };
        page.insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(shown.render().unwrap_or_default())
    }
}

impl fmt::Debug for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stopped({:?})", self.0.halt)
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(public(&self.0.halt).1)
    }
}
