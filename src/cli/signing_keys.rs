//! `hallpass signing-keys`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::output::{Output, maybe_moment, moment, note};
use super::{Failure, Global};
use crate::flow::SigningKeyRotation;
use crate::limit;

/// Signing keys.
#[derive(Debug, Subcommand)]
pub(super) enum SigningKeys {
    /// Lists all signing keys and where each stands.
    List,
    /// Brings the next rotation forward: a key signs once verifiers have known it for a day.
    Rotate {
        /// A key may be in wrong hands: signs with a fresh one now and withdraws all others.
        #[arg(long)]
        emergency: bool,
    },
}

impl SigningKeys {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let flows = global.flows().await?;
        match self {
            Self::List => {
                let rows: Vec<Value> = flows
                    .list_signing_keys()
                    .await?
                    .iter()
                    .map(|(row, key)| {
                        json!({
                            "kid": row.kid,
                            "algorithm": row.algorithm,
                            "state": key.state.as_str(),
                            "created_at": moment(row.created_at),
                            "due_at": moment(row.due_at),
                            "active_at": maybe_moment(row.active_at),
                            "retiring_at": maybe_moment(row.retiring_at),
                            "retired_at": maybe_moment(row.retired_at),
                        })
                    })
                    .collect();
                let columns = ["kid", "algorithm", "state", "created_at", "active_at", "retiring_at", "retired_at"];
                output.print_table(&columns, &rows, "no signing keys yet: the first start makes them")?;
            }
            Self::Rotate { emergency: false } => print(output, &flows.rotate_signing_keys().await?)?,
            Self::Rotate { emergency: true } => {
                let (replaced, withdrawn) = flows.replace_signing_keys().await?;
                print(output, &replaced)?;
                note(&format!("{withdrawn} keys were withdrawn. {}", consequences()));
            }
        }
        Ok(())
    }
}

fn print(output: Output, rotations: &[SigningKeyRotation]) -> Result<(), Failure> {
    let json_of = |rotation: &SigningKeyRotation| {
        let SigningKeyRotation { algorithm, kid, due } = rotation;
        json!({ "algorithm": algorithm.as_str(), "kid": kid, "signs_from": moment(*due) })
    };
    let rows: Vec<Value> = rotations.iter().map(json_of).collect();
    output.print_table(&["algorithm", "kid", "signs_from"], &rows, "no kind of key is in use")
}

/// What each kind of verifier does after an emergency.
fn consequences() -> String {
    let max_age = limit::JWKS_MAX_AGE.as_secs() / 60;
    format!(
        "Every token signed before is void as soon as its verifier reads the JWKS again:\n\
         - hallpass-verifier: at the first token with the new key (30 s after its last read at the latest), and within {max_age} min in any case, unless it can't reach this server: then an hour later;\n\
         - verifiers that read again at an unknown kid (jose, PyJWKClient, go-oidc, Spring): at the first new token, some after a pause of their own;\n\
         - verifiers that only honour Cache-Control: within {max_age} min; until then they refuse new tokens and accept old ones;\n\
         - verifiers with a pinned key: not before they are changed by hand.\n\
         To end tokens at once, restart the services behind them. Apps need do nothing: their next token is signed with the new key."
    )
}
