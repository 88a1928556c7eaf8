//! A terminal with a person at it: `hallpass dev` to sign in at, a browser that `login` opens, and a session of its own.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ask, Browser, Outcome, Program, Reply, Server, send, within};

/// A terminal at a server where the demo people can sign in.
pub(super) struct Terminal {
    pub(super) folder: TempDir,
    pub(super) server: Server,
}

impl Terminal {
    pub(super) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Program::dev(folder.path()).start().await;
        let opener = folder.path().join("xdg-open");
        std::fs::write(&opener, "#!/bin/sh\nprintf %s \"$1\" > opened.part && mv opened.part opened\n").unwrap();
        std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder, server }
    }

    pub(super) fn issuer(&self) -> &str {
        self.server.ready["issuer"].as_str().unwrap()
    }

    /// A command of who sits here. Its browser is a file that holds the address.
    pub(super) fn run(&self, arguments: &[&str]) -> Program {
        let path = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        Program::new(self.folder.path(), arguments)
            .variable("HALLPASS_SESSION_FILE", &self.session_file().display().to_string())
            .variable("DISPLAY", ":0")
            .variable("PATH", &path)
    }

    /// `login` here.
    pub(super) fn login(&self, more: &[&str]) -> Program {
        self.run(&[&["login", "--json", "--issuer", self.issuer()], more].concat())
    }

    pub(super) fn session_file(&self) -> PathBuf {
        self.folder.path().join("kept/session.json")
    }

    /// What is kept of who is signed in.
    pub(super) fn kept(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.session_file()).unwrap()).unwrap()
    }

    /// Changes what is kept.
    pub(super) fn edit(&self, name: &str, value: impl Into<Value>) {
        let mut kept = self.kept();
        kept[name] = value.into();
        std::fs::write(self.session_file(), kept.to_string()).unwrap();
    }

    /// The address that a browser was opened at.
    pub(super) async fn opened(&self) -> String {
        let file = self.folder.path().join("opened");
        assert!(within(Duration::from_secs(30), async || file.exists()).await, "no browser opens");
        let address = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(file).unwrap();
        address
    }

    /// Goes from the address to the consent page as Ada, and decides; the redirect back to the terminal.
    pub(super) async fn decide(&self, address: &str, decision: &str) -> Reply {
        let mut browser = browser_at(self.issuer());
        let asked = browser.get(address).await;
        let page = browser.get(asked.location()).await;
        let leaves = browser.submit(&page, "/login", &[("provider", "demo")]).await;
        let mut provider = browser_at(self.server.ready["provider"]["issuer"].as_str().unwrap());
        let people = provider.get(leaves.location()).await;
        let sub = self.server.ready["provider"]["people"][0]["sub"].as_str().unwrap();
        let picked = provider.submit(&people, "/pick", &[("sub", sub)]).await;
        let back = browser.get(picked.location()).await;
        let consent = browser.get(back.location()).await;
        let answer = browser.submit(&consent, "/consent", &[("decision", decision)]).await;
        assert_eq!(answer.status, 303, "{answer:?}");
        answer
    }

    /// Signs Ada in. What the browser shows in the end, and how `login` ends.
    pub(super) async fn sign_in(&self, more: &[&str]) -> (Reply, Outcome) {
        let login = self.login(more);
        let (outcome, page) = tokio::join!(login.run(), async {
            let answer = self.decide(&self.opened().await, "allow").await;
            come_back(answer.location()).await
        });
        (page, outcome)
    }
}

/// Follows a redirect to the door that a terminal opened.
pub(super) async fn come_back(location: &str) -> Reply {
    let (origin, target) = location.split_once("/callback").unwrap();
    let address = origin.trim_start_matches("http://").parse().unwrap();
    send(address, &Ask::get(&format!("/callback{target}"))).await
}

/// A browser for the server in another process at `origin`, such as `http://127.0.0.1:1`.
fn browser_at(origin: &str) -> Browser {
    Browser::at(origin.trim_start_matches("http://").parse().unwrap(), origin)
}
