//! A provider that others wrote, as a process: started, told things, stopped; ended with the test.

use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::strangers::{installed, is_there, source};

/// Whether the providers are there.
pub(super) fn are_there() -> bool {
    ["oidc-provider", "oauth2-mock-server"].iter().all(|name| is_there(&installed().join("node_modules").join(name)))
}

/// A provider that runs.
pub(super) struct Peer {
    pub(super) issuer: String,
    script: &'static str,
    settings: Value,
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    /// Its script, where it finds its packages, and what it keeps.
    folder: TempDir,
}

impl Peer {
    /// Starts a script of `tests/strangers/upstream` on a port of its own.
    pub(super) async fn start(script: &'static str, mut settings: Value) -> Self {
        let folder = tempfile::tempdir_in(installed()).expect("a folder");
        for name in ["peer.mjs", script] {
            std::fs::copy(source("upstream").join(name), folder.path().join(name)).expect("a script");
        }
        settings["port"] = 0.into();
        settings["store"] = folder.path().join("store.json").to_str().into();
        Self::run(script, settings, folder).await
    }

    /// A process that does not say within a while that it listens is not what a test is about: another takes its place.
    async fn run(script: &'static str, settings: Value, folder: TempDir) -> Self {
        let mut peer = Self::spawn(script, settings, folder);
        for _ in 0..3 {
            if let Ok(mut heard) = tokio::time::timeout(Duration::from_secs(25), peer.hear()).await {
                peer.issuer = serde_json::from_value(heard["issuer"].take()).expect("an issuer");
                return peer;
            }
            peer.child.kill().await.expect("it ends");
            peer = Self::spawn(script, peer.settings, peer.folder);
        }
        panic!("{script} does not listen");
    }

    fn spawn(script: &'static str, settings: Value, folder: TempDir) -> Self {
        let mut child = Command::new("node")
            .arg(folder.path().join(script))
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node");
        let input = child.stdin.take().expect("an input");
        let lines = BufReader::new(child.stdout.take().expect("an output")).lines();
        Self { issuer: String::new(), script, settings, child, input, lines, folder }
    }

    /// Ends it, and starts it again at the same address with what it kept, but other keys; `seconds` have passed.
    pub(super) async fn restart(self, seconds: u64) -> Self {
        let mut stopped = self.stop().await;
        let now = stopped.settings["now"].as_i64().expect("a moment");
        stopped.settings["now"] = now.saturating_add_unsigned(seconds).into();
        stopped.start().await
    }

    /// Ends it.
    pub(super) async fn stop(mut self) -> Stopped {
        self.child.kill().await.expect("it ends");
        let port = url::Url::parse(&self.issuer).ok().and_then(|issuer| issuer.port()).expect("a port");
        self.settings["port"] = port.into();
        Stopped { script: self.script, settings: self.settings, folder: self.folder }
    }

    pub(super) fn process_id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Moves its time.
    pub(super) async fn advance(&mut self, seconds: u64) {
        self.tell("advance", json!(seconds)).await;
    }

    /// Everything it was asked, as `GET /path`.
    pub(super) async fn asked(&mut self) -> Vec<String> {
        serde_json::from_value(self.tell("asked", Value::Null).await).expect("a list")
    }

    /// How often it was asked so.
    pub(super) async fn count(&mut self, what: &str) -> usize {
        self.asked().await.iter().filter(|asked| *asked == what).count()
    }

    /// Tells it something; what it says to that.
    pub(super) async fn tell(&mut self, command: &str, value: Value) -> Value {
        let line = format!("{}\n", json!([command, value]));
        self.input.write_all(line.as_bytes()).await.expect("it listens");
        self.hear().await
    }

    async fn hear(&mut self) -> Value {
        let line = self.lines.next_line().await.expect("text").expect("it still runs");
        serde_json::from_str(&line).expect("JSON")
    }
}

/// A provider that was stopped.
pub(super) struct Stopped {
    script: &'static str,
    pub(super) settings: Value,
    folder: TempDir,
}

impl Stopped {
    /// Starts it again.
    pub(super) async fn start(self) -> Peer {
        Peer::run(self.script, self.settings, self.folder).await
    }
}
