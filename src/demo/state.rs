//! What all handlers share: who may ask, what time it is, what was signed, what is remembered.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::rand::{SecureRandom, SystemRandom};

use super::documents::Documents;
use super::id_token::Signer;
use super::request::CodeRequest;
use super::shelf::Shelf;
use super::slip::Sealer;
use super::{Client, Person};
use crate::clock::Clock;
use crate::limit;
use crate::token::BadKeyPair;

/// Not only ours: a cookie knows no ports, and all of loopback sees it. Whoever has one may be anyone anyway.
const COOKIE: &str = "demo_provider";

pub(super) struct State {
    pub(super) issuer: String,
    pub(super) client: Client,
    pub(super) signer: Signer,
    pub(super) sealer: Sealer,
    pub(super) documents: Documents,
    pub(super) codes: Shelf<Code>,
    /// Spent codes, with the access token each one bought.
    pub(super) spent: Shelf<String>,
    pub(super) tokens: Shelf<Grant>,
    sessions: Shelf<Session>,
    clock: Clock,
}

/// Who is signed in with a browser.
#[derive(Clone, Copy, Debug)]
pub(super) struct Session {
    pub(super) person: &'static Person,
    /// When they were picked.
    pub(super) auth_at: i64,
}

/// What a code will buy, and for whom.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) request: CodeRequest,
    pub(super) session: Session,
}

/// What an access token shows.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) person: &'static Person,
    pub(super) scope: Vec<String>,
}

impl State {
    pub(super) fn new(issuer: &str, client: Client, clock: Clock) -> Result<Self, BadKeyPair> {
        let signer = Signer::mint()?;
        Ok(Self {
            documents: Documents::new(issuer, &signer),
            issuer: issuer.to_owned(),
            client,
            signer,
            sealer: Sealer::mint(),
            codes: Shelf::default(),
            spent: Shelf::default(),
            tokens: Shelf::default(),
            sessions: Shelf::default(),
            clock,
        })
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The second in which `span` will have passed.
    pub(super) fn after(&self, span: Duration) -> i64 {
        self.now().saturating_add(i64::try_from(span.as_secs()).unwrap_or(i64::MAX))
    }

    pub(super) fn session(&self, browser: &str) -> Option<Session> {
        self.sessions.find(browser, self.now())
    }

    /// Remembers that `person` is signed in with `browser`, since now.
    pub(super) fn sign_in(&self, browser: &str, person: &'static Person) -> Session {
        let session = Session { person, auth_at: self.now() };
        self.sessions.insert(browser.to_owned(), session, self.after(limit::DEMO_SESSION_LIFETIME));
        session
    }

    pub(super) fn sign_out(&self, browser: &str) {
        self.sessions.take(browser, self.now());
    }
}

/// 32 random bytes as text.
pub(super) fn random() -> String {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("the operating system has random bytes");
    BASE64URL.encode(bytes)
}

/// By which name we know the browser of `request`.
pub(super) fn browser(request: &HttpRequest) -> Option<String> {
    request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).filter(|value| value.len() == 43)
}

/// Lets a browser keep its name.
pub(super) fn cookie(browser: &str) -> Cookie<'_> {
    Cookie::build(COOKIE, browser).path("/").http_only(true).same_site(SameSite::Lax).finish()
}
