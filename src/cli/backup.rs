//! `hallpass backup` and `hallpass restore`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::{Output, note};
use super::{Failure, Global};
use crate::config::Settings;
use crate::flow::{self, Declined, Vault, back_up, restore};
use crate::store::Store;

/// Copies the database into a file, while servers go on, and looks whether the copy is good. SQLite only.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file; it must not be there yet.
    file: PathBuf,
}

/// Begins with a copy in a place where no database is yet.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The file that `backup` made.
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let settings = sqlite(global)?;
        if !Store::is_there(settings.database.url.reveal()) {
            return Err(Failure::not_found("there is no database yet: nothing to back up"));
        }
        let store = Store::open(settings.database.url.reveal(), 0).await.map_err(Declined::from)?;
        let copy = back_up(&store, &Vault::new(&settings), &self.file).await?;
        store.close().await;
        say(output, &self.file.display().to_string(), &copy)?;
        note("it opens with the root key that is live now: keep a copy of that key, and keep it elsewhere");
        Ok(())
    }
}

impl Restore {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let settings = sqlite(global)?;
        let url = settings.database.url.reveal();
        let copy = restore(&self.file, url, &Vault::new(&settings)).await?;
        let place = url.strip_prefix("sqlite:").unwrap_or(url);
        say(output, place, &copy)
    }
}

fn sqlite(global: &Global) -> Result<Settings, Failure> {
    let settings = global.settings()?;
    if settings.database.url.reveal().starts_with("sqlite:") {
        Ok(settings)
    } else {
        Err(Failure::usage("PostgreSQL is backed up with its own tools: pg_dump, pg_restore"))
    }
}

fn say(output: Output, place: &str, copy: &flow::Backup) -> Result<(), Failure> {
    let flow::Backup { bytes, secrets, pending } = copy;
    let body = json!({ "file": place, "bytes": bytes, "secrets": secrets, "pending": pending });
    output.print(&body, || {
        let later = if *pending == 0 { "" } else { "; the next start brings its tables up to this version" };
        format!("{place} is whole: {bytes} bytes, and the root key opens its {secrets} secrets{later}")
    })
}
