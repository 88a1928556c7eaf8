//! An `OpenID` provider (and a GitHub) on a port of its own: it signs people in, and misbehaves as it is told.
//!
//! It checks what a provider must (client, code, challenge, redirect URI), so a login that succeeds here was right.

mod answers;
mod serve;
mod signer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hallpass::clock::Clock;
use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use url::Url;

pub(crate) use serve::{Asked, Served};
pub(crate) use signer::Signer;

/// Who we are at every provider. Both need encoding before they fit a Basic header (RFC 6749 2.3.1).
pub(crate) const CLIENT_ID: &str = "hall:pass";
pub(crate) const CLIENT_SECRET: &str = "s3cret+/%: ü";

/// A provider that is up.
pub(crate) struct Provider {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

type Edit = Box<dyn Fn(&mut Value) + Send>;

/// What it knows and how it behaves.
pub(crate) struct State {
    url: String,
    clock: Clock,
    /// Who is signed in here.
    pub(crate) person: Value,
    /// The keys in the JWKS; the last one signs.
    pub(crate) keys: Vec<Signer>,
    /// Which claims stand in the ID token, too.
    pub(crate) is_id_token_full: bool,
    /// What it says instead, at a path.
    instead: HashMap<String, Served>,
    /// How long it takes, at a path.
    late: HashMap<String, Duration>,
    /// Which answer waits, at a path.
    held: HashMap<String, Held>,
    edits: HashMap<&'static str, Edit>,
    logins: HashMap<String, Login>,
    access_tokens: Vec<String>,
    asked: Vec<Asked>,
}

impl State {
    /// Everything that was asked.
    pub(crate) fn asked_at_all(&self) -> &[Asked] {
        &self.asked
    }
}

/// A code that was given out.
#[derive(Clone)]
struct Login {
    nonce: Option<String>,
    challenge: String,
    redirect_uri: String,
    auth_time: i64,
}

/// An answer that waits until it is let go.
#[derive(Clone, Default)]
pub(crate) struct Held {
    asked: Arc<Notify>,
    gone: Arc<Notify>,
}

impl Held {
    /// Waits until somebody has asked.
    pub(crate) async fn is_asked(&self) {
        self.asked.notified().await;
    }

    pub(crate) fn let_go(&self) {
        self.gone.notify_one();
    }

    async fn wait(&self) {
        self.asked.notify_one();
        self.gone.notified().await;
    }
}

/// What the browser brings back.
#[derive(Clone, Debug)]
pub(crate) struct Callback {
    pub(crate) code: String,
    pub(crate) state: String,
    pub(crate) iss: Option<String>,
}

impl Provider {
    /// A provider where Ada is signed in, with one key.
    pub(crate) async fn open(clock: &Clock) -> Self {
        Self::open_at(clock, "127.0.0.1").await
    }

    /// The same at another address of this machine.
    pub(crate) async fn open_at(clock: &Clock, address: &str) -> Self {
        let listener = tokio::net::TcpListener::bind((address, 0)).await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State {
            url: url.clone(),
            clock: clock.clone(),
            person: json!({
                "sub": "ada-1", "email": "ada@acme.example", "email_verified": true, "name": "Ada Lovelace",
                "preferred_username": "ada", "groups": ["engines", "poets"],
            }),
            keys: vec![Signer::es256("k1")],
            is_id_token_full: false,
            instead: HashMap::new(),
            late: HashMap::new(),
            held: HashMap::new(),
            edits: HashMap::new(),
            logins: HashMap::new(),
            access_tokens: Vec::new(),
            asked: Vec::new(),
        }));
        let task = tokio::spawn(serve::serve(listener, Arc::clone(&state)));
        Self { url, state, task }
    }

    /// What it knows, to be looked at or changed.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panicked")
    }

    /// Answers so at `path`, whatever is asked.
    pub(crate) fn answers(&self, path: &str, served: Served) {
        self.state().instead.insert(path.to_owned(), served);
    }

    /// Answers as ever at `path`, but so much later.
    pub(crate) fn is_late(&self, path: &str, by: Duration) {
        self.state().late.insert(path.to_owned(), by);
    }

    /// Holds the next answer at `path`, which is made when it is asked for.
    pub(crate) fn holds(&self, path: &str) -> Held {
        let held = Held::default();
        self.state().held.insert(path.to_owned(), held.clone());
        held
    }

    /// Answers at `path` as it did before.
    pub(crate) fn mends(&self, path: &str) {
        self.state().instead.remove(path);
    }

    /// Changes what it says before it says it: `metadata`, `jwks`, `header`, `claims`, `tokens`, `userinfo`, `user`,
    /// `emails`.
    pub(crate) fn edit(&self, what: &'static str, edit: impl Fn(&mut Value) + Send + 'static) {
        self.state().edits.insert(what, Box::new(edit));
    }

    /// The same for one member.
    pub(crate) fn says(&self, what: &'static str, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        self.edit(what, move |document| document[name] = value.clone());
    }

    /// Leaves out a member.
    pub(crate) fn omits(&self, what: &'static str, name: &'static str) {
        self.edit(what, move |document| drop(document.as_object_mut().and_then(|members| members.remove(name))));
    }

    /// Behaves again.
    pub(crate) fn behaves(&self) {
        let mut state = self.state();
        state.edits.clear();
        state.instead.clear();
        state.late.clear();
    }

    /// What was asked at `path`, in order.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        self.state().asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }

    /// Goes there as a browser does, and signs in.
    pub(crate) async fn sign_in(&self, there: &Url) -> Callback {
        let back = self.visit(there).await;
        let value = |name: &str| back.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
        Callback {
            code: value("code").unwrap_or_else(|| panic!("no code: {back}")),
            state: value("state").expect("a state"),
            iss: value("iss"),
        }
    }

    /// Where a browser is sent back to.
    pub(crate) async fn visit(&self, there: &Url) -> Url {
        assert!(there.as_str().starts_with(&self.url), "{there} is not here");
        let address = self.url.trim_start_matches("http://").parse().expect("an address");
        let ask = super::Ask::get(&there.as_str()[self.url.len()..]);
        let reply = super::send(address, &ask).await;
        let location = reply.header("location").unwrap_or_else(|| panic!("no way back: {reply:?}"));
        location.parse().expect("an address to go back to")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}
