//! Journeys: requests one after the other on one connection, each carrying on what the answer before it gave.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use url::form_urlencoded::Serializer;

use crate::client::{connect, has, read, write};
use crate::house::{CLIENT_ID, RESOURCE, SCOPE};

/// Where the app gets people back.
pub(crate) const CALLBACK: &str = "https://app.example/callback";

/// RFC 7636, appendix B: a verifier and its challenge.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Requests that follow from each other, from the first to the last and from the beginning again.
#[derive(Clone)]
pub(crate) struct Journey {
    steps: Rc<[Step]>,
    /// What the next connections begin with, and what those before them ended with.
    carried: Rc<RefCell<Vec<String>>>,
}

/// One request, and what its answer must be.
pub(crate) struct Step {
    head: String,
    /// The body before and after what is carried; a `GET` has none.
    body: Option<(String, String)>,
    /// What a good answer begins with.
    status: &'static str,
    /// What else it has in it.
    expected: &'static [u8],
    /// What is carried on begins after the one and ends before any of the other.
    taken: (&'static [u8], &'static [u8]),
}

/// What the app asks for, parameter by parameter.
pub(crate) fn wish() -> Vec<(String, String)> {
    let scope = format!("openid profile {SCOPE}");
    let plain = [
        ("client_id", CLIENT_ID),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", &scope),
        ("resource", RESOURCE),
        ("state", "8c5d3ea1b7f04c0e"),
        ("nonce", "f2a96d4c8e1b7035"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    plain.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The same as an address below `path`.
pub(crate) fn wish_at(path: &str) -> String {
    format!("{path}?{}", Serializer::new(String::new()).extend_pairs(wish()).finish())
}

impl Step {
    /// Sends the browser with these cookies to the authorization endpoint; carries on the code.
    pub(crate) fn authorize(address: SocketAddr, path: &str, cookies: &str) -> Self {
        Self {
            head: format!(
                "GET {} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html\r\nCookie: {cookies}\r\n\r\n",
                wish_at(path)
            ),
            body: None,
            status: "HTTP/1.1 303 ",
            expected: CALLBACK.as_bytes(),
            taken: (b"code=", b"&\r\n"),
        }
    }

    /// Redeems the code that is carried; carries on the refresh token.
    pub(crate) fn redeem(address: SocketAddr, path: &str, secret: &str) -> Self {
        let fields = [("redirect_uri", CALLBACK), ("code_verifier", VERIFIER), ("grant_type", "authorization_code")];
        Self::trade(address, path, secret, &fields, "code")
    }

    /// Trades the refresh token that is carried for the next one.
    pub(crate) fn refresh(address: SocketAddr, path: &str, secret: &str) -> Self {
        Self::trade(address, path, secret, &[("grant_type", "refresh_token")], "refresh_token")
    }

    /// `POST path` for tokens; what is carried goes into the field `slot`. Codes and refresh tokens need no escapes.
    fn trade(address: SocketAddr, path: &str, secret: &str, fields: &[(&str, &str)], slot: &str) -> Self {
        let credential = [("client_id", CLIENT_ID), ("client_secret", secret)];
        let before = Serializer::new(String::new()).extend_pairs(credential).extend_pairs(fields).finish();
        Self {
            head: format!(
                "POST {path} HTTP/1.1\r\nHost: {address}\r\nAccept: application/json\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\n"
            ),
            body: Some((format!("{before}&{slot}="), String::new())),
            status: "HTTP/1.1 200 ",
            expected: b"\"id_token\":\"ey",
            taken: (b"\"refresh_token\":\"", b"\""),
        }
    }

    fn bytes(&self, carried: &str) -> Vec<u8> {
        let head = &self.head;
        let text = match &self.body {
            None => head.clone(),
            Some((before, after)) => {
                let length = before.len() + carried.len() + after.len();
                format!("{head}Content-Length: {length}\r\n\r\n{before}{carried}{after}")
            }
        };
        text.into_bytes()
    }

    /// What the answer gives to carry on; `None` when it is not as it should be.
    fn take(&self, answer: &[u8]) -> Option<String> {
        let (begin, ends) = self.taken;
        if !answer.starts_with(self.status.as_bytes()) || !has(answer, self.expected) {
            return None;
        }
        let at = answer.windows(begin.len()).position(|window| window == begin)? + begin.len();
        let taken = answer[at..].split(|byte| ends.contains(byte)).next()?;
        String::from_utf8(taken.to_vec()).ok().filter(|taken| !taken.is_empty())
    }
}

impl Journey {
    /// A journey of these steps that begins with nothing.
    pub(crate) fn new(steps: impl Into<Rc<[Step]>>) -> Self {
        Self { steps: steps.into(), carried: Rc::default() }
    }

    /// A journey of these steps that begins with what this one ended with.
    pub(crate) fn then(&self, steps: impl Into<Rc<[Step]>>) -> Self {
        Self { steps: steps.into(), carried: Rc::clone(&self.carried) }
    }

    /// Goes on one connection again and again until `end`, or once, and counts.
    pub(crate) async fn go(self, address: SocketAddr, end: Option<Instant>) -> io::Result<u64> {
        let connection = connect(address).await?;
        let mut buffer = vec![0; 64 * 1024];
        let mut carried = self.carried.borrow_mut().pop().unwrap_or_default();
        let mut count = 0;
        loop {
            for step in &*self.steps {
                write(&connection, &step.bytes(&carried)).await?;
                let answer = read(&connection, &mut buffer).await?;
                carried = step.take(answer).ok_or_else(|| crate::client::unexpected(answer))?;
            }
            count += 1;
            if end.is_none_or(|end| Instant::now() >= end) {
                self.carried.borrow_mut().push(carried);
                return Ok(count);
            }
        }
    }
}
