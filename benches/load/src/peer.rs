//! The peer: `oidc-provider` (npm), installed beside the build, run by the machine's node.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::child::{Server, free_address};
use crate::client;
use crate::house::{CLIENT_ID, RESOURCE, SCOPE};
use crate::journey::{CALLBACK, wish_at};

/// What is laid beside the build.
const FILES: [&str; 4] = ["package.json", "package-lock.json", EXCHANGE, SIGN_IN];
/// The peer that trades a client's secret for tokens.
pub(crate) const EXCHANGE: &str = "server.mjs";
/// The peer that signs a person in.
pub(crate) const SIGN_IN: &str = "sign-in.mjs";
/// Nobody is sent on as often as this.
const REDIRECTS: usize = 12;

/// Starts the peer with one client whose secret is `secret`; `None`, and loudly, when this machine can't.
pub(crate) fn start(folder: &Path, program: &str, secret: &str) -> Outcome<Option<Server>> {
    if !runs("node") || !runs("npm") {
        eprintln!("load: NO NODE ON THIS MACHINE: the peer is not measured, and the table has a gap");
        return Ok(None);
    }
    fs::create_dir_all(folder)?;
    for file in FILES {
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("peer").join(file), folder.join(file))?;
    }
    if !folder.join("node_modules/oidc-provider").is_dir() {
        let status = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(folder)
            .stdout(Stdio::null())
            .status()?;
        if !status.success() {
            eprintln!("load: THE PEER CAN'T BE INSTALLED: it is not measured, and the table has a gap");
            return Ok(None);
        }
    }
    let address = free_address()?;
    let mut command = Command::new("node");
    command
        .arg(folder.join(program))
        .args([&format!("http://{address}"), CLIENT_ID, secret, RESOURCE, SCOPE, CALLBACK])
        .env("NODE_ENV", "production")
        .stderr(Stdio::null());
    Server::start(&mut command, address).map(Some)
}

/// Signs the person in at the peer and allows the app what it asks, as a browser that follows where it is sent until that
/// is away from the peer; gives the cookies it holds then.
pub(crate) fn sign_in(address: SocketAddr, path: &str) -> Outcome<String> {
    let home = format!("http://{address}");
    let (mut at, mut jar) = (wish_at(path), BTreeMap::new());
    for _ in 0..REDIRECTS {
        let (head, _) = client::get_with(address, &at, &format!("Cookie: {}\r\n", show(&jar)))?;
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        let mut location = None;
        for (name, value) in lines {
            if name.eq_ignore_ascii_case("location") {
                location = Some(value.to_owned());
            } else if name.eq_ignore_ascii_case("set-cookie") {
                let cookie = value.split(';').next().unwrap_or_default();
                let (name, value) = cookie.split_once('=').unwrap_or((cookie, ""));
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = location.ok_or_else(|| format!("the peer sends nobody on: {head}"))?;
        if location.starts_with(CALLBACK) {
            jar.retain(|_, value| !value.is_empty());
            return Ok(show(&jar));
        }
        location.strip_prefix(&home).unwrap_or(&location).clone_into(&mut at);
    }
    Err("the peer sends people round and round".into())
}

fn show(jar: &BTreeMap<String, String>) -> String {
    jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

fn runs(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
