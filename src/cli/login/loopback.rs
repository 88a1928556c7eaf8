//! The door that a browser comes back to: a listener on this machine, for one sign-in (RFC 8252 section 7.3).
//!
//! In:    connections of whoever is on this machine, browsers that open some in advance too.
//! Out:   the query of each request for the callback, and a way to answer it.
//! Never: listens beyond loopback, believes a query, keeps anybody waiting for somebody slow.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::page;
use crate::cli::Failure;

/// How long a request may take to arrive.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest head of a request, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// How many visits may wait to be judged.
const WAITING_MAX: usize = 16;
const PATH: &str = "/callback";

/// An open door.
pub(super) struct Loopback {
    redirect_uri: String,
    visits: mpsc::Receiver<Visit>,
    task: JoinHandle<()>,
}

/// A browser that came to the callback.
pub(super) struct Visit {
    query: Vec<(String, String)>,
    stream: TcpStream,
}

impl Loopback {
    /// Opens the door on any port.
    pub(super) async fn open() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| Failure::error(format!("no port to listen on: {error}"));
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let (told, visits) = mpsc::channel(WAITING_MAX);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let told = told.clone();
                // Each by itself: a browser opens connections that it may never use.
                tokio::spawn(async move {
                    if let Ok(Some(visit)) = tokio::time::timeout(READ_TIMEOUT, read(stream)).await {
                        let _ = told.send(visit).await;
                    }
                });
            }
        });
        Ok(Self { redirect_uri: format!("http://127.0.0.1:{port}{PATH}"), visits, task })
    }

    /// The address of the door.
    pub(super) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// The next one who comes.
    pub(super) async fn next(&mut self) -> Visit {
        match self.visits.recv().await {
            Some(visit) => visit,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Visit {
    /// A parameter that stands there once; one that stands there twice says nothing.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.query.iter().filter(|(own, value)| own == name && !value.is_empty());
        let (first, second) = (values.next(), values.next());
        first.filter(|_| second.is_none()).map(|(_, value)| value.as_str())
    }

    /// Tells the person how it went.
    pub(super) async fn answer(mut self, page: page::Page) {
        let _ = tokio::time::timeout(READ_TIMEOUT, write(&mut self.stream, page)).await;
    }
}

/// A request for the callback; anything else is answered and forgotten.
async fn read(mut stream: TcpStream) -> Option<Visit> {
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        if head.len() > HEAD_MAX || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut words = head.lines().next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if method != "GET" || path != PATH {
        let _ = write(&mut stream, page::Page::NotFound).await;
        return None;
    }
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Some(Visit { query, stream })
}

async fn write(stream: &mut TcpStream, page: page::Page) -> std::io::Result<()> {
    stream.write_all(page.response().as_bytes()).await?;
    stream.shutdown().await
}
