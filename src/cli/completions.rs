//! `hallpass completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure};

/// Prints completions for a shell.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "hallpass", &mut script);
        super::output::line_out(&String::from_utf8(script).map_err(Failure::error)?)?;
        Ok(())
    }
}
