//! Opens an address in the person's browser, when there is one.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Asks the desktop to open `url`. Says whether there was somebody to ask. The address is seen by everyone on this
/// machine: nothing secret stands in it.
pub(super) fn open(url: &str) -> bool {
    let is_mac = cfg!(target_os = "macos");
    let has_desktop =
        ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].into_iter().any(|name| std::env::var_os(name).is_some());
    if !is_mac && !has_desktop {
        return false;
    }
    Command::new(if is_mac { "open" } else { "xdg-open" })
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C in this terminal ends the command, not the browser.
        .process_group(0)
        .spawn()
        .is_ok()
}
