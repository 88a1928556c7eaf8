//! A test that is alone: it runs again by itself as root of namespaces of its own, where it may mount things and cut
//! wires without anybody noticing. What it did there is gone with it.

use std::process::{Command, Stdio};

/// Says to a test that it runs for the second time.
const AGAIN: &str = "TEST_ALONE";

/// Whether this is the run that counts: the one within. The other runs `test` (its whole name) with what `own` asks of
/// `unshare`, and fails when that fails. Where no such place can be had, a developer's run goes on without, loudly; a CI
/// run fails.
pub(crate) fn is_alone(test: &str, own: &[&str]) -> bool {
    if std::env::var_os(AGAIN).is_some() {
        return true;
    }
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(own).stdin(Stdio::null());
        if !rustix::process::geteuid().is_root() {
            command.args(["--user", "--map-root-user"]);
        }
        command
    };
    if !unshare().arg("true").status().is_ok_and(|status| status.success()) {
        return is_skipped(&format!("no namespaces ({}) are to be had here", own.join(" ")));
    }
    let program = std::env::current_exe().expect("the tests");
    let status = unshare().arg(program).args([test, "--exact", "--nocapture"]).env(AGAIN, "1").status();
    assert!(status.is_ok_and(|status| status.success()), "it failed within");
    false
}

/// Says loudly that a test can't be done here. Not where everything has to be done.
pub(crate) fn is_skipped(why: &str) -> bool {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    eprintln!("{why}. A FAULT WAS NOT TRIED");
    false
}

/// Runs a command of the machine; it must succeed.
pub(crate) fn run(command: &[&str]) {
    let status = Command::new(command[0]).args(&command[1..]).stdin(Stdio::null()).status();
    assert!(status.as_ref().is_ok_and(std::process::ExitStatus::success), "{command:?}: {status:?}");
}
