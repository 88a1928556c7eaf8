//! Secrets that a command is given: from a file or from standard input, never as an argument, which everyone on the
//! machine sees.

use std::io::{IsTerminal, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::Failure;

/// A secret from a file or from standard input; nobody is left waiting at a terminal.
pub(super) fn read_secret(file: Option<&Path>, what: &str) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    match file {
        Some(file) => {
            text = std::fs::read_to_string(file)
                .map(Zeroizing::new)
                .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
        }
        None if std::io::stdin().is_terminal() => {
            return Err(Failure::usage(format!("{what} is read from standard input or from a file")));
        }
        None => {
            std::io::stdin().take(64 * 1024).read_to_string(&mut text).map_err(Failure::error)?;
        }
    }
    Ok(Zeroizing::new(text.trim().to_owned()))
}
