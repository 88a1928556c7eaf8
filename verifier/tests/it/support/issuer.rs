use std::sync::{Arc, Mutex};
use std::time::Duration;

use hallpass_verifier::{Clock, HeldClock, Verifier, VerifierBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{AUDIENCE, NOW, Signer, claims};

/// An issuer on a port of its own, that answers as it is told: also badly, slowly or not at all.
pub(crate) struct Issuer {
    pub(crate) url: String,
    pub(crate) key: Signer,
    pub(crate) clock: HeldClock,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

struct State {
    oauth: Reply,
    openid: Reply,
    jwks: Reply,
    asked: Vec<String>,
}

/// What one address answers.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Status, more header lines, body.
    Full(u16, Vec<String>, Vec<u8>),
    /// A head that announces more than comes; then the connection breaks.
    BreaksOff,
    /// Nothing, for as long as the caller likes.
    Hangs,
    /// A byte now and then.
    Drips,
    /// An answer that depends on `If-None-Match`.
    Tagged(&'static str, Vec<u8>),
}

impl Reply {
    pub(crate) fn json(document: &Value) -> Self {
        Self::Full(200, Vec::new(), document.to_string().into_bytes())
    }

    pub(crate) fn cached(document: &Value, cache_control: &str) -> Self {
        Self::Full(200, vec![format!("Cache-Control: {cache_control}")], document.to_string().into_bytes())
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Full(status, Vec::new(), b"trouble at the issuer".to_vec())
    }

    pub(crate) fn metadata(issuer: &str, jwks: &str) -> Self {
        Self::json(&json!({ "issuer": issuer, "jwks_uri": jwks }))
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::Full(302, vec![format!("Location: {to}")], Vec::new())
    }
}

impl Issuer {
    pub(crate) async fn open() -> Self {
        Self::open_at("127.0.0.1:0").await
    }

    pub(crate) async fn open_at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let key = Signer::es256("e1");
        let state = Arc::new(Mutex::new(State {
            oauth: Reply::metadata(&url, &format!("{url}/jwks")),
            openid: Reply::status(404),
            jwks: Reply::json(&json!({ "keys": [key.jwk()] })),
            asked: Vec::new(),
        }));
        let task = tokio::spawn(serve(listener, Arc::clone(&state)));
        Self { url, key, clock: HeldClock::at(NOW), state, task }
    }

    pub(crate) fn verifier(&self) -> Verifier {
        self.verifier_with(|builder| builder)
    }

    pub(crate) fn verifier_with(&self, change: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> Verifier {
        let builder = Verifier::builder(&*self.url).audience(AUDIENCE).clock(Clock::Held(self.clock.clone()));
        change(builder).build().unwrap()
    }

    /// What the issuer would sign now, whatever the held clock shows.
    pub(crate) fn claims(&self) -> Value {
        let mut claims = claims();
        claims["iss"] = self.url.as_str().into();
        claims["exp"] = (NOW + 24 * 3600 - 60).into();
        claims.as_object_mut().unwrap().remove("status");
        claims
    }

    pub(crate) fn token(&self) -> String {
        self.token_of(&self.key)
    }

    pub(crate) fn token_of(&self, key: &Signer) -> String {
        key.token(&self.claims())
    }

    pub(crate) fn set_oauth(&self, reply: Reply) {
        self.state.lock().unwrap().oauth = reply;
    }

    pub(crate) fn set_openid(&self, reply: Reply) {
        self.state.lock().unwrap().openid = reply;
    }

    pub(crate) fn set_jwks(&self, reply: Reply) {
        self.state.lock().unwrap().jwks = reply;
    }

    pub(crate) fn publish(&self, keys: &[&Signer]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
        self.set_jwks(Reply::json(&json!({ "keys": keys })));
    }

    /// Which paths were asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// How often the keys were asked for.
    pub(crate) fn fetches(&self) -> usize {
        self.asked().iter().filter(|path| *path == "/jwks").count()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Waits, without asking a clock, until nothing but the issuer itself is left in the background.
    pub(crate) async fn settle(&self) {
        let metrics = tokio::runtime::Handle::current().metrics();
        self.until(|_| metrics.num_alive_tasks() == 1).await;
    }

    /// Waits, without asking a clock, until the background has done what it was about to do.
    pub(crate) async fn until(&self, what: impl Fn(&Self) -> bool) {
        let watch = async {
            while !what(self) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), watch).await.expect("the background never did it");
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&state)));
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let head = read_head(&mut stream).await?;
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let reply = {
        let mut state = state.lock().unwrap();
        state.asked.push(path.clone());
        if path.contains("oauth-authorization-server") {
            state.oauth.clone()
        } else if path.contains("openid-configuration") {
            state.openid.clone()
        } else if path == "/jwks" {
            state.jwks.clone()
        } else {
            Reply::status(404)
        }
    };
    match reply {
        Reply::Full(status, lines, body) => write(&mut stream, status, &lines, &body).await,
        Reply::Tagged(etag, body) => {
            let lines = [format!("ETag: {etag}"), "Cache-Control: max-age=60".to_owned()];
            if head.to_ascii_lowercase().contains(&format!("if-none-match: {}", etag.to_ascii_lowercase())) {
                write(&mut stream, 304, &lines, b"").await
            } else {
                write(&mut stream, 200, &lines, &body).await
            }
        }
        Reply::BreaksOff => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"keys\": [").await,
        Reply::Hangs => stream.read_u8().await.map(drop),
        Reply::Drips => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n").await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn read_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

async fn write(stream: &mut TcpStream, status: u16, lines: &[String], body: &[u8]) -> std::io::Result<()> {
    let mut head = vec![format!("HTTP/1.1 {status} ."), "Connection: close".to_owned()];
    if status != 304 {
        head.push(format!("Content-Length: {}", body.len()));
    }
    head.extend_from_slice(lines);
    stream.write_all(format!("{}\r\n\r\n", head.join("\r\n")).as_bytes()).await?;
    stream.write_all(body).await?;
    stream.shutdown().await
}
