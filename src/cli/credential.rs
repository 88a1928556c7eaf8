//! `hallpass credential`: a token in the form that another tool asks for.

mod docker;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use hallpass_client::{Error, Token, TokenSource};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::output::{Output, line_out, moment};
use super::{Failure, Global, issuer};

/// How long a tool is left waiting while the issuer is away.
const DEADLINE: Duration = Duration::from_secs(15);
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

/// What is traded for what.
#[derive(Debug, Args)]
pub(super) struct Trade {
    /// The issuer; the configured one when absent.
    #[arg(long)]
    issuer: Option<String>,
    /// A file that holds the key.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// A resource the token shall be for; may be repeated.
    #[arg(long = "resource", value_name = "IDENTIFIER")]
    resources: Vec<String>,
    /// A scope it shall have; may be repeated. All that the key has there when absent.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
}

impl Credential {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        match self {
            Self::Kube(trade) => line_out(&exec_credential(&trade.run(global).await?).to_string()),
            Self::Docker(docker) => docker.run(global).await,
            Self::Env(trade) => print_variables(&trade.run(global).await?, output),
        }
    }
}

impl Trade {
    async fn run(self, global: &Global) -> Result<Token, Failure> {
        let issuer = issuer::configured(self.issuer.as_deref(), global)?;
        let mut builder = TokenSource::builder(issuer).deadline(DEADLINE);
        builder = match self.key_file {
            Some(file) => builder.key_from_file(file),
            None => builder.key_from_environment(),
        };
        builder = self.resources.into_iter().fold(builder, hallpass_client::TokenSourceBuilder::resource);
        builder = self.scopes.into_iter().fold(builder, hallpass_client::TokenSourceBuilder::scope);
        Ok(builder.build().map_err(Failure::usage)?.token().await?)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match &error {
            Error::Key(_) => Self::usage(error),
            Error::Refused(refusal) if refusal.status == StatusCode::UNAUTHORIZED => Self::not_authenticated(error),
            Error::Refused(refusal) if refusal.status == StatusCode::FORBIDDEN => Self::forbidden(error),
            Error::Refused(_) | Error::NoRuntime => Self::error(error),
            Error::Metadata(_) => Self::not_valid(error),
            Error::Unavailable { .. } => Self::network(error),
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
