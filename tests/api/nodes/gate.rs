//! A way to PostgreSQL with a gate in it: what the database answers can be held back, on one connection or on all.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use url::Url;

use crate::support::within;

/// What happens to answers.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// They go through.
    Open,
    /// The one that has this text in it is held, and its connection with it; others go through.
    HoldsOneWith(String),
    /// The same with one that is these bytes and no more.
    HoldsOneThatIs(&'static [u8]),
    /// What is held is held on; others go through.
    HoldsOne,
    /// Every one is held.
    HoldsAll,
}

pub(crate) struct Gate {
    address: SocketAddr,
    state: watch::Sender<State>,
    held: Arc<Mutex<usize>>,
}

impl Gate {
    /// A way to the database at `url`.
    pub(crate) async fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, _) = watch::channel(State::Open);
        let held = Arc::new(Mutex::new(0));
        let (url, inner_state, inner_held) = (Url::parse(url).unwrap(), state.clone(), Arc::clone(&held));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (url, state, held) = (url.clone(), inner_state.clone(), Arc::clone(&inner_held));
                tokio::spawn(async move {
                    let (from_near, to_near) = near.into_split();
                    let (from_far, to_far) = connect(&url).await;
                    tokio::join!(pass(from_near, to_far, None), pass(from_far, to_near, Some((state, held))));
                });
            }
        });
        Self { address, state, held }
    }

    /// The same database through the gate.
    pub(crate) fn url(&self, url: &str) -> String {
        let mut url = Url::parse(url).unwrap();
        url.set_query(None);
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }

    /// Holds back the next answer that has `text` in it, and whatever comes behind on that connection.
    pub(crate) fn hold_one_with(&self, text: &str) {
        self.state.send_replace(State::HoldsOneWith(text.to_owned()));
    }

    /// Holds back the next answer that is these bytes and no more.
    pub(crate) fn hold_one_that_is(&self, all: &'static [u8]) {
        self.state.send_replace(State::HoldsOneThatIs(all));
    }

    /// Holds back every answer from now on.
    pub(crate) fn hold_all(&self) {
        self.state.send_replace(State::HoldsAll);
    }

    /// Lets what comes from now on through. What is held stays so, as on connections that somebody on the way has forgotten.
    pub(crate) fn open_for_others(&self) {
        self.state.send_replace(State::HoldsOne);
    }

    /// Lets everything through.
    pub(crate) fn open(&self) {
        self.state.send_replace(State::Open);
    }

    /// Waits until an answer is held.
    pub(crate) async fn holds(&self) -> bool {
        self.holds_many(1).await
    }

    /// Waits until so many are.
    pub(crate) async fn holds_many(&self, count: usize) -> bool {
        within(Duration::from_secs(2), async || *self.held.lock().unwrap() >= count).await
    }
}

type Far = (Box<dyn AsyncRead + Send + Unpin>, Box<dyn AsyncWrite + Send + Unpin>);

/// The cluster that a URL means, by its socket's folder or by its address.
async fn connect(url: &Url) -> Far {
    let folder = url.query_pairs().find_map(|(name, value)| (name == "host").then(|| value.into_owned()));
    if let Some(folder) = folder {
        let socket = Path::new(&folder).join(format!(".s.PGSQL.{}", url.port().unwrap_or(5432)));
        let (from, to) = UnixStream::connect(socket).await.expect("the cluster's socket").into_split();
        return (Box::new(from), Box::new(to));
    }
    let address = (url.host_str().expect("a host"), url.port().unwrap_or(5432));
    let (from, to) = TcpStream::connect(address).await.expect("the cluster's port").into_split();
    (Box::new(from), Box::new(to))
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    gate: Option<(watch::Sender<State>, Arc<Mutex<usize>>)>,
) {
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count) = from.read(&mut bytes).await {
        if let Some((state, held)) = &gate {
            let is_chosen = state.send_if_modified(|state| {
                let is_chosen = match &*state {
                    State::HoldsOneWith(text) => bytes[..count].windows(text.len()).any(|some| some == text.as_bytes()),
                    State::HoldsOneThatIs(all) => bytes[..count] == **all,
                    _ => false,
                };
                if is_chosen {
                    *state = State::HoldsOne;
                }
                is_chosen
            });
            if is_chosen || *state.borrow() == State::HoldsAll {
                *held.lock().unwrap() += 1;
                let opened = state.subscribe().wait_for(|state| *state == State::Open).await.is_ok();
                *held.lock().unwrap() -= 1;
                if !opened {
                    return;
                }
            }
        }
        if count == 0 || to.write_all(&bytes[..count]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}
