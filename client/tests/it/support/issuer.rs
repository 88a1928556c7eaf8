use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::form_urlencoded;

use super::wire::{Request, write};

/// An issuer on a port of its own, that answers as it is told: also badly, slowly or not at all.
pub(crate) struct Issuer {
    pub(crate) url: String,
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    running: Mutex<JoinSet<()>>,
}

struct State {
    metadata: Reply,
    /// What each of the next trades is answered, before `then`.
    next: Vec<Reply>,
    then: Reply,
    keys: Vec<String>,
    asked: Vec<Asked>,
    metadata_asked: usize,
}

/// A trade as the issuer saw it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) request: Request,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) key: String,
}

/// What one address answers.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A token of this many seconds for a good key, `invalid_client` for any other.
    Trade(u64),
    /// Status, more header lines, body.
    Full(u16, Vec<String>, Vec<u8>),
    /// A head that announces more than comes; then the connection breaks.
    BreaksOff,
    /// Nothing, for as long as the caller likes.
    Hangs,
}

impl Reply {
    pub(crate) fn json(status: u16, document: &Value) -> Self {
        Self::Full(status, Vec::new(), document.to_string().into_bytes())
    }

    pub(crate) fn error(status: u16, error: &str) -> Self {
        Self::json(status, &json!({ "error": error, "error_description": "in our words" }))
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Full(status, Vec::new(), b"trouble at the issuer".to_vec())
    }

    pub(crate) fn retry_after(status: u16, when: &str) -> Self {
        Self::Full(status, vec![format!("Retry-After: {when}")], b"{\"error\":\"temporarily_unavailable\"}".to_vec())
    }

    pub(crate) fn metadata(issuer: &str, endpoint: &str) -> Self {
        Self::json(200, &json!({ "issuer": issuer, "token_endpoint": endpoint }))
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::Full(307, vec![format!("Location: {to}")], Vec::new())
    }
}

impl Issuer {
    pub(crate) async fn open(key: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}");
        let state = Arc::new(Mutex::new(State {
            metadata: Reply::metadata(&url, &format!("{url}/oauth/token")),
            next: Vec::new(),
            then: Reply::Trade(300),
            keys: vec![key.to_owned()],
            asked: Vec::new(),
            metadata_asked: 0,
        }));
        let issuer = Self { url, address, state, running: Mutex::default() };
        issuer.serve(listener);
        issuer
    }

    fn serve(&self, listener: TcpListener) {
        let state = Arc::clone(&self.state);
        self.running.lock().unwrap().spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(answer(stream, Arc::clone(&state)));
            }
        });
    }

    /// Nobody listens any more, and what was being answered breaks off.
    pub(crate) async fn goes_away(&self) {
        let running = std::mem::take(&mut *self.running.lock().unwrap());
        running.abort_all_and_wait().await;
    }

    /// Listens again, at the same address.
    pub(crate) async fn comes_back(&self) {
        self.serve(TcpListener::bind(self.address).await.unwrap());
    }

    pub(crate) fn set_metadata(&self, reply: Reply) {
        self.state.lock().unwrap().metadata = reply;
    }

    /// How every trade is answered from now on.
    pub(crate) fn answers(&self, reply: Reply) {
        self.state.lock().unwrap().then = reply;
    }

    /// How the next trades are answered.
    pub(crate) fn answers_first(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().next = replies.into_iter().collect();
    }

    /// Which keys are good from now on.
    pub(crate) fn knows(&self, keys: &[&str]) {
        self.state.lock().unwrap().keys = keys.iter().map(|key| (*key).to_owned()).collect();
    }

    /// The trades so far, in order.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// How many trades there were.
    pub(crate) fn trades(&self) -> usize {
        self.state.lock().unwrap().asked.len()
    }

    /// How often the metadata were asked for.
    pub(crate) fn discoveries(&self) -> usize {
        self.state.lock().unwrap().metadata_asked
    }
}

trait AbortAll {
    async fn abort_all_and_wait(self);
}

impl AbortAll for JoinSet<()> {
    async fn abort_all_and_wait(mut self) {
        self.shutdown().await;
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    // Who asked may have gone away.
    let _ = try_answer(&mut stream, &state).await;
}

async fn try_answer(stream: &mut TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let request = Request::read(stream).await?;
    let (reply, is_known, serial) = {
        let mut state = state.lock().unwrap();
        if request.path.contains("/.well-known/oauth-authorization-server") {
            state.metadata_asked += 1;
            (state.metadata.clone(), true, 0)
        } else if request.path == "/oauth/token" && request.method == "POST" {
            let key = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
            let key = key.unwrap_or_default().to_owned();
            let form = form_urlencoded::parse(request.body.as_bytes()).into_owned().collect();
            let is_known = state.keys.contains(&key);
            state.asked.push(Asked { request, form, key });
            let reply = if state.next.is_empty() { state.then.clone() } else { state.next.remove(0) };
            (reply, is_known, state.asked.len())
        } else {
            (Reply::status(404), true, 0)
        }
    };
    match reply {
        Reply::Trade(_) if !is_known => {
            let body = json!({ "error": "invalid_client", "error_description": "a valid API key is needed" });
            write(stream, 401, &[], body.to_string().as_bytes()).await
        }
        Reply::Trade(seconds) => {
            let token = format!("token-{serial}");
            let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": "a b" });
            write(stream, 200, &[], body.to_string().as_bytes()).await
        }
        Reply::Full(status, lines, body) => write(stream, status, &lines, &body).await,
        Reply::BreaksOff => stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"access_token\"").await,
        Reply::Hangs => stream.read_u8().await.map(drop),
    }
}
