//! `hallpass keys`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::output::{Output, list, maybe_moment, moment, note};
use super::{Failure, Global, operator};
use crate::config::Span;
use crate::credential::Environment;
use crate::flow::{Flows, KeyWish, MintedKey, RevokeWish, RotateWish, standing};
use crate::policy::lifetime::Expiry;
use crate::store::{api_key, key_usage};

/// API keys.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Lists all keys, or those of one app.
    List {
        /// The app's `client_id`.
        client_id: Option<String>,
    },
    /// Shows one key: where it stands, when and from where it was last used.
    Show {
        /// Its id: what stands between the second and the third `_`.
        id: String,
    },
    /// Makes a key and prints it, this once.
    Create(Create),
    /// Makes a successor and prints it, this once; the old key goes on for a while.
    Rotate(Rotate),
    /// Switches a key off; that can be undone.
    Disable {
        /// Its id.
        id: String,
    },
    /// Switches a key on again.
    Enable {
        /// Its id.
        id: String,
    },
    /// Kills a key for good.
    Revoke {
        /// Its id.
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

/// What a new key shall be.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// The app it belongs to.
    client_id: String,
    /// What people call it.
    #[arg(long)]
    name: String,
    /// Whatever shall be remembered.
    #[arg(long)]
    note: Option<String>,
    /// `live` or `test`.
    #[arg(long, default_value = "live", value_name = "ENVIRONMENT")]
    env: Environment,
    /// A scope of the app; may be repeated. None unless it is named.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A resource of the app; may be repeated. All of the app's unless one is named.
    #[arg(long = "resource", value_name = "IDENTIFIER")]
    resources: Vec<String>,
    /// A network it may be used from, such as 10.0.0.0/8; may be repeated. Any unless one is named.
    #[arg(long = "network", value_name = "CIDR")]
    networks: Vec<String>,
    /// Exchanges a second it may make. As many as it likes unless it is said.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// How long it lives: 90d, 12h, or `never`. As `keys.expiry` says unless it is said.
    #[arg(long, value_name = "SPAN", value_parser = expiry)]
    expires: Option<Expiry>,
}

/// How a key shall be rotated.
#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// Its id.
    id: String,
    /// How long the old key goes on: 24h, or 0s. As `keys.rotation_overlap` says unless it is said.
    #[arg(long, value_name = "SPAN", conflicts_with = "leaked")]
    overlap: Option<Span>,
    /// The old key leaked: it is revoked at once.
    #[arg(long)]
    leaked: bool,
    /// How long the new key lives: 90d, 12h, or `never`.
    #[arg(long, value_name = "SPAN", value_parser = expiry)]
    expires: Option<Expiry>,
}

impl Keys {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let flows = global.flows().await?;
        match self {
            Self::List { client_id } => {
                let keys = flows.list_keys(client_id.as_deref()).await?;
                let now = flows.clock().now();
                let rows: Vec<Value> = keys.iter().map(|(row, usage)| json_of(row, usage.as_ref(), now)).collect();
                let columns = ["id", "client_id", "name", "env", "standing", "scopes", "expires_at", "last_used_at"];
                output.print_table(&columns, &rows, "no keys yet: hallpass keys create <client_id> --name <name>")?;
            }
            Self::Show { id } => show(&flows, output, &id).await?,
            Self::Create(create) => print_minted(&flows, output, &flows.create_key(&create.into()).await?)?,
            Self::Rotate(rotate) => {
                let wish = RotateWish {
                    overlap: rotate.overlap.map(Span::get),
                    is_leak: rotate.leaked,
                    expiry: rotate.expires.unwrap_or(Expiry::Default),
                    by: operator(),
                };
                let minted = flows.rotate_key(&rotate.id, &wish).await?;
                let (old, usage) = flows.find_key(&rotate.id).await?;
                print_minted(&flows, output, &minted)?;
                note(&farewell(&old, usage.as_ref()));
            }
            Self::Disable { id } => {
                flows.disable_key(&id, true).await?;
                show(&flows, output, &id).await?;
            }
            Self::Enable { id } => {
                flows.disable_key(&id, false).await?;
                show(&flows, output, &id).await?;
            }
            Self::Revoke { id, reason } => {
                flows.revoke_key(&id, &RevokeWish { reason, by: operator() }).await?;
                show(&flows, output, &id).await?;
            }
        }
        Ok(())
    }
}

impl From<Create> for KeyWish {
    fn from(create: Create) -> Self {
        Self {
            client_id: create.client_id,
            owner_id: None,
            name: create.name,
            note: create.note,
            environment: create.env,
            scopes: create.scopes,
            resources: Some(create.resources).filter(|resources| !resources.is_empty()),
            networks: create.networks,
            rate_limit: create.rate,
            expiry: create.expires.unwrap_or(Expiry::Default),
        }
    }
}

async fn show(flows: &Flows, output: Output, id: &str) -> Result<(), Failure> {
    let (row, usage) = flows.find_key(id).await?;
    output.print_members(&json_of(&row, usage.as_ref(), flows.clock().now()))?;
    Ok(())
}

/// Prints a new key: the key alone on a pipe, and what it is beside it for people.
fn print_minted(flows: &Flows, output: Output, minted: &MintedKey) -> Result<(), Failure> {
    let text = minted.key.reveal(flows.prefix());
    let mut object = json_of(&minted.row, None, flows.clock().now());
    object["key"] = text.clone().into();
    output.print(&object, || text)?;
    if !output.is_json() {
        let ends = minted.row.expires_at.map_or_else(|| "never".to_owned(), moment);
        note(&format!("key {} of {}, expires {ends}; it is not shown again", minted.row.id, minted.row.client_id));
    }
    Ok(())
}

fn farewell(old: &api_key::Model, usage: Option<&key_usage::Model>) -> String {
    let last = usage.map_or_else(
        || "it was never used".to_owned(),
        |usage| format!("it was last used at {} from {}", moment(usage.last_used_at), usage.last_used_from),
    );
    match (old.revoked_at, old.expires_at) {
        (Some(at), _) => format!("the old key {} was revoked at {}; {last}", old.id, moment(at)),
        (None, Some(at)) => format!("the old key {} goes on until {}; {last}", old.id, moment(at)),
        (None, None) => format!("the old key {} goes on; {last}", old.id),
    }
}

fn json_of(row: &api_key::Model, usage: Option<&key_usage::Model>, now: i64) -> Value {
    json!({
        "id": row.id,
        "client_id": row.client_id,
        "name": row.name,
        "note": row.note,
        "env": row.environment,
        "standing": standing(row, now).as_str(),
        "scopes": list(&row.scopes),
        "resources": list(&row.resources),
        "networks": list(&row.networks),
        "rate": row.rate_limit,
        "created_at": moment(row.created_at),
        "expires_at": maybe_moment(row.expires_at),
        "disabled_at": maybe_moment(row.disabled_at),
        "revoked_at": maybe_moment(row.revoked_at),
        "revoked_reason": row.revoked_reason,
        "revoked_by": row.revoked_by,
        "rotated_from": row.rotated_from,
        "rotated_to": row.rotated_to,
        "uses": usage.map_or(0, |usage| usage.uses),
        "last_used_at": maybe_moment(usage.map(|usage| usage.last_used_at)),
        "last_used_from": usage.map(|usage| usage.last_used_from.clone()),
    })
}

fn expiry(text: &str) -> Result<Expiry, String> {
    match text {
        "never" => Ok(Expiry::Never),
        _ => text.parse::<Span>().map(|span| Expiry::After(span.get())).map_err(|error| error.to_string()),
    }
}
