//! `hallpass config`: checks or prints the configuration.

use clap::Subcommand;
use serde_json::json;

use super::output::Output;
use super::{Failure, Global, check};

/// Checks or prints the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Says whether `serve` would start with this configuration.
    Check,
    /// Prints every setting as it is in force; secrets are hidden.
    Dump,
}

impl Config {
    pub(super) fn run(&self, global: &Global, output: Output) -> Result<(), Failure> {
        let settings = global.settings()?;
        match self {
            Self::Check => {
                check::may_serve(&settings)?;
                output.print(&json!({ "ok": true }), || "the configuration is good".to_owned())?;
            }
            Self::Dump => output.print(&settings, || {
                toml::to_string_pretty(&settings).unwrap_or_else(|error| format!("# can't be printed: {error}"))
            })?,
        }
        Ok(())
    }
}
