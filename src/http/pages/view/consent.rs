//! `GET /consent`: what an app asks for, and whether it gets it.

use askama::Template;

use super::{App, Destination, Person};
use crate::http::pages::{Frame, Shown};

/// The most values of one kind that are spelled out: somebody in five hundred groups wants to see the question too.
const VALUES_MAX: usize = 8;

/// The consent page. It posts `decision` (`allow` or `deny`), `request` and `csrf` to `{base}/consent`.
#[derive(Template)]
#[template(path = "consent.html")]
pub(in crate::http) struct Consent {
    pub frame: Frame,
    pub app: App,
    pub person: Person,
    /// A path of our own where another account can be chosen.
    pub other_account: String,
    pub request: String,
    pub csrf: String,
    /// What the app itself learns.
    pub identity: Vec<IdentityAsk>,
    /// What it may do where.
    pub resources: Vec<ResourceAsk>,
    /// `offline_access`, if it asks for it.
    pub offline: Option<OfflineAsk>,
    /// Where the answer goes.
    pub destination: Destination,
}

/// A scope that tells who somebody is.
pub(in crate::http) struct IdentityAsk {
    /// `openid`, `profile`, `email`, `groups` or `roles`.
    pub scope: Shown,
    /// What the app would be told today.
    pub values: Vec<Shown>,
    /// Whether it was never allowed before.
    pub is_new: bool,
}

/// An API that the app wants to call.
pub(in crate::http) struct ResourceAsk {
    /// What people call it.
    pub name: Shown,
    /// Its URI.
    pub identifier: Shown,
    pub scopes: Vec<ScopeAsk>,
    /// The claims that it is told of the person.
    pub claims: Vec<String>,
}

/// Something that the app wants to do.
pub(in crate::http) struct ScopeAsk {
    pub name: Shown,
    /// In plain words, where somebody wrote them.
    pub description: Option<Shown>,
    /// Whether it was never allowed before.
    pub is_new: bool,
}

/// `offline_access`.
#[derive(Clone, Copy)]
pub(in crate::http) struct OfflineAsk {
    /// Whether it was never allowed before.
    pub is_new: bool,
}

impl Consent {
    fn title(&self) -> String {
        let words = &self.frame.words.consent;
        let sentence = if self.acts() { &words.title } else { &words.title_identity };
        sentence.with(&self.app.name)
    }

    /// Whether it is about more than knowing who somebody is.
    const fn acts(&self) -> bool {
        !self.resources.is_empty() || self.offline.is_some()
    }

    /// Whether some of it was allowed before: only then it helps to mark what was not.
    fn marks_new(&self) -> bool {
        let scopes = self.resources.iter().flat_map(|resource| &resource.scopes).map(|scope| scope.is_new);
        let asks = self.identity.iter().map(|ask| ask.is_new).chain(scopes);
        let asks: Vec<bool> = asks.chain(self.offline.map(|ask| ask.is_new)).collect();
        asks.contains(&true) && asks.contains(&false)
    }

    fn learns<'a>(&'a self, ask: &'a IdentityAsk) -> &'a str {
        self.frame.words.consent.named(ask.scope.as_str()).unwrap_or(ask.scope.as_str())
    }

    fn told(&self, resource: &ResourceAsk) -> String {
        let words = self.frame.words;
        words.consent.resource_learns.with(&resource.name, words.claims.listed(&resource.claims))
    }
}

impl IdentityAsk {
    fn shown(&self) -> impl Iterator<Item = &Shown> {
        self.values.iter().take(VALUES_MAX)
    }

    fn more(&self) -> u64 {
        self.values.len().saturating_sub(VALUES_MAX) as u64
    }
}
