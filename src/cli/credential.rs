//! `hallpass credential`: a token in the form that another tool asks for.

mod docker;

use std::time::SystemTime;

use clap::Subcommand;
use hallpass_client::Token;
use serde_json::{Value, json};

use super::output::{Output, line_out, moment};
use super::trade::Trade;
use super::{Failure, Global};

/// What kubectl says about itself: among other things, which version of the answer it reads.
const EXEC_INFO: &str = "KUBERNETES_EXEC_INFO";
const EXEC_GROUP: &str = "client.authentication.k8s.io/";

/// Trades a key for a token and prints it as another tool expects it. The key comes from `HALLPASS_API_KEY`, or from the
/// file that `HALLPASS_API_KEY_FILE` or --key-file names.
#[derive(Debug, Subcommand)]
pub(super) enum Credential {
    /// As an exec plugin of kubectl and client-go: an `ExecCredential`.
    Kube(Trade),
    /// As a credential helper of docker: the registry's address on standard input, a user and a secret on standard
    /// output.
    Docker(docker::Docker),
    /// As lines for a shell: `eval "$(hallpass credential env)"` sets `HALLPASS_TOKEN`, and in
    /// `HALLPASS_TOKEN_EXPIRES_AT` the second since 1970 at which it ends.
    Env(Trade),
}

impl Credential {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        match self {
            Self::Kube(trade) => line_out(&exec_credential(&trade.token(global).await?).to_string()),
            Self::Docker(docker) => docker.run(global).await,
            Self::Env(trade) => print_variables(&trade.token(global).await?, output),
        }
    }
}

/// What kubectl reads, in the version that it asks for.
fn exec_credential(token: &Token) -> Value {
    let info: Value =
        std::env::var(EXEC_INFO).ok().and_then(|info| serde_json::from_str(&info).ok()).unwrap_or_default();
    let asked = info["apiVersion"].as_str().filter(|version| version.starts_with(EXEC_GROUP));
    json!({
        "apiVersion": asked.unwrap_or("client.authentication.k8s.io/v1"),
        "kind": "ExecCredential",
        "status": { "token": token.reveal(), "expirationTimestamp": moment(expires_at(token)) },
    })
}

fn print_variables(token: &Token, output: Output) -> Result<(), Failure> {
    let (secret, expires_at) = (token.reveal(), expires_at(token));
    output.print(&json!({ "HALLPASS_TOKEN": secret, "HALLPASS_TOKEN_EXPIRES_AT": expires_at }), || {
        let secret = quoted(secret);
        format!("export HALLPASS_TOKEN={secret}\nexport HALLPASS_TOKEN_EXPIRES_AT={expires_at}")
    })
}

/// One word for a shell of POSIX, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// In seconds since 1970.
fn expires_at(token: &Token) -> i64 {
    let since_1970 = token.expires_at().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX)
}
