//! `hallpass apps`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::output::{Output, list, maybe_moment, moment};
use super::{Failure, Global};
use crate::flow::AppWish;
use crate::store::app_row;

/// Apps: OAuth clients that hold keys.
#[derive(Debug, Subcommand)]
pub(super) enum Apps {
    /// Lists all apps.
    List,
    /// Shows one app.
    Show {
        /// Its `client_id`.
        client_id: String,
    },
    /// Makes an app.
    Create {
        /// Its `client_id`: a-z, 0-9, `-`, `_` and `.`.
        client_id: String,
        #[command(flatten)]
        wish: Wish,
    },
    /// Changes an app; what it loses, its keys lose at once.
    Update {
        /// Its `client_id`.
        client_id: String,
        #[command(flatten)]
        wish: Wish,
    },
    /// Switches an app off: none of its keys mints anything.
    Disable {
        /// Its `client_id`.
        client_id: String,
    },
    /// Switches an app on again.
    Enable {
        /// Its `client_id`.
        client_id: String,
    },
}

/// What an app shall be.
#[derive(Debug, Args)]
pub(super) struct Wish {
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// A scope its keys may hold; may be repeated. On an update, these replace the old ones.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A resource its keys may ask tokens for; may be repeated. On an update, these replace the old ones.
    #[arg(long = "resource", value_name = "IDENTIFIER")]
    resources: Vec<String>,
    /// The resource a token is for when a request names none; empty for none.
    #[arg(long, value_name = "IDENTIFIER")]
    default_resource: Option<String>,
}

impl From<Wish> for AppWish {
    fn from(wish: Wish) -> Self {
        Self {
            name: wish.name,
            scopes: Some(wish.scopes).filter(|scopes| !scopes.is_empty()),
            resources: Some(wish.resources).filter(|resources| !resources.is_empty()),
            default_resource: wish.default_resource.map(|default| Some(default).filter(|default| !default.is_empty())),
            ..Self::default()
        }
    }
}

impl Apps {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let flows = global.flows().await?;
        let switch = |is_disabled| AppWish { is_disabled: Some(is_disabled), ..AppWish::default() };
        let row = match self {
            Self::List => {
                let rows: Vec<Value> = flows.list_apps().await?.iter().map(json_of).collect();
                let columns = ["client_id", "name", "scopes", "resources", "disabled_at"];
                output.print_table(&columns, &rows, "no apps yet: hallpass apps create <client_id>")?;
                return Ok(());
            }
            Self::Show { client_id } => flows.find_app(&client_id).await?,
            Self::Create { client_id, wish } => flows.create_app(&client_id, &wish.into()).await?,
            Self::Update { client_id, wish } => flows.update_app(&client_id, &wish.into()).await?,
            Self::Disable { client_id } => flows.update_app(&client_id, &switch(true)).await?,
            Self::Enable { client_id } => flows.update_app(&client_id, &switch(false)).await?,
        };
        output.print_members(&json_of(&row))
    }
}

fn json_of(row: &app_row::Model) -> Value {
    json!({
        "client_id": row.client_id,
        "name": row.name,
        "scopes": list(&row.scopes),
        "resources": list(&row.resources),
        "default_resource": row.default_resource,
        "declared": row.is_declared,
        "created_at": moment(row.created_at),
        "disabled_at": maybe_moment(row.disabled_at),
    })
}
