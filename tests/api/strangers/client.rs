//! A client that a stranger wrote, as a process: a program that is told where the browser came back, or a web app.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;
use url::Url;

use super::browser::Browser;
use super::street::{App, Street};
use crate::support::within;

/// How long a stranger may take for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// How a client talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Talk {
    /// It prints where the browser goes, and reads where it came back.
    Lines,
    /// It sends the browser off at `/login`, and the browser brings the answer.
    Web,
}

/// A running client; killed when dropped.
pub(super) struct Client {
    talk: Talk,
    home: String,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Client {
    /// Starts it for `app`.
    pub(super) async fn start(mut command: Command, talk: Talk, street: &Street, app: &App) -> Self {
        command
            .env("ISSUER", street.issuer())
            .env("CLIENT_ID", &app.client_id)
            .env("REDIRECT_URI", &app.redirect_uri)
            .envs(app.key.iter().map(|key| ("CLIENT_SECRET", key)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let client = Self { talk, home: app.home(), input, lines: BufReader::new(output).lines(), _child: child };
        if talk == Talk::Web {
            let address = Url::parse(&client.home).unwrap().socket_addrs(|| None).unwrap()[0];
            assert!(within(PATIENCE, async || TcpStream::connect(address).await.is_ok()).await, "{command:?}");
        }
        client
    }

    /// Where it sends the browser.
    pub(super) async fn begin(&mut self, browser: &mut Browser) -> String {
        match self.talk {
            Talk::Lines => self.line().await,
            Talk::Web => {
                let reply = browser.ask(&Url::parse(&self.home).unwrap().join("login").unwrap(), None).await;
                reply.header("location").unwrap_or_else(|| panic!("{reply:?}")).to_owned()
            }
        }
    }

    /// What it says to a browser that came back.
    pub(super) async fn come_back(&mut self, browser: &mut Browser, url: &Url) -> Value {
        match self.talk {
            Talk::Lines => {
                self.input.write_all(format!("{url}\n").as_bytes()).await.unwrap();
                serde_json::from_str(&self.line().await).unwrap()
            }
            Talk::Web => browser.ask(url, None).await.json(),
        }
    }

    async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.lines.next_line()).await.expect("it answers").unwrap();
        line.expect("it did not end: its words are above")
    }
}
