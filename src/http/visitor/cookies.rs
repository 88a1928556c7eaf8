//! Cookies: what a browser keeps for us. With `__Host-` where there is TLS, so that no neighbour's page can plant one.

use actix_web::cookie::time::Duration as Age;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::COOKIE;
use actix_web::{HttpRequest, HttpResponse};

use super::Visitor;
use crate::flow::Halt;
use crate::http::stopped::Stopped;
use crate::limit;

/// The longest cookie that is looked at.
const COOKIE_MAX: usize = 512;

/// What is kept.
#[derive(Clone, Copy)]
pub(in crate::http) enum CookieKind {
    /// The secret of the browser.
    Browser,
    /// Who is signed in.
    Session,
    /// A key that was just made, sealed, on its way to the page that shows it.
    NewKey,
}

impl Visitor {
    /// The cookie of that kind: two of them are none, since nobody can tell whose they are.
    pub(in crate::http) fn one_cookie(
        &self,
        request: &HttpRequest,
        kind: CookieKind,
    ) -> Result<Option<String>, Stopped> {
        let name = self.cookie_name(kind);
        let lines = request.headers().get_all(COOKIE).flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        // A neighbour's cookie may be any bytes; it is none of our business.
        let pairs = lines.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='));
        let mut own = pairs.filter(|(own, _)| *own == name).map(|(_, value)| value);
        match (own.next(), own.next()) {
            (Some(_), Some(_)) => Err(self.stop(Halt::Cookies("two of the same name"))),
            (only, _) => Ok(only.filter(|value| value.len() <= COOKIE_MAX).map(str::to_owned)),
        }
    }

    /// An answer, with a new session.
    pub(in crate::http) fn with_session(&self, answer: HttpResponse, cookie: &str) -> HttpResponse {
        let age = age(self.flows.sign_in_rules().session_lifetime);
        self.with(answer, CookieKind::Session, cookie, age)
    }

    /// An answer, without a session.
    pub(in crate::http) fn without_session(&self, answer: HttpResponse) -> HttpResponse {
        self.with(answer, CookieKind::Session, "", Age::ZERO)
    }

    /// An answer, with a key that the next page shows.
    pub(in crate::http) fn with_new_key(&self, answer: HttpResponse, sealed: &str) -> HttpResponse {
        self.with(answer, CookieKind::NewKey, sealed, age(limit::NEW_KEY_WAITS))
    }

    /// An answer, after which nothing shows that key again.
    pub(in crate::http) fn without_new_key(&self, answer: HttpResponse) -> HttpResponse {
        self.with(answer, CookieKind::NewKey, "", Age::ZERO)
    }

    fn with(&self, mut answer: HttpResponse, kind: CookieKind, value: &str, age: Age) -> HttpResponse {
        let _ = answer.add_cookie(&self.cookie(kind, value, Some(age)));
        answer
    }

    pub(super) fn cookie<'a>(&self, kind: CookieKind, value: &'a str, age: Option<Age>) -> Cookie<'a> {
        let mut cookie = Cookie::build(self.cookie_name(kind), value)
            .path("/")
            .http_only(true)
            .secure(self.is_secure())
            .same_site(SameSite::Lax)
            .finish();
        cookie.set_max_age(age);
        cookie
    }

    fn cookie_name(&self, kind: CookieKind) -> &'static str {
        match (self.is_secure(), kind) {
            (true, CookieKind::Browser) => "__Host-hallpass-browser",
            (true, CookieKind::Session) => "__Host-hallpass-session",
            (true, CookieKind::NewKey) => "__Host-hallpass-new-key",
            (false, CookieKind::Browser) => "hallpass-browser",
            (false, CookieKind::Session) => "hallpass-session",
            (false, CookieKind::NewKey) => "hallpass-new-key",
        }
    }
}

fn age(span: std::time::Duration) -> Age {
    Age::seconds(span.as_secs().try_into().unwrap_or(i64::MAX))
}
