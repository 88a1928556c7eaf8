//! `hallpass sessions`.

use std::collections::HashMap;

use clap::Subcommand;
use serde_json::{Value, json};

use super::output::{Output, list, maybe_moment, moment};
use super::{Failure, Global};
use crate::flow::Flows;
use crate::store::session_row;

/// Sessions: browsers in which somebody is signed in.
#[derive(Debug, Subcommand)]
pub(super) enum Sessions {
    /// Lists the sessions that have not ended, of all users or of one.
    List {
        /// The user's id.
        user: Option<String>,
    },
    /// Shows one session: who, from where, since when and until when.
    Show {
        /// Its id: the `sid` of its tokens.
        id: String,
    },
    /// Ends a session, with the tokens that do not outlive it.
    End {
        /// Its id.
        id: String,
    },
}

impl Sessions {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let flows = global.flows().await?;
        let id = match self {
            Self::List { user } => {
                let sessions = flows.list_sessions(user.as_deref()).await?;
                let names = names(&flows).await?;
                let rows: Vec<Value> = sessions.iter().map(|session| json_of(&flows, session, &names)).collect();
                let columns = ["id", "user_id", "name", "address", "created_at", "last_seen_at", "expires_at"];
                return output.print_table(&columns, &rows, "nobody is signed in");
            }
            Self::Show { id } => id,
            Self::End { id } => {
                flows.end_any_session(&id).await?;
                id
            }
        };
        let session = flows.find_session(&id).await?;
        output.print_members(&json_of(&flows, &session, &names(&flows).await?))
    }
}

/// What people are called, by their ids.
async fn names(flows: &Flows) -> Result<HashMap<String, Value>, Failure> {
    let name = |claims: &str| serde_json::from_str::<Value>(claims).unwrap_or_default()["name"].clone();
    Ok(flows.list_users().await?.into_iter().map(|(user, _)| (user.id, name(&user.claims))).collect())
}

fn json_of(flows: &Flows, session: &session_row::Model, names: &HashMap<String, Value>) -> Value {
    let idle = i64::try_from(flows.sign_in_rules().session_idle.as_secs()).unwrap_or(i64::MAX);
    // When it ends if nobody uses it again.
    let expires_at = session.expires_at.min(session.last_seen_at.saturating_add(idle));
    json!({
        "id": session.id,
        "user_id": session.user_id,
        "name": names.get(&session.user_id),
        "address": session.address,
        "user_agent": session.user_agent,
        "acr": session.acr,
        "amr": list(&session.amr),
        "auth_time": moment(session.auth_time),
        "created_at": moment(session.created_at),
        "last_seen_at": moment(session.last_seen_at),
        "expires_at": moment(expires_at),
        "ended_at": maybe_moment(session.ended_at),
    })
}
