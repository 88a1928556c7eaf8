//! `hallpass resources`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::output::{Output, list, maybe_moment, moment};
use super::{Failure, Global};
use crate::config::Span;
use crate::flow::ResourceWish;
use crate::store::resource_row;

/// Resources: APIs that accept tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Resources {
    /// Lists all resources.
    List,
    /// Shows one resource.
    Show {
        /// Its identifier.
        identifier: String,
    },
    /// Makes a resource.
    Create {
        /// The absolute URI that becomes the `aud` of its tokens.
        identifier: String,
        #[command(flatten)]
        wish: Wish,
    },
    /// Changes a resource; tokens made before keep what they say.
    Update {
        /// Its identifier.
        identifier: String,
        #[command(flatten)]
        wish: Wish,
    },
    /// Switches a resource off: no token is made for it.
    Disable {
        /// Its identifier.
        identifier: String,
    },
    /// Switches a resource on again.
    Enable {
        /// Its identifier.
        identifier: String,
    },
    /// Removes a resource that no app and no key names.
    Delete {
        /// Its identifier.
        identifier: String,
    },
}

/// What a resource shall be.
#[derive(Debug, Args)]
pub(super) struct Wish {
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// A scope it knows; may be repeated. On an update, these replace the old ones.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// How its tokens look: standard (ES256), compat (RS256, typ JWT) or modern (`EdDSA`).
    #[arg(long)]
    profile: Option<String>,
    /// How long its tokens live: 60s to 1h.
    #[arg(long, value_name = "SPAN")]
    token_lifetime: Option<Span>,
    /// A claim of a person that its tokens carry, such as email; may be repeated. On an update, these replace the old
    /// ones.
    #[arg(long = "claim", value_name = "CLAIM")]
    claims: Vec<String>,
    /// What a scope means, for people: `orders:read=See your orders`; may be repeated.
    #[arg(long = "scope-words", value_name = "SCOPE=WORDS", value_parser = super::name_and_value)]
    scope_words: Vec<(String, String)>,
}

impl From<Wish> for ResourceWish {
    fn from(wish: Wish) -> Self {
        Self {
            name: wish.name,
            scopes: Some(wish.scopes).filter(|scopes| !scopes.is_empty()),
            profile: wish.profile,
            claims: Some(wish.claims).filter(|claims| !claims.is_empty()),
            scope_words: Some(wish.scope_words.into_iter().collect())
                .filter(|words: &BTreeMap<_, _>| !words.is_empty()),
            token_lifetime: wish.token_lifetime,
            ..Self::default()
        }
    }
}

impl Resources {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let flows = global.flows().await?;
        let switch = |is_disabled| ResourceWish { is_disabled: Some(is_disabled), ..ResourceWish::default() };
        let row = match self {
            Self::List => {
                let rows: Vec<Value> = flows.list_resources().await?.iter().map(json_of).collect();
                let columns = ["identifier", "name", "scopes", "profile", "token_lifetime", "disabled_at"];
                output.print_table(&columns, &rows, "no resources yet: hallpass resources create <identifier>")?;
                return Ok(());
            }
            Self::Delete { identifier } => {
                flows.delete_resource(&identifier).await?;
                output.print(&json!({ "deleted": identifier }), || format!("{identifier} is gone"))?;
                return Ok(());
            }
            Self::Show { identifier } => flows.find_resource(&identifier).await?,
            Self::Create { identifier, wish } => flows.create_resource(&identifier, &wish.into()).await?,
            Self::Update { identifier, wish } => flows.update_resource(&identifier, &wish.into()).await?,
            Self::Disable { identifier } => flows.update_resource(&identifier, &switch(true)).await?,
            Self::Enable { identifier } => flows.update_resource(&identifier, &switch(false)).await?,
        };
        output.print_members(&json_of(&row))
    }
}

fn json_of(row: &resource_row::Model) -> Value {
    json!({
        "identifier": row.identifier,
        "name": row.name,
        "scopes": list(&row.scopes),
        "profile": row.profile,
        "token_lifetime": row.token_lifetime,
        "claims": list(&row.claims),
        "scope_words": serde_json::from_str::<Value>(&row.scope_words).unwrap_or_default(),
        "declared": row.is_declared,
        "created_at": moment(row.created_at),
        "disabled_at": maybe_moment(row.disabled_at),
    })
}
