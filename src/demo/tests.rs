//! The provider from outside: a real port, a client, and a browser that keeps its cookie.

mod asking;
mod leaving;
mod redeeming;

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::TcpListener;

use hallpass_verifier::{Algorithm, verify_jws};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client as Http, RequestBuilder, Response, StatusCode, redirect};
use serde_json::Value;
use tokio::sync::oneshot;
use url::Url;

use super::{Client, Provider};
use crate::clock::Clock;
use crate::credential::Verifier;

const NOW: i64 = 1_800_000_000;
const CLIENT: &str = "hallpass";
const SECRET: &str = "s3cret with:signs+%";
const CALLBACK: &str = "http://127.0.0.1:9/login/callback";
const OTHER_CALLBACK: &str = "http://127.0.0.1:9/other";
const HOME: &str = "http://127.0.0.1:9/";

/// A provider that runs until this is dropped, and a browser that has its cookie.
struct Demo {
    issuer: String,
    clock: Clock,
    http: Http,
    cookie: RefCell<Option<String>>,
    verifier: Verifier,
    _stop: oneshot::Sender<()>,
}

impl Demo {
    fn open() -> Self {
        hallpass_verifier::provider::install();
        let client = Client {
            client_id: CLIENT.to_owned(),
            client_secret: SECRET.to_owned().into(),
            redirect_uris: vec![CALLBACK.to_owned(), OTHER_CALLBACK.to_owned()],
            post_logout_redirect_uris: vec![HOME.to_owned()],
        };
        let clock = Clock::held(NOW);
        let provider = Provider::bind(TcpListener::bind("127.0.0.1:0").unwrap(), client, clock.clone()).unwrap();
        let issuer = provider.issuer().to_owned();
        let (stop, stopped) = oneshot::channel();
        actix_web::rt::spawn(provider.run(async {
            let _ = stopped.await;
        }));
        let http = Http::builder().redirect(redirect::Policy::none()).build().unwrap();
        Self { issuer, clock, http, cookie: RefCell::default(), verifier: Verifier::mint(), _stop: stop }
    }

    /// A good request for a code, with some parameters changed; an empty one is as good as absent.
    fn asked(&self, changes: &[(&str, &str)]) -> String {
        let challenge = self.verifier.challenge();
        let mut asked = vec![
            ("client_id", CLIENT),
            ("redirect_uri", CALLBACK),
            ("response_type", "code"),
            ("scope", "openid profile email groups"),
            ("state", "st/+ate"),
            ("nonce", "nonce"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        asked.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        asked.extend(changes);
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish()
    }

    async fn send(&self, request: RequestBuilder) -> Response {
        let cookie = self.cookie.borrow().clone();
        let request = cookie.into_iter().fold(request, |request, cookie| request.header(COOKIE, cookie));
        let answer = request.send().await.unwrap();
        if let Some(set) = answer.headers().get(SET_COOKIE) {
            *self.cookie.borrow_mut() = set.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        answer
    }

    async fn get(&self, path: &str) -> Response {
        self.send(self.http.get(format!("{}{path}", self.issuer))).await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.send(self.http.post(format!("{}{path}", self.issuer)).form(form)).await
    }

    async fn ask(&self, changes: &[(&str, &str)]) -> Response {
        self.get(&format!("/authorize?{}", self.asked(changes))).await
    }

    /// The slip on the page that is shown for such a request.
    async fn slip(&self, changes: &[(&str, &str)]) -> String {
        slip(self.ask(changes).await).await
    }

    async fn pick(&self, sub: &str, changes: &[(&str, &str)]) -> Response {
        let slip = self.slip(changes).await;
        self.post("/pick", &[("slip", &slip), ("sub", sub)]).await
    }

    /// A code for Ada.
    async fn code(&self) -> String {
        back(&self.pick("demo-ada", &[("prompt", "login")]).await)["code"].clone()
    }

    async fn redeem(&self, changes: &[(&str, &str)]) -> Response {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("redirect_uri", CALLBACK),
            ("code_verifier", self.verifier.reveal()),
            ("client_id", CLIENT),
            ("client_secret", SECRET),
        ];
        form.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        form.extend(changes);
        self.post("/token", &form).await
    }

    async fn tokens(&self, code: &str) -> Value {
        let answer = self.redeem(&[("code", code)]).await;
        assert_eq!(answer.status(), StatusCode::OK);
        json(answer).await
    }

    /// The claims of an ID token, verified with what is published.
    async fn claims(&self, id_token: &Value) -> Value {
        let jwks = json(self.get("/jwks.json").await).await;
        let claims = verify_jws(id_token.as_str().unwrap(), &jwks["keys"][0].to_string(), Algorithm::Es256).unwrap();
        serde_json::from_slice(&claims).unwrap()
    }

    async fn userinfo(&self, access_token: &Value) -> Response {
        let request = self.http.get(format!("{}/userinfo", self.issuer));
        self.send(request.bearer_auth(access_token.as_str().unwrap())).await
    }
}

async fn json(answer: Response) -> Value {
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

async fn error(answer: Response) -> (u16, String) {
    (answer.status().as_u16(), json(answer).await["error"].as_str().unwrap().to_owned())
}

async fn slip(page: Response) -> String {
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.unwrap();
    let (_, rest) = page.split_once(r#"name="slip" value=""#).unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

fn location(answer: &Response) -> String {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()[LOCATION].to_str().unwrap().to_owned()
}

/// What the client hears at its redirect URI.
fn back(answer: &Response) -> HashMap<String, String> {
    let location = location(answer);
    assert!(location.starts_with(&format!("{CALLBACK}?")), "{location}");
    Url::parse(&location).unwrap().query_pairs().into_owned().collect()
}

#[test]
fn it_listens_on_loopback_alone() {
    let client = Client {
        client_id: CLIENT.to_owned(),
        client_secret: SECRET.to_owned().into(),
        redirect_uris: vec![],
        post_logout_redirect_uris: vec![],
    };
    assert!(!format!("{client:?}").contains(SECRET));

    let refused = Provider::bind(TcpListener::bind("0.0.0.0:0").unwrap(), client, Clock::held(NOW));

    assert!(refused.is_err());
}

#[actix_web::test]
async fn documents_say_what_is_there() {
    let demo = Demo::open();

    let discovery = json(demo.get("/.well-known/openid-configuration").await).await;

    assert_eq!(discovery["issuer"], *demo.issuer);
    assert_eq!(discovery["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"] {
        let path = discovery[name].as_str().unwrap().strip_prefix(&demo.issuer).unwrap();
        assert_ne!(demo.get(path).await.status(), StatusCode::NOT_FOUND, "{name}");
    }
}

#[actix_web::test]
async fn head_reads_documents_and_has_no_effect_elsewhere() {
    let demo = Demo::open();
    let head = async |path: &str| demo.send(demo.http.head(format!("{}{path}", demo.issuer))).await;

    for path in ["/.well-known/openid-configuration", "/jwks.json", "/demo.css"] {
        assert_eq!(head(path).await.status(), StatusCode::OK, "{path}");
    }
    for path in [&*format!("/authorize?{}", demo.asked(&[])), "/pick", "/token", "/userinfo", "/logout", "/leave"] {
        assert_eq!(head(path).await.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}
