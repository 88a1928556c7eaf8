//! `hallpass pepper`.

use clap::Subcommand;
use serde_json::json;

use super::output::Output;
use super::{Failure, Global};

/// The pepper that secrets of keys are hashed with.
#[derive(Debug, Subcommand)]
pub(super) enum PepperCommand {
    /// Makes a new pepper for new keys; each old key moves to it after its next use.
    Rotate,
}

impl PepperCommand {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let Self::Rotate = self;
        let id = global.flows().await?.rotate_pepper().await?;
        output.print(&json!({ "pepper": id }), || {
            format!("pepper {id} hashes new keys; old ones move after their next use")
        })?;
        Ok(())
    }
}
