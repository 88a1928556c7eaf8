use std::sync::{Arc, Mutex};

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::wire::{Request, write};

/// A service behind tokens, that takes some and refuses others.
pub(crate) struct Service {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
    _running: JoinSet<()>,
}

#[derive(Default)]
struct State {
    refused: Vec<String>,
    challenge: String,
    seen: Vec<Request>,
}

impl Service {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let its = Arc::clone(&state);
        let mut running = JoinSet::new();
        running.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&its)));
            }
        });
        Self { url, state, _running: running }
    }

    /// Refuses these tokens with this challenge.
    pub(crate) fn refuses(&self, tokens: &[&str], challenge: &str) {
        let mut state = self.state.lock().unwrap();
        state.refused = tokens.iter().map(|token| (*token).to_owned()).collect();
        challenge.clone_into(&mut state.challenge);
    }

    /// What each request so far had as `Authorization`.
    pub(crate) fn shown(&self) -> Vec<Option<String>> {
        let state = self.state.lock().unwrap();
        state.seen.iter().map(|request| request.header("authorization").map(str::to_owned)).collect()
    }

    /// The bodies of the requests so far.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.state.lock().unwrap().seen.iter().map(|request| request.body.clone()).collect()
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Ok(request) = Request::read(&mut stream).await else { return };
    let (status, lines) = {
        let mut state = state.lock().unwrap();
        let token = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let is_refused = state.refused.iter().any(|refused| refused == token);
        state.seen.push(request);
        if is_refused { (401, vec![format!("WWW-Authenticate: {}", state.challenge)]) } else { (200, Vec::new()) }
    };
    let _ = write(&mut stream, status, &lines, b"hello").await;
}
