//! `hallpass database`.

use clap::Subcommand;
use serde_json::json;

use super::output::Output;
use super::{Failure, Global};
use crate::flow::Declined;
use crate::store::Store;

/// The tables of the database.
#[derive(Debug, Subcommand)]
pub(super) enum DatabaseCommand {
    /// Says how many migrations are pending.
    Status,
    /// Brings the tables up to this version; every start does so too.
    Up,
    /// Takes all tables back, and everything in them.
    Down {
        /// Says that losing everything is meant.
        #[arg(long)]
        lose_everything: bool,
    },
}

impl DatabaseCommand {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let settings = global.settings()?;
        if !matches!(self, Self::Up) && !Store::is_there(settings.database.url.reveal()) {
            return Err(Failure::not_found("there is no database yet: hallpass database up"));
        }
        let store = Store::open(settings.database.url.reveal(), 0).await.map_err(Declined::from)?;
        let body = match self {
            Self::Status => json!({ "pending": store.pending_migrations().await.map_err(Declined::from)? }),
            Self::Up => json!({ "migrated": store.migrate().await.map_err(Declined::from)? }),
            Self::Down { lose_everything: true } => {
                store.unmigrate().await.map_err(Declined::from)?;
                json!({ "dropped": true })
            }
            Self::Down { lose_everything: false } => {
                return Err(Failure::usage("every key, app and token's key would be lost: say --lose-everything"));
            }
        };
        output.print_members(&body)?;
        Ok(())
    }
}
