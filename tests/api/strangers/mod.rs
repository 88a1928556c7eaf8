//! Clients that others wrote sign people in with us, unchanged.

mod browser;
mod client;
mod examples;
mod sign_in;
mod spring;
mod street;

use std::path::{Path, PathBuf};

/// Where `tests/run` puts packages of other languages.
pub(super) fn installed() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("strangers")
}

/// Whether `path` is there. Where it is not, a developer's run goes on without, loudly; a CI run fails.
pub(super) fn is_there(path: &Path) -> bool {
    if path.exists() {
        return true;
    }
    let words = format!("{} is not there: run tests/run test. STRANGERS WERE NOT MET", path.display());
    assert!(std::env::var_os("CI").is_none(), "{words}");
    eprintln!("{words}");
    false
}

/// The file of this name beside the tests.
pub(super) fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/strangers").join(name)
}

/// A script where it finds its packages: a module of JavaScript looks for them beside itself. Gone with the test.
struct Beside(PathBuf);

impl Beside {
    fn packages(name: &str) -> Self {
        let from = source(name);
        let own = format!("{}-{}.mjs", from.file_stem().unwrap().display(), std::process::id());
        let beside = installed().join(own);
        std::fs::copy(from, &beside).unwrap();
        Self(beside)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
