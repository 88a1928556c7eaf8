//! How a provider's answers leave it: whole, or as no answer should.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::State;

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// What is answered.
#[derive(Clone)]
pub(crate) enum Served {
    /// Status, more header lines, body.
    Full(u16, Vec<String>, Vec<u8>),
    /// A head that announces more than comes; then the connection breaks.
    BreaksOff,
    /// Nothing, for as long as the caller likes.
    Hangs,
    /// A byte now and then.
    Drips,
    /// A body without end, and without a length.
    Floods,
}

impl Served {
    pub(crate) fn json(document: &Value) -> Self {
        Self::typed("application/json", document.to_string())
    }

    pub(crate) fn typed(media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Full(200, vec![format!("Content-Type: {media_type}")], body.into())
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Full(status, vec![], b"trouble".to_vec())
    }

    /// An OAuth error (RFC 6749 5.2).
    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::Full(status, vec![], serde_json::json!({ "error": code }).to_string().into_bytes())
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::Full(302, vec![format!("Location: {to}")], vec![])
    }
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// A field of the form in the body.
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        value_in(&self.body, name)
    }

    /// A parameter in the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        value_in(&self.query, name)
    }
}

fn value_in(form: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(form.as_bytes()).find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

pub(super) async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&state)));
    }
}

async fn answer(mut stream: TcpStream, state: Arc<Mutex<State>>) -> io::Result<()> {
    let asked = read(&mut stream).await?;
    let (served, late, gate) = {
        let mut state = state.lock().expect("nobody panicked");
        (state.answer(&asked), state.late.get(&asked.path).copied(), state.held.remove(&asked.path))
    };
    if let Some(gate) = gate {
        gate.wait().await;
    }
    if let Some(late) = late {
        tokio::time::sleep(late).await;
    }
    match served {
        Served::Full(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
            for line in headers {
                head.push_str(&line);
                head.push_str("\r\n");
            }
            stream.write_all(format!("{head}\r\n").as_bytes()).await?;
            stream.write_all(&body).await?;
            stream.shutdown().await
        }
        Served::BreaksOff => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"issuer\"").await?;
            stream.shutdown().await
        }
        Served::Hangs => std::future::pending().await,
        Served::Drips => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{").await?;
            loop {
                tokio::time::sleep(Duration::from_millis(200)).await;
                stream.write_all(b" ").await?;
            }
        }
        Served::Floods => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"issuer\": \"").await?;
            loop {
                stream.write_all(&[b'x'; 16 * 1024]).await?;
            }
        }
    }
}

async fn read(stream: &mut TcpStream) -> io::Result<Asked> {
    let mut unread = Vec::new();
    let end = loop {
        if let Some(at) = unread.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut unread).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    };
    let head = String::from_utf8_lossy(&unread[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let target = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, length)| length.parse().ok());
    let length: usize = length.unwrap_or(0);
    let mut body = unread.split_off(end + 4);
    while body.len() < length && stream.read_buf(&mut body).await? > 0 {}
    Ok(Asked { path, query, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
