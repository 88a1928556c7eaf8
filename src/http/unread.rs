//! Unread: the answers to what never became a request, and so never reaches a handler.
//!
//! In:    why.
//! Out:   an answer like every other, as bytes; the connection ends behind it.
//! Never: repeats anything that was sent.

use std::time::{Duration, UNIX_EPOCH};

use actix_web::http::StatusCode;
use actix_web::http::header::HttpDate;
use memchr::memmem;
use serde_json::json;

use super::framing::Fault;
use super::observe;
use crate::clock::Clock;

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is not HTTP/1.1 as we accept it.
    Broken,
    /// The head did not arrive in time.
    Late,
    /// The head is too long.
    TooLong,
}

impl From<Fault> for Unread {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::LineEnd => Self::Broken,
            Fault::TooLong => Self::TooLong,
        }
    }
}

impl Unread {
    /// Whether `answers` ends in one that the server gave by itself, without body or id; where that begins, and why.
    pub(super) fn find(answers: &[u8]) -> Option<(usize, Self)> {
        const LINE: &[u8] = b"HTTP/1.1 ";
        let head = answers.strip_suffix(b"\r\n\r\n")?;
        let at = memmem::rfind(head, LINE)?;
        let why = match head[at..].get(LINE.len()..LINE.len() + 3)? {
            b"400" => Self::Broken,
            b"408" => Self::Late,
            b"431" => Self::TooLong,
            _ => return None,
        };
        memmem::find(&head[at..], b"x-request-id").is_none().then_some((at, why))
    }

    /// The answer; pages of the catalogue lie below `issuer`. Counts it, and writes it down.
    pub(super) fn answer(self, issuer: &str) -> Vec<u8> {
        let (status, words) = match self {
            Self::Broken => (StatusCode::BAD_REQUEST, "the request is not well-formed HTTP/1.1"),
            Self::Late => (StatusCode::REQUEST_TIMEOUT, "the head of the request did not arrive in time"),
            Self::TooLong => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "the head of the request is too large"),
        };
        let request_id = observe::fresh_id();
        tracing::info!(request_id, error = "invalid_request", cause = words, "refused");
        metrics::counter!("hallpass_http_requests_total", "route" => "none", "status" => "4xx").increment(1);
        let body = json!({
            "error": "invalid_request",
            "error_description": words,
            "error_uri": format!("{issuer}/errors/invalid_request"),
        })
        .to_string();
        let now = Duration::from_secs(Clock::System.now().try_into().unwrap_or_default());
        format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             cache-control: no-store\r\npragma: no-cache\r\nx-request-id: {request_id}\r\ndate: {}\r\n\r\n{body}",
            body.len(),
            HttpDate::from(UNIX_EPOCH + now),
        )
        .into_bytes()
    }
}
