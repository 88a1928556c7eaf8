//! A portal: a house that people can sign in to, with a provider, an app that asks for them, and a resource.

use hallpass::clock::Clock;
use hallpass::config::Settings;
use hallpass::flow::{AppWish, ProviderWish, ResourceWish};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::{Ask, Browser, CLIENT_ID, CLIENT_SECRET, House, Key, NOW, ORDER_SCOPES, ORDERS, Provider, Reply, owned};

/// The app that people sign in to.
pub(crate) const PORTAL: &str = "portal";
/// Where it gets them back.
pub(crate) const CALLBACK: &str = "https://portal.example/callback";
/// Where they go when they signed out.
pub(crate) const GOODBYE: &str = "https://portal.example/goodbye";
/// A public app.
pub(crate) const NATIVE: &str = "native";
/// Where it gets people back, on a port that it has by chance.
pub(crate) const LOOPBACK: &str = "http://127.0.0.1/callback";
/// The short name of the provider.
pub(crate) const ACME: &str = "acme";
/// RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// What belongs to it.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A house with a provider at which Ada is signed in, and an app that asks for her.
pub(crate) struct Portal {
    pub(crate) house: House,
    pub(crate) provider: Provider,
    pub(crate) key: Key,
}

/// What a token endpoint gave for a sign-in.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) id: String,
}

impl Portal {
    pub(crate) async fn open() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::by(Clock::held(NOW), change).await
    }

    /// The same by another clock.
    pub(crate) async fn by(clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let house = House::by(clock, |settings| {
            settings.upstream.allowed_networks = vec!["127.0.0.0/8".to_owned()];
            // The clock stands still, and tests knock often.
            settings.sign_in.rate = 0;
            change(settings);
        })
        .await;
        let provider = Provider::open(&house.clock).await;
        let wish = ProviderWish {
            title: Some("Acme".to_owned()),
            issuer: Some(provider.url.clone()),
            client_id: Some(CLIENT_ID.to_owned()),
            client_secret: Some(CLIENT_SECRET.to_owned().into()),
            ..ProviderWish::default()
        };
        house.flows.create_provider(ACME, &wish).await.expect("a provider");
        let wish = ResourceWish {
            scopes: Some(owned(&ORDER_SCOPES)),
            claims: Some(owned(&["name", "email"])),
            ..ResourceWish::default()
        };
        house.flows.create_resource(ORDERS, &wish).await.expect("a resource");
        house.flows.create_app(PORTAL, &Self::wish()).await.expect("an app");
        let key = house.key(PORTAL, &ORDER_SCOPES).await;
        Self { house, provider, key }
    }

    /// What the portal is.
    pub(crate) fn wish() -> AppWish {
        AppWish {
            name: Some("Portal".to_owned()),
            scopes: Some(owned(&ORDER_SCOPES)),
            resources: Some(owned(&[ORDERS])),
            redirect_uris: Some(owned(&[CALLBACK])),
            post_logout_redirect_uris: Some(owned(&[GOODBYE])),
            ..AppWish::default()
        }
    }

    /// Another app that people sign in to: the portal's twin, but for what `change` says.
    pub(crate) async fn another(&self, client_id: &str, change: impl FnOnce(&mut AppWish)) {
        let mut wish = Self::wish();
        change(&mut wish);
        self.house.flows.create_app(client_id, &wish).await.expect("an app");
    }

    /// A program on the person's own machine, that can keep no secret.
    pub(crate) async fn with_native(&self) {
        self.another(NATIVE, |wish| {
            wish.is_public = Some(true);
            wish.redirect_uris = Some(owned(&[LOOPBACK]));
        })
        .await;
    }

    /// Who is at the provider from now on.
    pub(crate) fn person(&self, person: Value) {
        self.provider.state().person = person;
    }

    /// The address of a plain request of the portal, with `more` parameters; one that is named there replaces the plain
    /// one, and an empty one takes it away.
    pub(crate) fn request(more: &[(&str, &str)]) -> String {
        let plain = [
            ("client_id", PORTAL),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile email orders:read"),
            ("state", "s-1"),
            ("nonce", "n-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        let query = Serializer::new(String::new()).extend_pairs(changed(&plain, more)).finish();
        format!("/oauth/authorize?{query}")
    }

    /// From the sign-in page to the provider and back: the answer to the callback.
    pub(crate) async fn sign_in(&self, browser: &mut Browser, login: &str) -> Reply {
        let page = browser.get(login).await;
        assert_eq!(page.status, 200, "{page:?}");
        let leaves = browser.submit(&page, "/login", &[("provider", ACME)]).await;
        assert_eq!(leaves.status, 303, "{leaves:?}");
        let there = leaves.location().parse().expect("an address");
        let back = self.provider.visit(&there).await;
        browser.get(back.as_str()).await
    }

    /// Allows what the consent page asks.
    pub(crate) async fn allow(&self, browser: &mut Browser, consent: &str) -> Reply {
        let page = browser.get(consent).await;
        assert_eq!(page.status, 200, "{page:?}");
        browser.submit(&page, "/consent", &[("decision", "allow")]).await
    }

    /// All of it: request, sign-in, consent where it is asked; the answer that goes back to the app.
    pub(crate) async fn authorize(&self, browser: &mut Browser, more: &[(&str, &str)]) -> Reply {
        let mut reply = browser.get(&Self::request(more)).await;
        for _ in 0..4 {
            let Some(location) = reply.header("location").map(str::to_owned) else { break };
            if location.contains("/login?") {
                reply = self.sign_in(browser, &location).await;
            } else if location.contains("/consent?") {
                reply = self.allow(browser, &location).await;
            } else {
                break;
            }
        }
        reply
    }

    /// A fresh code of the portal.
    pub(crate) async fn code(&self, browser: &mut Browser, more: &[(&str, &str)]) -> String {
        let reply = self.authorize(browser, more).await;
        reply.sent("code").unwrap_or_else(|| panic!("no code: {reply:?}"))
    }

    /// The form that redeems a code, without a credential; `more` as in [`Portal::request`].
    pub(crate) fn redemption(code: &str, more: &[(&str, &str)]) -> Ask {
        let plain = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        Ask::form(&changed(&plain, more))
    }

    /// Redeems a code as the portal does.
    pub(crate) async fn redeem(&self, code: &str, more: &[(&str, &str)]) -> Reply {
        self.house.send(&Self::redemption(code, more).basic(PORTAL, &self.key.text)).await
    }

    /// The form that shows a refresh token, without a credential.
    pub(crate) fn renewal(token: &str, more: &[(&str, &str)]) -> Ask {
        Ask::form(&changed(&[("grant_type", "refresh_token"), ("refresh_token", token)], more))
    }

    /// Shows a refresh token as the portal does.
    pub(crate) async fn refresh(&self, token: &str, more: &[(&str, &str)]) -> Reply {
        self.house.send(&Self::renewal(token, more).basic(PORTAL, &self.key.text)).await
    }

    /// Sign-in, consent and tokens.
    pub(crate) async fn tokens(&self, browser: &mut Browser, more: &[(&str, &str)]) -> Tokens {
        let code = self.code(browser, more).await;
        Tokens::of(&self.redeem(&code, &[]).await)
    }

    /// What introspection says of a token to the portal.
    pub(crate) async fn introspect(&self, token: &str) -> Value {
        let ask = Ask::form(&[("token", token)]).at("/oauth/introspect").basic(PORTAL, &self.key.text);
        let reply = self.house.send(&ask).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    /// Whether a token is good now.
    pub(crate) async fn is_active(&self, token: &str) -> bool {
        self.introspect(token).await["active"] == true
    }

    /// The userinfo for an access token.
    pub(crate) async fn userinfo(&self, access_token: &str) -> Reply {
        self.house.send(&Ask::get("/oauth/userinfo").bearer(access_token)).await
    }
}

/// The `plain` parameters, but for those that `more` names; empty ones go.
fn changed<'a>(plain: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = plain.iter().filter(|(name, _)| !more.iter().any(|(own, _)| own == name));
    kept.chain(more.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}

impl Tokens {
    pub(crate) fn of(reply: &Reply) -> Self {
        assert_eq!(reply.status, 200, "{reply:?}");
        let json = reply.json();
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), id: text("id_token") }
    }
}
