//! `hallpass root-key`.

use clap::Subcommand;
use serde_json::json;

use super::output::{Output, note};
use super::{Failure, Global};
use crate::flow::Vault;

/// The root key that seals every secret at rest.
#[derive(Debug, Subcommand)]
pub(super) enum RootKeyCommand {
    /// Makes a root key file, readable by its owner alone; one that is there stays.
    New,
    /// Puts a new root key in place and seals everything anew; killed halfway, it goes on when started again.
    Rotate,
}

impl RootKeyCommand {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let settings = global.settings()?;
        let vault = Vault::new(&settings);
        match self {
            Self::New => {
                let is_new = vault.make().map_err(Failure::error)?;
                let path = settings.root_key_file.display().to_string();
                output.print(&json!({ "root_key_file": path, "made": is_new }), || {
                    let words = if is_new { "made" } else { "was there already" };
                    format!("{path} {words}: keep a copy where the database's backups are not")
                })?;
            }
            Self::Rotate => {
                let flows = global.flows().await?;
                let done = flows.rotate_root_key(|done, all| note(&format!("sealed {done} of {all}"))).await?;
                let body = json!({ "root_key": done.root_key_id, "resealed": done.count, "resumed": done.is_resumed });
                output.print(&body, || {
                    let words = if done.is_resumed {
                        "; that ended an earlier rotation, start it again for a new key"
                    } else {
                        ""
                    };
                    format!("{} secrets were sealed by root key {}{words}", done.count, done.root_key_id)
                })?;
                if let Some(old) = vault.previous_file() {
                    note(&format!(
                        "the old root key is in {}: keep it as long as the backups that need it",
                        old.display()
                    ));
                }
            }
        }
        Ok(())
    }
}
