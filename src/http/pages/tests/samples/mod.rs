//! Every page there is, filled with one kind of text.

mod account;
mod enter;

use askama::Template;

use crate::http::pages::view::{
    Account, Allowed, App, Faults, NameFault, Notice, Person, Provider, ProviderKind, ScopeFault, SignInNotice,
    SignedOut,
};
use crate::http::pages::words::CODES;
use crate::http::pages::{Frame, Shown, WebLink};

/// 14 March 2027, 09:26 UTC.
pub(super) const NOW: i64 = 1_805_016_360;
const DAY: i64 = 24 * 60 * 60;

/// What somebody might call themselves to become markup.
pub(super) const HOSTILE: &str =
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)>javascript:alert(1) {{ 7 * 7 }} `</title>";

/// What the pages are filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// As it should be.
    Friendly,
    /// As little as there can be.
    Scarce,
    /// As bad as there can be.
    Hostile,
}

/// A page.
pub(super) struct Sample {
    pub name: String,
    pub html: String,
}

impl Text {
    fn say(self, friendly: &str) -> String {
        if self == Self::Hostile { HOSTILE.to_owned() } else { friendly.to_owned() }
    }

    fn show(self, friendly: &str) -> Shown {
        let turn = if self == Self::Hostile { "\u{202e}" } else { "" };
        (self.say(friendly) + turn).into()
    }

    fn list<T>(self, list: Vec<T>) -> Vec<T> {
        if self == Self::Scarce { Vec::new() } else { list }
    }

    fn maybe<T>(self, thing: T) -> Option<T> {
        (self != Self::Scarce).then_some(thing)
    }

    fn app(self) -> App {
        let home = self.maybe(self.say("https://orders.example/")).and_then(|home| WebLink::read(&home));
        App { name: self.show("Orders"), client_id: self.show("orders"), home, is_first_party: false }
    }

    fn person(self) -> Person {
        Person {
            name: self.maybe(self.show("Ada Lovelace")),
            email: self.maybe(self.show("ada@engines.example")),
            id: self.show("248289761001"),
            provider: self.maybe(self.show("Engines")),
        }
    }

    fn provider(self, title: &str, kind: ProviderKind) -> Provider {
        Provider { slug: self.say(kind.as_str()), title: self.show(title), kind }
    }

    fn providers(self) -> Vec<Provider> {
        let kinds = [
            ("Google", "google"),
            ("Microsoft", "microsoft"),
            ("Okta", "okta"),
            ("Keycloak", "keycloak"),
            ("GitLab", "gitlab"),
            ("GitHub", "github"),
            ("Engines", "anything"),
        ];
        self.list(kinds.map(|(title, kind)| self.provider(title, ProviderKind::read(kind))).into())
    }

    fn scopes(self) -> Vec<Allowed> {
        let allowed = |scope: &str, words: Option<&str>| Allowed {
            scope: self.show(scope),
            description: words.map(|words| self.show(words)),
        };
        let orders = [allowed("orders:read", Some("See your orders")), allowed("orders:write", None)];
        self.list([allowed("openid", None), allowed("offline_access", None)].into_iter().chain(orders).collect())
    }

    fn account(self) -> Account {
        Account { person: self.person(), csrf: self.say("dG9rZW4"), notice: self.maybe(Notice::SessionEnded) }
    }
}

/// Every page, filled with `text`.
pub(super) fn pages(frame: &Frame, text: Text) -> Vec<Sample> {
    let mut pages = Vec::new();
    let mut add = |name: &str, page: Result<String, askama::Error>| {
        let name = format!("{} {text:?} {name}", frame.language.tag());
        pages.push(Sample { name, html: page.unwrap() });
    };
    for (name, notice, current) in [
        ("sign-in", None, None),
        ("sign-in fresh", Some(SignInNotice::Fresh), None),
        ("sign-in signed out", Some(SignInNotice::SignedOut), Some(text.person())),
    ] {
        add(name, enter::sign_in(frame, text, notice, current).render());
    }
    for (name, redirect_uri) in [
        ("consent web", "https://orders.example/callback"),
        ("consent computer", "http://127.0.0.1/callback"),
        ("consent scheme", "example.orders:/callback"),
    ] {
        add(name, enter::consent(frame, text, redirect_uri).render());
    }
    add("profile", account::profile(frame, text).render());
    add("sessions", account::sessions(frame, text).render());
    add("connected apps", account::connected_apps(frame, text).render());
    add("keys", account::keys(frame, text).render());
    for (name, faults) in [
        ("new key", Faults::default()),
        ("new key faults", Faults { name: Some(NameFault::Missing), expiry: true, scopes: Some(ScopeFault::Missing) }),
        (
            "new key other faults",
            Faults { name: Some(NameFault::TooLong), expiry: false, scopes: Some(ScopeFault::Unknown) },
        ),
    ] {
        add(name, account::new_key(frame, text, Some(faults)).render());
    }
    add("new key app", account::new_key(frame, text, None).render());
    add("key made", account::key_made(frame, text).render());
    add("revoke key", account::revoke_key(frame, text).render());
    add("sign out", enter::sign_out(frame, text).render());
    add("signed out", SignedOut { frame: frame.clone(), app: text.maybe(text.app()) }.render());
    for code in CODES.iter().chain(&["unheard_of"]) {
        add(&format!("error {code}"), enter::error_page(frame, text, code).render());
    }
    add("form post", enter::form_post(frame, text).render());
    pages
}
