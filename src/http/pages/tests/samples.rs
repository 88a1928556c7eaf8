//! Every page there is, filled with one kind of text.

use askama::Template;

use crate::http::pages::view::{
    Account, App, AppChoice, Back, ConnectedApp, ConnectedApps, Consent, Destination, Device, ErrorPage, ExpiryChoice,
    Faults, FormPost, Identity, IdentityAsk, KeyForm, KeyMade, NameFault, NewKey, Notice, OfflineAsk, OldKey, Person,
    PersonalKey, PersonalKeys, Profile, Provider, ProviderKind, ResourceAsk, ResourceChoice, RevokeKey, ScopeAsk,
    ScopeChoice, ScopeFault, Session, Sessions, SignIn, SignInNotice, SignOut, SignedOut, Use,
};
use crate::http::pages::words::CODES;
use crate::http::pages::{Frame, Shown, WebLink};
use crate::policy::standing::Standing;

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

    fn scopes(self) -> Vec<Shown> {
        self.list(["orders:read", "orders:write"].map(|scope| self.show(scope)).into())
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
        add(name, sign_in(frame, text, notice, current).render());
    }
    for (name, redirect_uri) in [
        ("consent web", "https://orders.example/callback"),
        ("consent computer", "http://127.0.0.1/callback"),
        ("consent scheme", "example.orders:/callback"),
    ] {
        add(name, consent(frame, text, redirect_uri).render());
    }
    add("profile", profile(frame, text).render());
    add("sessions", sessions(frame, text).render());
    add("connected apps", connected_apps(frame, text).render());
    add("keys", keys(frame, text).render());
    for (name, faults) in [
        ("new key", Faults::default()),
        ("new key faults", Faults { name: Some(NameFault::Missing), expiry: true, scopes: Some(ScopeFault::Missing) }),
        (
            "new key other faults",
            Faults { name: Some(NameFault::TooLong), expiry: false, scopes: Some(ScopeFault::Unknown) },
        ),
    ] {
        add(name, new_key(frame, text, Some(faults)).render());
    }
    add("new key app", new_key(frame, text, None).render());
    add("key made", key_made(frame, text).render());
    add("revoke key", revoke_key(frame, text).render());
    add("sign out", sign_out(frame, text).render());
    add("signed out", SignedOut { frame: frame.clone(), app: text.maybe(text.app()) }.render());
    for code in CODES.iter().chain(&["unheard_of"]) {
        add(&format!("error {code}"), error_page(frame, text, code).render());
    }
    add("form post", form_post(frame, text).render());
    pages
}

fn sign_in(frame: &Frame, text: Text, notice: Option<SignInNotice>, current: Option<Person>) -> SignIn {
    SignIn {
        frame: frame.clone(),
        app: text.maybe(text.app()),
        request: text.maybe(text.say("cmVxdWVzdA")),
        csrf: text.say("dG9rZW4"),
        providers: text.providers(),
        notice,
        current,
    }
}

fn consent(frame: &Frame, text: Text, redirect_uri: &str) -> Consent {
    let ask = |scope: &str, values: &[&str], is_new| IdentityAsk {
        scope: text.show(scope),
        values: values.iter().map(|value| text.show(value)).collect(),
        is_new,
    };
    let scope = |name: &str, description: Option<&str>, is_new| ScopeAsk {
        name: text.show(name),
        description: description.map(|words| text.show(words)),
        is_new,
    };
    let orders = ResourceAsk {
        name: text.show("Orders API"),
        identifier: text.show("https://orders.example/api"),
        scopes: text.list(vec![
            scope("orders:read", Some("See your orders"), false),
            scope("orders:write", Some("Make and change orders"), true),
            scope("orders:export", None, true),
        ]),
        claims: text.list(["email", "groups", "department"].map(|claim| text.say(claim)).into()),
    };
    let groups = ["sales", "engines", "poetry", "analysts", "a", "b", "c", "d", "e", "f"];
    Consent {
        frame: frame.clone(),
        app: text.app(),
        person: text.person(),
        other_account: "/id/login/other?request=cmVxdWVzdA".to_owned(),
        request: text.say("cmVxdWVzdA"),
        csrf: text.say("dG9rZW4"),
        identity: text.list(vec![
            ask("openid", &[], false),
            ask("profile", &["Ada Lovelace"], false),
            ask("email", &["ada@engines.example"], true),
            ask("groups", &groups, true),
            ask("roles", &[], true),
        ]),
        resources: vec![orders],
        offline: text.maybe(OfflineAsk { is_new: true }),
        destination: Destination::of(redirect_uri),
    }
}

fn profile(frame: &Frame, text: Text) -> Profile {
    let identity = |provider: &str, kind, who: &str, signed_in_at| Identity {
        id: text.say("1"),
        provider: text.show(provider),
        kind,
        who: text.show(who),
        linked_at: NOW - 400 * DAY,
        signed_in_at,
    };
    let mut identities = vec![identity("Google", ProviderKind::Google, "ada@engines.example", Some(NOW - 3600))];
    identities.extend(text.maybe(identity("GitHub", ProviderKind::Github, "ada", None)));
    Profile { frame: frame.clone(), account: text.account(), identities, providers: text.providers() }
}

fn sessions(frame: &Frame, text: Text) -> Sessions {
    let session = |user_agent: &str, address: &str, seen_at, is_this| Session {
        id: text.say("1"),
        device: Device::read(user_agent),
        address: text.show(address),
        signed_in_at: NOW - 9 * DAY,
        seen_at,
        is_this,
    };
    let mut open = vec![session("Mozilla/5.0 (X11; Linux x86_64) Firefox/146.0", "192.0.2.17", NOW, true)];
    open.extend(text.list(vec![
        session("Mozilla/5.0 (iPhone) Version/26.0 Safari/604.1", "2001:db8::17", NOW - 4 * 3600, false),
        session(&text.say(""), "198.51.100.4", NOW - 40 * DAY, false),
    ]));
    Sessions { frame: frame.clone(), account: text.account(), open }
}

fn connected_apps(frame: &Frame, text: Text) -> ConnectedApps {
    let connected = |used_at| ConnectedApp {
        app: text.app(),
        scopes: text.scopes(),
        resources: vec![text.show("Orders API"), text.show("Invoices")],
        granted_at: NOW - 100 * DAY,
        used_at,
    };
    let apps = text.list(vec![connected(Some(NOW - 600)), connected(None)]);
    ConnectedApps { frame: frame.clone(), account: text.account(), apps }
}

fn keys(frame: &Frame, text: Text) -> PersonalKeys {
    let key = |name: &str, standing, expires_at, used_at: Option<i64>, replaced_at| PersonalKey {
        id: text.say("NjqUiI49lxZnw49c"),
        name: text.show(name),
        app: text.show("Orders"),
        scopes: text.scopes(),
        created_at: NOW - 80 * DAY,
        expires_at,
        last_use: used_at.map(|at| Use { at, address: text.show("192.0.2.17") }),
        standing,
        replaced_at,
    };
    let keys = text.list(vec![
        key("Nightly report", Standing::Good, Some(NOW + 60 * DAY), Some(NOW - 8 * 3600), None),
        key("Laptop", Standing::Good, Some(NOW + 9 * DAY), Some(NOW - 120), None),
        key("Build server", Standing::Good, Some(NOW + DAY), Some(NOW - 60), Some(NOW - 3600)),
        key("Till", Standing::Disabled { at: NOW - 3 * DAY }, None, None, None),
        key("Old laptop", Standing::Expired { at: NOW - 2 * DAY }, Some(NOW - 2 * DAY), Some(NOW - 3 * DAY), None),
        key("Lost phone", Standing::Revoked { at: NOW - 70 * DAY }, Some(NOW - 2 * DAY), None, Some(NOW - 71 * DAY)),
    ]);
    PersonalKeys { frame: frame.clone(), account: text.account(), may_make: true, keys }
}

fn new_key(frame: &Frame, text: Text, faults: Option<Faults>) -> NewKey {
    let app = |client_id: &str, name: &str| AppChoice { client_id: text.say(client_id), name: text.show(name) };
    let scope = |name: &str, description: Option<&str>, is_chosen| ScopeChoice {
        name: text.show(name),
        description: description.map(|words| text.show(words)),
        is_chosen,
    };
    let resource = |name: &str, identifier: &str| ResourceChoice {
        name: text.show(name),
        identifier: text.show(identifier),
        scopes: vec![
            scope("orders:read", Some("See your orders"), faults != Some(Faults::default())),
            scope("orders:write", Some("Make and change orders"), false),
            scope("orders:export", None, false),
        ],
    };
    let days = [30, 90, 180, 365].map(|days| ExpiryChoice { days, is_chosen: days == 90 });
    let form = faults.map(|faults| KeyForm {
        app: app("orders", "Orders"),
        name: text.say("Nightly report"),
        expiries: days.into(),
        resources: vec![
            resource("Orders API", "https://orders.example/api"),
            resource("Invoices", "https://invoices.example"),
        ],
        faults,
    });
    let apps = text.list(vec![app("orders", "Orders"), app("invoices", "Invoices")]);
    NewKey { frame: frame.clone(), account: text.account(), apps, form }
}

fn key_made(frame: &Frame, text: Text) -> KeyMade {
    let key = "hp_live_0123456789ABCDEF_GHIJKLMNOPQRSTUVWXYZabcdefghijkl1JIdWn";
    let curl =
        format!("curl https://id.example/oauth/token -d grant_type=client_credentials \\\n  -H 'X-API-Key: {key}'");
    KeyMade {
        frame: frame.clone(),
        account: text.account(),
        name: text.show("Nightly report"),
        key: text.say(key),
        curl: text.say(&curl),
        expires_at: text.maybe(NOW + 90 * DAY),
        old: text.maybe(OldKey { ends_at: NOW + DAY }),
    }
}

fn revoke_key(frame: &Frame, text: Text) -> RevokeKey {
    RevokeKey {
        frame: frame.clone(),
        account: text.account(),
        id: text.say("NjqUiI49lxZnw49c"),
        name: text.show("Nightly report"),
        used_at: text.maybe(NOW - 600),
    }
}

fn sign_out(frame: &Frame, text: Text) -> SignOut {
    SignOut {
        frame: frame.clone(),
        app: text.maybe(text.app()),
        person: text.maybe(text.person()),
        csrf: text.say("dG9rZW4"),
        fields: text.list(vec![("state".to_owned(), text.say("af0ifjsldkj"))]),
    }
}

fn error_page(frame: &Frame, text: Text, code: &'static str) -> ErrorPage {
    let back = Back { path: "/id/account".to_owned() };
    ErrorPage { frame: frame.clone(), code, request_id: text.show("NBqa77NL_KFDbdg6"), back: text.maybe(back) }
}

fn form_post(frame: &Frame, text: Text) -> FormPost {
    FormPost {
        frame: frame.clone(),
        app: text.show("Orders"),
        action: WebLink::read("https://orders.example/callback").unwrap(),
        fields: vec![
            ("code".to_owned(), text.say("SplxlOBeZQQYbYS6WxSbIA")),
            ("state".to_owned(), text.say("af0ifjsldkj")),
        ],
    }
}
