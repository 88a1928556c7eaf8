//! Providers: what a login asks of them, and what is believed of what they say.

mod checks;
mod discovery;
mod github;
mod id_token;
mod keys;
mod limits;
mod presets;
mod reach;
mod tls;
mod tokens;
mod userinfo;

use std::time::Duration;

use hallpass::clock::Clock;
use hallpass::policy::address::network;
use hallpass::upstream::{Answer, Ask, Identity, Preset, Provider as Description, Settings, Upstream, UpstreamError};
use url::Url;

use crate::support::{CLIENT_ID, CLIENT_SECRET, NOW, Provider};

const REDIRECT_URI: &str = "https://hallpass.example/login/acme/callback";
const ASK: Ask<'static> = Ask {
    state: "state-1",
    nonce: "nonce-1",
    code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    redirect_uri: REDIRECT_URI,
    prompt: None,
    max_age: None,
    login_hint: None,
    ui_locales: None,
    acr_values: None,
};

/// The room, and a provider on this machine that it may ask.
struct Room {
    clock: Clock,
    provider: Provider,
    upstream: Upstream,
    description: Description,
}

fn upstream(clock: &Clock, networks: &[&str]) -> Upstream {
    let allowed_networks = networks.iter().map(|text| network(text).unwrap()).collect();
    Upstream::new(&Settings { allowed_networks, ..Settings::default() }, clock.clone()).unwrap()
}

fn description(preset: Preset, issuer: &str) -> Description {
    Description::new("acme", preset, Some(issuer), CLIENT_ID, Some(CLIENT_SECRET.to_owned().into()))
}

impl Room {
    async fn open() -> Self {
        Self::with(Preset::OpenId).await
    }

    async fn with(preset: Preset) -> Self {
        let clock = Clock::held(NOW);
        let provider = Provider::open(&clock).await;
        let description = description(preset, &provider.url);
        Self { upstream: upstream(&clock, &["127.0.0.0/8"]), clock, provider, description }
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    async fn begin(&self) -> Result<Url, UpstreamError> {
        self.upstream.authorize_url(&self.description, &ASK).await
    }

    async fn redeem(&self, ask: &Ask<'_>, answer: &Answer<'_>) -> Result<Identity, UpstreamError> {
        self.upstream.redeem(&self.description, ask, answer, self.clock.now()).await
    }

    /// There and back again.
    async fn login(&self) -> Result<Identity, UpstreamError> {
        self.login_as(&ASK).await
    }

    async fn login_as(&self, ask: &Ask<'_>) -> Result<Identity, UpstreamError> {
        let there = self.upstream.authorize_url(&self.description, ask).await?;
        let back = self.provider.sign_in(&there).await;
        assert_eq!(back.state, ask.state);
        self.redeem(ask, &Answer { code: &back.code, iss: back.iss.as_deref() }).await
    }

    /// Why a login is refused.
    async fn refusal(&self) -> UpstreamError {
        self.login().await.unwrap_err()
    }
}

#[tokio::test]
async fn a_person_comes_back_as_one_identity() {
    let room = Room::open().await;

    let ada = room.login().await.unwrap();

    assert_eq!((ada.issuer.as_str(), ada.subject.as_str()), (room.provider.url.as_str(), "ada-1"));
    assert_eq!((ada.email.as_deref(), ada.is_email_verified), (Some("ada@acme.example"), true));
    assert_eq!((ada.name.as_deref(), ada.preferred_username.as_deref()), (Some("Ada Lovelace"), Some("ada")));
    assert_eq!(ada.groups, ["engines", "poets"]);
    assert_eq!(ada.auth_time, Some(NOW - 60));
}

#[tokio::test]
async fn the_way_there_says_everything_that_ties_the_answer_to_it() {
    let mut room = Room::open().await;
    let param = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    room.description.authorize_params = vec![param("hd", "acme.example"), param("prompt", "consent")];
    let ask = Ask {
        prompt: Some("login"),
        max_age: Some(60),
        login_hint: Some("ada@acme.example"),
        ui_locales: Some("de en"),
        acr_values: Some("2"),
        ..ASK
    };

    let there = room.upstream.authorize_url(&room.description, &ask).await.unwrap();

    let mut said: Vec<(String, String)> = there.query_pairs().into_owned().collect();
    said.sort();
    let expected = [
        ("acr_values", "2"),
        ("client_id", CLIENT_ID),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("hd", "acme.example"),
        ("login_hint", "ada@acme.example"),
        ("max_age", "60"),
        ("nonce", "nonce-1"),
        ("prompt", "login"),
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("state", "state-1"),
        ("ui_locales", "de en"),
    ];
    assert_eq!(said, expected.map(|(name, value)| param(name, value)));
    assert!(room.login_as(&ask).await.is_ok());
}

#[tokio::test]
async fn people_are_asked_to_choose_where_that_is_understood_and_elsewhere_to_sign_in() {
    let ask = Ask { prompt: Some("select_account"), ..ASK };
    for (preset, is_announced, sent) in [
        (Preset::OpenId, true, "select_account"),
        (Preset::OpenId, false, "login"),
        (Preset::Keycloak, false, "login"),
        (Preset::Microsoft, false, "select_account"),
    ] {
        let room = Room::with(preset).await;
        if !is_announced {
            room.provider.omits("metadata", "prompt_values_supported");
        }

        let there = room.upstream.authorize_url(&room.description, &ask).await.unwrap();

        let prompt = there.query_pairs().find(|(name, _)| name == "prompt").map(|(_, value)| value.into_owned());
        assert_eq!(prompt.as_deref(), Some(sent), "{preset}, announced: {is_announced}");
    }
}

#[tokio::test]
async fn an_answer_says_from_whom_it_is_before_the_code_is_shown() {
    let room = Room::open().await;
    let back = room.provider.sign_in(&room.begin().await.unwrap()).await;

    for iss in [None, Some(""), Some("https://evil.example"), Some(&*format!("{}/", room.provider.url))] {
        let outcome = room.redeem(&ASK, &Answer { code: &back.code, iss }).await;
        assert_eq!(outcome, Err(UpstreamError::MixedUp), "{iss:?}");
    }

    assert!(room.provider.asked("/token").is_empty());
    assert!(room.redeem(&ASK, &Answer { code: &back.code, iss: Some(&room.provider.url) }).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_never_names_itself_need_not() {
    let room = Room::open().await;
    room.provider.omits("metadata", "authorization_response_iss_parameter_supported");
    let back = room.provider.sign_in(&room.begin().await.unwrap()).await;

    assert_eq!(
        room.redeem(&ASK, &Answer { code: &back.code, iss: Some("https://evil.example") }).await,
        Err(UpstreamError::MixedUp)
    );
    assert!(room.redeem(&ASK, &Answer { code: &back.code, iss: None }).await.is_ok());
}

#[tokio::test]
async fn what_can_not_work_is_said_before_anyone_is_asked() {
    let mut room = Room::open().await;

    for code_verifier in ["", "short", &"x".repeat(129), &"ä".repeat(43)] {
        let outcome = room.upstream.authorize_url(&room.description, &Ask { code_verifier, ..ASK }).await;
        assert!(matches!(outcome, Err(UpstreamError::Setup(_))), "{code_verifier}");
    }
    room.description.issuer = "http://id.example".to_owned();
    assert!(matches!(room.begin().await, Err(UpstreamError::Setup(_))));
    assert!(room.provider.asked("/.well-known/openid-configuration").is_empty());
}
