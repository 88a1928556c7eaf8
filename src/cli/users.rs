//! `hallpass users`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::output::{Output, maybe_moment, moment};
use super::{Failure, Global};
use crate::flow::Flows;
use crate::store::{identity_row, user_row};

/// Users: people who have signed in.
#[derive(Debug, Subcommand)]
pub(super) enum Users {
    /// Lists all users, who signed in last first.
    List,
    /// Shows one user: their claims, how they sign in, and how many sessions they have.
    Show {
        /// Their id: the `sub` of their tokens.
        id: String,
    },
    /// Lets a user in no more: their sessions and tokens end, and their keys mint nothing.
    Disable {
        /// Their id.
        id: String,
    },
    /// Lets a user in again.
    Enable {
        /// Their id.
        id: String,
    },
}

impl Users {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let flows = global.flows().await?;
        let id = match self {
            Self::List => {
                let users = flows.list_users().await?;
                let rows: Vec<Value> = users.iter().map(|(user, identities)| row_of(user, identities)).collect();
                let columns = ["id", "name", "email", "providers", "last_login_at", "disabled_at"];
                return output.print_table(&columns, &rows, "nobody has signed in yet");
            }
            Self::Show { id } => id,
            Self::Disable { id } => {
                flows.disable_user(&id, true).await?;
                id
            }
            Self::Enable { id } => {
                flows.disable_user(&id, false).await?;
                id
            }
        };
        show(&flows, output, &id).await
    }
}

async fn show(flows: &Flows, output: Output, id: &str) -> Result<(), Failure> {
    let (user, identities) = flows.find_user(id).await?;
    let sessions = flows.list_sessions(Some(id)).await?.len();
    let mut shown = row_of(&user, &identities);
    shown["claims"] = claims_of(&user);
    shown["identities"] = identities.iter().map(identity_of).collect();
    shown["sessions"] = sessions.into();
    output.print_members(&shown)
}

/// What a list says of a user.
fn row_of(user: &user_row::Model, identities: &[identity_row::Model]) -> Value {
    let claims = claims_of(user);
    json!({
        "id": user.id,
        "name": claims.get("name"),
        "email": claims.get("email"),
        "providers": identities.iter().map(|identity| identity.provider.as_str()).collect::<Vec<_>>(),
        "created_at": moment(user.created_at),
        "last_login_at": moment(user.last_login_at),
        "disabled_at": maybe_moment(user.disabled_at),
    })
}

fn identity_of(identity: &identity_row::Model) -> Value {
    json!({
        "provider": identity.provider,
        "issuer": identity.issuer,
        "sub": identity.subject,
        "email": identity.email,
        "email_verified": identity.is_email_verified,
        "created_at": moment(identity.created_at),
        "last_login_at": moment(identity.last_login_at),
    })
}

/// What the last sign-in told.
fn claims_of(user: &user_row::Model) -> Value {
    serde_json::from_str(&user.claims).unwrap_or_default()
}
