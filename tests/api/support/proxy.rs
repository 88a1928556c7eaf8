//! A wire to a PostgreSQL socket that can be slow, or dead.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// How the wire is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weather {
    /// What is sent arrives.
    Clear,
    /// What is sent arrives so much later, each way.
    Slow(Duration),
    /// Whoever connects is let in, and nothing that is sent arrives, for those who are connected as well. What was on
    /// the way is lost, and such a connection stays dead when the weather clears.
    BlackHole,
}

/// A listener on loopback, and what is behind it.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    weather: watch::Sender<Weather>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// One before the socket at `target`, in clear weather.
    pub(crate) async fn before(target: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (weather, watched) = watch::channel(Weather::Clear);
        let accepting = tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                let _ = caller.set_nodelay(true);
                let (target, weather) = (target.clone(), watched.clone());
                tokio::spawn(async move {
                    if now(&weather) == Weather::BlackHole {
                        let mut caller = caller;
                        return swallow(&mut caller).await;
                    }
                    let Ok(server) = UnixStream::connect(target).await else { return };
                    let (caller_reads, caller_writes) = caller.into_split();
                    let (server_reads, server_writes) = server.into_split();
                    let there = pass(caller_reads, server_writes, weather.clone());
                    let back = pass(server_reads, caller_writes, weather);
                    // Whoever ends first ends both; who fell into the hole ends neither.
                    tokio::select! { () = there => {} () = back => {} }
                });
            }
        });
        Self { address, weather, accepting }
    }

    pub(crate) fn becomes(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn is_dead(weather: &mut watch::Receiver<Weather>) {
    let _ = weather.wait_for(|now| *now == Weather::BlackHole).await;
}

fn now(weather: &watch::Receiver<Weather>) -> Weather {
    *weather.borrow()
}

/// Hands on what comes, as the weather is. Pieces that come close together travel together.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut weather: watch::Receiver<Weather>,
) {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = tokio::select! {
            length = from.read(&mut piece) => length,
            () = is_dead(&mut weather) => return swallow(&mut from).await,
        };
        let Ok(length @ 1..) = length else { return };
        if let Weather::Slow(by) = now(&weather) {
            sleep_until(Instant::now() + by).await;
        }
        if now(&weather) == Weather::BlackHole {
            return swallow(&mut from).await;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}

/// Takes what comes, until nobody is there any more.
async fn swallow(from: &mut (impl AsyncRead + Unpin)) {
    let mut piece = vec![0; 64 * 1024];
    while from.read(&mut piece).await.is_ok_and(|length| length > 0) {}
}
