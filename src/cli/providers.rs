//! `hallpass providers`.

mod wish;

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::output::{Output, list, maybe_moment, moment, note};
use super::{Failure, Global};
use crate::flow::{Flows, ProviderWish, provider_terms};
use crate::store::provider_row;
use wish::{Create, Update};

/// Providers: where people sign in.
#[derive(Debug, Subcommand)]
pub(super) enum Providers {
    /// Lists all providers.
    List,
    /// Shows one provider; never its secret.
    Show {
        /// Its short name.
        name: String,
    },
    /// Makes a provider. Its client secret comes from a file, from standard input, or from `HALLPASS_CLIENT_SECRET`.
    Create(Box<Create>),
    /// Changes a provider. What is not said stays.
    Update(Box<Update>),
    /// Lets people sign in there again.
    Enable {
        /// Its short name.
        name: String,
    },
    /// Lets nobody sign in there; who is signed in stays so.
    Disable {
        /// Its short name.
        name: String,
    },
    /// Removes a provider; who signed in there stays signed in, and can't come back that way.
    Delete {
        /// Its short name.
        name: String,
    },
    /// Asks a provider everything that a sign-in will need, and says what is wrong.
    Test {
        /// Its short name.
        name: String,
    },
}

impl Providers {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let flows = global.flows().await?;
        let switch = |is_disabled| ProviderWish { is_disabled: Some(is_disabled), ..ProviderWish::default() };
        let row = match self {
            Self::List => {
                let rows = flows.list_providers().await?;
                let rows: Vec<Value> = rows.iter().map(|row| json_of(&flows, row)).collect::<Result<_, _>>()?;
                let columns = ["name", "title", "preset", "issuer", "client_id", "disabled_at"];
                let empty = "no providers yet: hallpass providers create <name> --preset <preset> --client-id <id>";
                return output.print_table(&columns, &rows, empty);
            }
            Self::Delete { name } => {
                flows.delete_provider(&name).await?;
                return output.print(&json!({ "deleted": name }), || format!("{name} is gone"));
            }
            Self::Test { name } => return test(&flows, output, &name).await,
            Self::Show { name } => flows.find_provider(&name).await?,
            Self::Create(create) => {
                let (name, wish) = create.into_wish()?;
                let row = flows.create_provider(&name, &wish).await?;
                output.print_members(&json_of(&flows, &row)?)?;
                say_next_steps(&flows, &row);
                return Ok(());
            }
            Self::Update(update) => {
                let (name, wish) = update.into_wish(&flows).await?;
                flows.update_provider(&name, &wish).await?
            }
            Self::Enable { name } => flows.update_provider(&name, &switch(false)).await?,
            Self::Disable { name } => flows.update_provider(&name, &switch(true)).await?,
        };
        output.print_members(&json_of(&flows, &row)?)
    }
}

/// What an operator has to do at the provider.
fn say_next_steps(flows: &Flows, row: &provider_row::Model) {
    match callback(flows, &row.name) {
        Some(callback) => note(&format!("register this redirect URI there: {callback}")),
        None => note("there is no issuer yet; the redirect URI to register there begins with it"),
    }
    if row.sealed_secret.is_none() {
        note("no client secret: the provider must know us as a public client, or give one with --client-secret-file");
    }
    note(&format!("then: hallpass providers test {}", row.name));
}

async fn test(flows: &Flows, output: Output, name: &str) -> Result<(), Failure> {
    flows.find_provider(name).await?;
    if callback(flows, name).is_none() {
        return Err(Failure::usage("there is no issuer: set issuer in hallpass.toml, or HALLPASS_ISSUER"));
    }
    let findings = flows.test_provider(name).await?;
    let is_well = output.print_findings(findings.iter().map(|finding| (finding.name, &finding.outcome)))?;
    if is_well { Ok(()) } else { Err(Failure::error(format!("nobody can sign in at `{name}` as things are"))) }
}

/// Where the provider sends people back; not known before the issuer is.
fn callback(flows: &Flows, name: &str) -> Option<String> {
    Some(flows.callback(name)).filter(|_| !flows.issuer().is_empty())
}

fn json_of(flows: &Flows, row: &provider_row::Model) -> Result<Value, Failure> {
    let (provider, admission) = provider_terms(row)?;
    let claims: Map<String, Value> =
        provider.claims.pairs().into_iter().map(|(ours, theirs)| (ours.to_owned(), json!(theirs))).collect();
    let params: Map<String, Value> =
        provider.authorize_params.into_iter().map(|(name, value)| (name, value.into())).collect();
    Ok(json!({
        "name": row.name,
        "title": row.title,
        "preset": row.preset,
        "issuer": row.issuer,
        "client_id": row.client_id,
        "client_secret": row.sealed_secret.as_ref().map(|_| "***"),
        "redirect_uri": callback(flows, &row.name),
        "scopes": list(&row.scopes),
        "claims": claims,
        "params": params,
        "allowed_domains": admission.allowed_domains,
        "require_verified_email": admission.requires_verified_email,
        "link_by_email": admission.links_by_email,
        "roles": admission.roles,
        "declared": row.is_declared,
        "created_at": moment(row.created_at),
        "disabled_at": maybe_moment(row.disabled_at),
    }))
}
