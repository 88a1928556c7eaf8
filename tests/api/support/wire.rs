//! A plain HTTP/1.1 client: it sends the bytes it is given and reads answers one by one.

use std::net::SocketAddr;
use std::time::Duration;
use std::{fmt, io};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Ask;

/// Longer than any answer takes; a server that does not answer at all fails the test.
const PATIENCE: Duration = Duration::from_secs(40);

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A connection.
pub(crate) struct Wire {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// Sends one request over a connection of its own.
pub(crate) async fn send(address: SocketAddr, ask: &Ask) -> Reply {
    let mut wire = Wire::open(address).await;
    // Who refuses a long request may close before all of it is written.
    let _ = wire.write(ask.bytes()).await;
    let reply = if ask.method == "HEAD" { wire.head().await } else { wire.reply().await };
    reply.unwrap_or_else(|| panic!("no answer to {ask:?}"))
}

impl Wire {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        Self { stream, unread: Vec::new() }
    }

    pub(crate) async fn write(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        timeout(PATIENCE, self.stream.write_all(bytes.as_ref())).await.expect("the server reads")
    }

    /// Whether `bytes` went through; `false` when the server closed, or took none of them for `span`.
    pub(crate) async fn write_within(&mut self, bytes: impl AsRef<[u8]>, span: Duration) -> bool {
        timeout(span, self.stream.write_all(bytes.as_ref())).await.is_ok_and(|written| written.is_ok())
    }

    /// The next answer; `None` when the server closes instead.
    pub(crate) async fn reply(&mut self) -> Option<Reply> {
        timeout(PATIENCE, self.read(true)).await.expect("the server answers")
    }

    /// The next answer, to a `HEAD`: it has no body.
    pub(crate) async fn head(&mut self) -> Option<Reply> {
        timeout(PATIENCE, self.read(false)).await.expect("the server answers")
    }

    /// Waits until the server has closed. Nothing must come before that.
    pub(crate) async fn closes(&mut self) -> bool {
        self.unread.is_empty() && !timeout(PATIENCE, self.more()).await.expect("the server closes")
    }

    async fn read(&mut self, has_body: bool) -> Option<Reply> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            if !self.more().await {
                return None;
            }
        };
        let head: Vec<u8> = self.unread.drain(..end + 4).collect();
        let head = String::from_utf8_lossy(&head[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().expect("a status line");
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut reply = Reply { status, headers, body: vec![] };
        if has_body && status != 204 && status != 304 {
            reply.body = self.body(&reply).await;
        }
        Some(reply)
    }

    async fn body(&mut self, reply: &Reply) -> Vec<u8> {
        if reply.header("transfer-encoding") == Some("chunked") {
            let mut body = Vec::new();
            loop {
                let line = self.line().await;
                let length = usize::from_str_radix(line.trim(), 16).expect("the length of a chunk");
                body.extend(self.exactly(length).await);
                self.line().await;
                if length == 0 {
                    return body;
                }
            }
        }
        let length = reply.header("content-length").map_or(0, |length| length.parse().expect("a length"));
        self.exactly(length).await
    }

    async fn line(&mut self) -> String {
        loop {
            if let Some(at) = self.unread.windows(2).position(|two| two == b"\r\n") {
                let line: Vec<u8> = self.unread.drain(..at + 2).collect();
                return String::from_utf8(line).expect("text");
            }
            assert!(self.more().await, "the answer is cut off");
        }
    }

    async fn exactly(&mut self, length: usize) -> Vec<u8> {
        while self.unread.len() < length {
            assert!(self.more().await, "the answer is cut off");
        }
        self.unread.drain(..length).collect()
    }

    /// Reads some more; `false` at the end.
    async fn more(&mut self) -> bool {
        self.stream.read_buf(&mut self.unread).await.is_ok_and(|count| count > 0)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, String::from_utf8_lossy(&self.body))
    }
}

impl Reply {
    /// The header `name` (lower case), if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| &**value)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The OAuth error code.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or("-").to_owned()
    }

    /// Status and error code: `(401, "invalid_client")`.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.error())
    }

    /// The token in a good answer.
    pub(crate) fn token(&self) -> String {
        let token = self.json()["access_token"].as_str().map(str::to_owned);
        token.unwrap_or_else(|| panic!("no token: {self:?}"))
    }

    /// The answer without what may differ between two answers that say the same.
    pub(crate) fn comparable(&self) -> Self {
        let mut reply = self.clone();
        reply.headers.retain(|(name, _)| name != "x-request-id" && name != "date");
        // The server keeps them in a hash table; their order says nothing.
        reply.headers.sort();
        reply
    }
}
