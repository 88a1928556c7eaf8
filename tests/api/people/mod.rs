//! People and their providers: coming in, staying, allowing, leaving, and what others try meanwhile.

mod account;
mod admission;
mod consent;
mod forms;
mod halted;
mod keys;
mod linking;
mod login;
mod logout;
mod owners;
mod privacy;
mod provider;
mod provider_logout;
mod sessions;
mod sweep;
mod tokens;

use hallpass::credential::BrowserSecret;
use hallpass::flow::{AppWish, PersonalKeyWish, ProviderWish};
use hallpass::policy::admission::Admission;
use hallpass::policy::lifetime::Expiry;
use serde_json::json;
use url::Url;

use crate::support::{
    ACME, Ask, Browser, CALLBACK, CLIENT_ID, CLIENT_SECRET, Key, ORDER_SCOPES, ORDERS, PORTAL, Portal, Provider, Reply,
    Tokens, owned,
};

/// The short name of a second provider.
const GLOBEX: &str = "globex";

impl Portal {
    /// Another provider, at which Ada is signed in too.
    async fn second(&self, admission: Admission) -> Provider {
        let provider = Provider::open(&self.house.clock).await;
        let wish = ProviderWish {
            title: Some("Globex".to_owned()),
            issuer: Some(provider.url.clone()),
            client_id: Some(CLIENT_ID.to_owned()),
            client_secret: Some(CLIENT_SECRET.to_owned().into()),
            admission: Some(admission),
            ..ProviderWish::default()
        };
        self.house.flows.create_provider(GLOBEX, &wish).await.expect("a provider");
        provider
    }

    /// Lets in at `provider` whom `admission` says.
    async fn admits(&self, provider: &str, admission: Admission) {
        let wish = ProviderWish { admission: Some(admission), ..ProviderWish::default() };
        self.house.flows.update_provider(provider, &wish).await.expect("a provider changes");
    }

    async fn change_app(&self, wish: AppWish) {
        self.house.change_app(PORTAL, wish).await;
    }

    /// Chooses `provider` on the sign-in page: the answer to that. Who is signed in already does not see that page
    /// without a request of an app; what it would send is sent all the same.
    async fn choose(&self, browser: &mut Browser, provider: &str) -> Reply {
        browser.get("/login").await;
        let csrf = csrf_token(browser, "");
        browser.post("/login", &[("provider", provider), ("csrf", &csrf)]).await
    }

    /// To the provider and back: the address that the browser brings to us, not opened yet.
    async fn back(&self, browser: &mut Browser) -> Url {
        self.back_from(browser, ACME, &self.provider).await
    }

    async fn back_from(&self, browser: &mut Browser, name: &str, provider: &Provider) -> Url {
        let leaves = self.choose(browser, name).await;
        assert_eq!(leaves.status, 303, "{leaves:?}");
        provider.visit(&leaves.location().parse().expect("an address")).await
    }

    /// To the provider and back to us: what we answer.
    async fn come_in(&self, browser: &mut Browser) -> Reply {
        let back = self.back(browser).await;
        browser.get(back.as_str()).await
    }

    /// A browser in which the person called `subject` is signed in.
    async fn browser_of(&self, subject: &str) -> Browser {
        self.is_at_provider(subject);
        let mut browser = Browser::new(&self.house);
        let reply = self.come_in(&mut browser).await;
        assert_eq!(reply.status, 303, "{reply:?}");
        browser
    }

    /// From now on that person is signed in at the provider.
    fn is_at_provider(&self, subject: &str) {
        self.provider.state().person = json!({
            "sub": subject, "email": format!("{subject}@acme.example"), "email_verified": true,
            "name": format!("The name of {subject}"), "preferred_username": subject, "groups": [subject],
        });
    }

    /// Another app like the portal, with an address of its own.
    async fn connect(&self, client_id: &str) {
        let wish = AppWish {
            name: Some(client_id.to_owned()),
            scopes: Some(owned(&ORDER_SCOPES)),
            resources: Some(owned(&[ORDERS])),
            redirect_uris: Some(owned(&[CALLBACK])),
            ..AppWish::default()
        };
        self.house.flows.create_app(client_id, &wish).await.expect("an app");
    }

    /// Ada signs in and allows the portal what it asks, twice.
    async fn connected(&self) -> Connected {
        self.is_at_provider("ada-1");
        let mut browser = Browser::new(&self.house);
        let tokens = self.tokens(&mut browser, &[]).await;
        let code = self.code(&mut browser, &[]).await;
        let user = self.user_in(&browser).await;
        Connected { browser, user, tokens, code }
    }

    /// A key of a person's own, for the portal.
    async fn personal_key(&self, user: &str, scopes: &[String]) -> Key {
        let user = self.house.flows.store().find_user_record(&user.into()).await.expect("an answer").expect("a user");
        let wish = PersonalKeyWish {
            client_id: PORTAL.to_owned(),
            name: "laptop".to_owned(),
            scopes: scopes.to_vec(),
            expiry: Expiry::Default,
        };
        let minted = self.house.flows.create_personal_key(&user, &wish).await.expect("a key");
        Key { id: minted.row.id.clone(), text: minted.key.reveal(self.house.flows.prefix()) }
    }

    /// Takes a token back as the portal does.
    async fn take_back(&self, token: &str) {
        let ask = Ask::form(&[("token", token)]).at("/oauth/revoke").basic(PORTAL, &self.key.text);
        assert_eq!(self.house.send(&ask).await.status, 200);
    }

    /// How many users there are.
    async fn users(&self) -> usize {
        self.house.flows.list_users().await.expect("users").len()
    }

    /// Whether the browser may see an account.
    async fn is_signed_in(&self, browser: &mut Browser) -> bool {
        browser.get("/account").await.status == 200
    }

    /// The user who is signed in in the browser.
    async fn user_in(&self, browser: &Browser) -> String {
        let cookie = browser.cookies.get("hallpass-session").expect("a session");
        let signed_in =
            self.house.flows.find_signed_in(cookie).await.expect("an answer").expect("a session that goes on");
        signed_in.user.id.to_string()
    }
}

/// Ada, signed in in a browser, and what the portal has got of that.
struct Connected {
    browser: Browser,
    user: String,
    tokens: Tokens,
    /// Not redeemed yet.
    code: String,
}

/// What forms of ours carry in this browser, when they are shown to `person`.
fn csrf_token(browser: &Browser, person: &str) -> String {
    BrowserSecret::parse(&browser.cookies["hallpass-browser"]).expect("a browser's secret").csrf_token(person)
}

/// The address with another value of a parameter, or without it.
fn with_parameter(address: &Url, name: &str, value: Option<&str>) -> Url {
    let mut kept: Vec<(String, String)> = address.query_pairs().into_owned().filter(|(own, _)| own != name).collect();
    kept.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    let mut changed = address.clone();
    changed.query_pairs_mut().clear().extend_pairs(kept);
    changed
}

/// The value of a parameter.
fn parameter(address: &Url, name: &str) -> String {
    let found = address.query_pairs().find(|(own, _)| own == name);
    found.map_or_else(|| panic!("no {name}: {address}"), |(_, value)| value.into_owned())
}
