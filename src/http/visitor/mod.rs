//! A visitor: the browser in front of a page, its cookies, who is signed in in it, the language it reads.
//!
//! Every answer to a browser leaves through here, so none lacks the headers that a page must have.

mod cookies;

use std::net::IpAddr;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, ORIGIN, PRAGMA, REFERRER_POLICY,
    USER_AGENT, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder, dev, web};
use askama::Template;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::observe::RequestId;
use super::pages::view::Back;
use super::pages::{Frame, Language};
use super::stopped::Stopped;
use super::{Arrival, caller};
use crate::credential::BrowserSecret;
use crate::flow::{Flows, Form, Halt, SignedInBrowser};
use crate::limit;
pub(super) use cookies::CookieKind;

/// Nothing but our own files, and nobody around us.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; \
                   frame-ancestors 'none'";

/// The browser in front of a page.
pub(super) struct Visitor {
    pub(super) flows: web::Data<Flows>,
    pub(super) browser: BrowserSecret,
    pub(super) signed_in: Option<SignedInBrowser>,
    pub(super) language: Language,
    pub(super) user_agent: String,
    pub(super) from: Option<IpAddr>,
    base: String,
    is_new: bool,
    origin: Option<String>,
    fetch_site: Option<String>,
    accepted_languages: Option<String>,
    request_id: String,
}

impl FromRequest for Visitor {
    type Error = Stopped;
    type Future = LocalBoxFuture<'static, Result<Self, Stopped>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        async move { read(&request).await }.boxed_local()
    }
}

async fn read(request: &HttpRequest) -> Result<Visitor, Stopped> {
    let flows = request.app_data::<web::Data<Flows>>().expect("every app has its flows").clone();
    let arrival = request.app_data::<web::Data<Arrival>>().expect("every app knows how requests arrive");
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut visitor = Visitor {
        browser: BrowserSecret::mint(),
        signed_in: None,
        language: Language::choose(None, text(ACCEPT_LANGUAGE).as_deref()),
        accepted_languages: text(ACCEPT_LANGUAGE),
        user_agent: text(USER_AGENT).unwrap_or_default().chars().take(limit::TEXT_MAX).collect(),
        from: caller::address(request, arrival),
        base: arrival.base.clone(),
        is_new: true,
        origin: request.headers().get(ORIGIN).map(|value| value.to_str().unwrap_or("?").to_owned()),
        fetch_site: request.headers().get("sec-fetch-site").map(|value| value.to_str().unwrap_or("?").to_owned()),
        request_id: request.extensions().get::<RequestId>().map(RequestId::to_string).unwrap_or_default(),
        flows,
    };
    let browser = visitor.one_cookie(request, CookieKind::Browser)?;
    if let Some(secret) = browser.and_then(|text| BrowserSecret::parse(&text)) {
        (visitor.browser, visitor.is_new) = (secret, false);
    }
    let session = visitor.one_cookie(request, CookieKind::Session)?;
    if let Some(session) = session {
        visitor.signed_in = match visitor.flows.find_signed_in(&session).await {
            Ok(signed_in) => signed_in,
            Err(refusal) => return Err(visitor.stop(refusal)),
        };
    }
    Ok(visitor)
}

impl Visitor {
    /// A page.
    pub(super) fn page(&self, status: StatusCode, page: &impl Template) -> Result<HttpResponse, Stopped> {
        let body = page.render().map_err(|_| self.stop(crate::flow::Refusal::Internal("a page can't be written")))?;
        Ok(self.answer(status).insert_header((CONTENT_TYPE, "text/html; charset=utf-8")).body(body))
    }

    /// Elsewhere: `303`, so that no browser sends a form again to where it is sent.
    pub(super) fn redirect(&self, to: &str) -> HttpResponse {
        self.answer(StatusCode::SEE_OTHER).insert_header((LOCATION, to)).finish()
    }

    /// Elsewhere below our own address.
    pub(super) fn redirect_home(&self, path: &str) -> HttpResponse {
        self.redirect(&format!("{}{path}", self.flows.issuer()))
    }

    /// Whether the browser is new here, or was sent by a form of another site.
    pub(super) const fn shows_no_cookies(&self) -> bool {
        self.is_new && self.signed_in.is_none()
    }

    /// Leaves the browser's cookies as they are: to a form that another site sends it shows none, and what waits in it
    /// must not be lost.
    pub(super) const fn leave_cookies(&mut self) {
        self.is_new = false;
    }

    /// What goes wrong here.
    pub(super) fn stop(&self, halt: impl Into<Halt>) -> Stopped {
        self.stop_with(halt, None)
    }

    /// The same, with a way on.
    pub(super) fn stop_with(&self, halt: impl Into<Halt>, back: Option<Back>) -> Stopped {
        Stopped::new(halt.into(), self.frame(), self.request_id.clone(), back)
    }

    /// Writes down what goes wrong here, where the visitor sees no page of it.
    pub(super) fn log(&self, halt: impl Into<Halt>) {
        self.stop(halt).log(&self.request_id);
    }

    /// What is around a page.
    pub(super) fn frame(&self) -> Frame {
        let host = url::Url::parse(self.flows.issuer()).ok();
        let host = host
            .as_ref()
            .map_or_else(String::new, |url| url[url::Position::BeforeHost..url::Position::AfterPort].to_owned());
        Frame::new(self.language, self.base.clone(), host, self.flows.clock().now())
    }

    /// Reads pages in the language that an app asked for.
    pub(super) fn read_in(&mut self, ui_locales: Option<&str>) {
        self.language = Language::choose(ui_locales, self.accepted_languages.as_deref());
    }

    /// The path of the issuer, without a final slash.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Whether a form was sent by a page of ours, in this browser. A foreign origin is refused whatever it knows. Our
    /// pages send no referrer, so browsers say `null` for their origin; then they must say that it is the same site's.
    pub(super) fn check_form(&self, form: &Form) -> Result<(), Halt> {
        self.check_form_of("", form)
    }

    /// The same for a form on a page that speaks of a person: it was shown to `person`, and not to whoever was signed in
    /// before.
    pub(super) fn check_own_form(&self, owner: &SignedInBrowser, form: &Form) -> Result<(), Halt> {
        self.check_form_of(&owner.user.id, form)
    }

    fn check_form_of(&self, person: &str, form: &Form) -> Result<(), Halt> {
        let is_same_site = self.fetch_site.as_deref().map(|site| site == "same-origin");
        let own =
            url::Url::parse(self.flows.issuer()).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let is_own = match self.origin.as_deref() {
            Some("null") => is_same_site == Some(true),
            Some(origin) => origin == own && is_same_site != Some(false),
            None => is_same_site != Some(false),
        };
        if !is_own {
            return Err(Halt::ForeignForm("another origin"));
        }
        if self.is_new {
            return Err(Halt::Cookies("a form without the cookie that belongs to it"));
        }
        let token = form.one("csrf").unwrap_or_default();
        if self.browser.is_csrf_token(person, token) {
            Ok(())
        } else {
            Err(Halt::ForeignForm("no token of this browser and person"))
        }
    }

    /// What forms carry that anybody in this browser may send.
    pub(super) fn csrf_token(&self) -> String {
        self.browser.csrf_token("")
    }

    /// What forms carry that are shown to `owner`.
    pub(super) fn own_csrf_token(&self, owner: &SignedInBrowser) -> String {
        self.browser.csrf_token(&owner.user.id)
    }

    fn answer(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut answer = HttpResponse::build(status);
        protect(&mut answer);
        if self.is_new {
            answer.cookie(self.cookie(CookieKind::Browser, self.browser.reveal(), None));
        }
        answer
    }

    fn is_secure(&self) -> bool {
        self.flows.issuer().starts_with("https:")
    }
}

/// The headers of everything that a browser shows or follows.
pub(super) fn protect(answer: &mut HttpResponseBuilder) {
    answer
        .insert_header((CONTENT_SECURITY_POLICY, CSP))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"));
}
