//! The peer: `oidc-provider` (npm), installed beside the build, run by the machine's node.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Outcome;
use crate::child::{Server, free_address};
use crate::house::{CLIENT_ID, RESOURCE, SCOPE};

const FILES: [&str; 3] = ["package.json", "package-lock.json", "server.mjs"];

/// Starts the peer with one client whose secret is `secret`; `None`, and loudly, when this machine can't.
pub(crate) fn start(folder: &Path, secret: &str) -> Outcome<Option<Server>> {
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
        .arg(folder.join("server.mjs"))
        .args([&format!("http://{address}"), CLIENT_ID, secret, RESOURCE, SCOPE])
        .env("NODE_ENV", "production")
        .stderr(Stdio::null());
    Server::start(&mut command, address).map(Some)
}

fn runs(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
