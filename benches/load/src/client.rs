//! The client: connections that are kept, requests that are bytes already, answers that are looked at.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::rt;
use tokio::net::TcpStream;

use crate::Outcome;
use crate::journey::Journey;

/// The length of an API key with the prefix `hp`.
pub(crate) const KEY: usize = 63;

/// An API key, as text.
pub(crate) type Key = [u8; KEY];

/// What chance begins with: the same in each run.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// Connections that ask at the same time.
const CONNECTIONS: usize = 16;

/// What is asked, again and again.
#[derive(Clone)]
pub(crate) enum Request {
    /// The same bytes.
    Plain(Plain),
    /// What follows from the answer before.
    Journey(Journey),
}

/// The same bytes, but for the key in them.
#[derive(Clone)]
pub(crate) struct Plain {
    bytes: Vec<u8>,
    /// Where the key goes, and which keys there are.
    keys: Option<(usize, Arc<[Key]>)>,
    /// What a good answer has in it.
    expected: &'static [u8],
    /// What the next key is drawn with.
    random: u64,
}

/// In which order keys are shown, and how long.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    /// Each once, one after the other; then it ends. A journey is gone once on each connection.
    EachOnce,
    /// Any, for so long.
    Random(Duration),
}

impl Request {
    /// `POST path` for a token, with a key of `keys` as `client_secret`.
    pub(crate) fn token(address: SocketAddr, path: &str, client_id: &str, scope: &str, keys: Arc<[Key]>) -> Self {
        Self::Plain(Plain::token(address, path, client_id, scope, keys))
    }

    /// `GET path`, whose answer must have `expected` in it.
    pub(crate) fn get(address: SocketAddr, path: &str, expected: &'static [u8]) -> Self {
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: */*\r\n\r\n").into_bytes();
        Self::Plain(Plain { bytes, keys: None, expected, random: SEED })
    }
}

impl Plain {
    /// `POST path` for a token, with a key of `keys` as `client_secret`.
    pub(crate) fn token(address: SocketAddr, path: &str, client_id: &str, scope: &str, keys: Arc<[Key]>) -> Self {
        let scope = scope.replace(':', "%3A").replace(' ', "+");
        let before = format!("grant_type=client_credentials&client_id={client_id}&client_secret=");
        let after = format!("&scope={scope}");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            before.len() + KEY + after.len()
        );
        let at = head.len() + before.len();
        let bytes = [head.as_bytes(), before.as_bytes(), &[b'-'; KEY], after.as_bytes()].concat();
        Self { bytes, keys: Some((at, keys)), expected: b"\"access_token\":\"ey", random: SEED }
    }

    /// The request with any of the keys.
    pub(crate) fn next(&mut self) -> &[u8] {
        if let Some(many) = self.keys.as_ref().map(|(_, keys)| keys.len()) {
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            self.show(usize::try_from(self.random).unwrap_or_default() % many);
        }
        &self.bytes
    }

    /// Puts one of the keys in; false when there are not so many.
    fn show(&mut self, which: usize) -> bool {
        let Some((at, keys)) = &self.keys else { return true };
        let Some(key) = keys.get(which) else { return false };
        self.bytes[*at..at + KEY].copy_from_slice(key);
        true
    }
}

/// Asks on all connections at once and counts the answers; one that is not as it should be is an error.
pub(crate) async fn ask(address: SocketAddr, request: &Request, order: Order) -> Outcome<u64> {
    let next = Rc::new(Cell::new(0));
    let end = match order {
        Order::EachOnce => None,
        Order::Random(span) => Some(Instant::now() + span),
    };
    let asking: Vec<_> = (0..CONNECTIONS)
        .map(|seed| match request.clone() {
            Request::Plain(plain) => rt::spawn(ask_one(address, plain, end, Rc::clone(&next), seed as u64)),
            Request::Journey(journey) => rt::spawn(journey.go(address, end)),
        })
        .collect();
    let mut count = 0;
    for one in asking {
        count += one.await??;
    }
    Ok(count)
}

async fn ask_one(
    address: SocketAddr,
    mut request: Plain,
    end: Option<Instant>,
    next: Rc<Cell<usize>>,
    seed: u64,
) -> io::Result<u64> {
    let connection = connect(address).await?;
    request.random = SEED ^ (seed + 1).wrapping_mul(0xd134_2543_de82_ef95);
    let mut buffer = vec![0; 64 * 1024];
    let mut count = 0;
    loop {
        match end {
            Some(end) if Instant::now() >= end => return Ok(count),
            Some(_) => {
                request.next();
            }
            None if request.show(next.replace(next.get() + 1)) => {}
            None => return Ok(count),
        }
        write(&connection, &request.bytes).await?;
        let answer = read(&connection, &mut buffer).await?;
        if !answer.starts_with(b"HTTP/1.1 200 ") || !has(answer, request.expected) {
            return Err(unexpected(answer));
        }
        count += 1;
    }
}

/// `POST /oauth/revoke`: the app takes back `key`, showing another of its keys.
pub(crate) fn revocation(address: SocketAddr, client_id: &str, by: &Key, key: &Key) -> Vec<u8> {
    let before = format!("client_id={client_id}&client_secret=");
    let head = format!(
        "POST /oauth/revoke HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        before.len() + KEY + "&token=".len() + KEY
    );
    [head.as_bytes(), before.as_bytes(), by, b"&token=", key].concat()
}

/// A connection that holds nothing back.
pub(crate) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let connection = TcpStream::connect(address).await?;
    connection.set_nodelay(true)?;
    Ok(connection)
}

pub(crate) fn unexpected(answer: &[u8]) -> io::Error {
    io::Error::other(format!("not the answer that was expected: {}", String::from_utf8_lossy(answer)))
}

pub(crate) async fn write(connection: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match connection.try_write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => connection.writable().await?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads one answer: the head, then as many bytes as it says.
pub(crate) async fn read<'a>(connection: &TcpStream, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let (mut filled, mut whole) = (0, None);
    loop {
        // Asked first: on loopback an answer is seldom there already.
        connection.readable().await?;
        match connection.try_read(&mut buffer[filled..]) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        }
        whole = whole.or_else(|| length(&buffer[..filled]));
        match whole {
            Some(whole) if whole == filled => return Ok(&buffer[..filled]),
            Some(whole) if whole < filled || whole > buffer.len() => return Err(io::ErrorKind::InvalidData.into()),
            _ => {}
        }
    }
}

/// The length of an answer whose head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let lines = std::str::from_utf8(&answer[..head]).ok()?;
    let body = lines.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Some(head + 4 + body?)
}

pub(crate) fn has(answer: &[u8], expected: &[u8]) -> bool {
    answer.windows(expected.len()).any(|window| window == expected)
}

/// The head and the body of one `GET`, on a connection of its own.
pub(crate) fn get(address: SocketAddr, path: &str) -> io::Result<(String, String)> {
    get_with(address, path, "")
}

/// The same with more headers, each with its line's end.
pub(crate) fn get_with(address: SocketAddr, path: &str, headers: &str) -> io::Result<(String, String)> {
    let mut connection = std::net::TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(connection, "GET {path} HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    Ok((head.to_owned(), body.to_owned()))
}
