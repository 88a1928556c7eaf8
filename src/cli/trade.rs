//! A key traded for a token, as every command that prints one does it: by the same client as an app.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use hallpass_client::{Error, Key, KeyFuture, KeySource, Token, TokenSource, TokenSourceBuilder, Trouble};
use reqwest::StatusCode;

use super::secret_input::read_secret;
use super::{Failure, Global, issuer};

/// How long a person, or a tool that a person waits for, is left waiting while the issuer is away: a restart fits in.
const DEADLINE: Duration = Duration::from_secs(5);

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

impl Trade {
    /// A token for the key in the file that was named, else for that of the environment.
    pub(super) async fn token(self, global: &Global) -> Result<Token, Failure> {
        let builder = self.builder(global)?;
        match self.key_file {
            Some(file) => self::token(builder.key_from_file(file)).await,
            None => self::token(builder.key_from_environment()).await,
        }
    }

    /// The same; where neither holds a key, it is read from standard input.
    pub(super) async fn token_from_anywhere(self, global: &Global) -> Result<Token, Failure> {
        let is_named = |name: &&str| std::env::var_os(name).is_some();
        if self.key_file.is_some() || ["HALLPASS_API_KEY", "HALLPASS_API_KEY_FILE"].iter().any(is_named) {
            return self.token(global).await;
        }
        let builder = self.builder(global)?;
        let key = Key::parse(&read_secret(None, "a key (or set HALLPASS_API_KEY)")?).map_err(Failure::usage)?;
        token(builder.key_source(Given(key))).await
    }

    fn builder(&self, global: &Global) -> Result<TokenSourceBuilder, Failure> {
        let issuer = issuer::configured(self.issuer.as_deref(), global)?;
        let builder = TokenSource::builder(issuer).deadline(DEADLINE);
        let builder = self.resources.iter().fold(builder, TokenSourceBuilder::resource);
        Ok(self.scopes.iter().fold(builder, TokenSourceBuilder::scope))
    }
}

async fn token(builder: TokenSourceBuilder) -> Result<Token, Failure> {
    Ok(builder.build().map_err(Failure::usage)?.token().await?)
}

/// A key that was read already.
struct Given(Key);

impl KeySource for Given {
    fn key(&self) -> KeyFuture<'_> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // What is not in the issuer's words may be a proxy's; a no it is all the same.
        let status = match &error {
            Error::Refused(refusal) => Some(refusal.status),
            Error::Unavailable { trouble: Trouble::Status(status), .. } => Some(*status),
            _ => None,
        };
        match (&error, status) {
            (_, Some(StatusCode::UNAUTHORIZED)) => Self::not_authenticated(error),
            (_, Some(StatusCode::FORBIDDEN)) => Self::forbidden(error),
            (Error::Key(_), _) => Self::usage(error),
            (Error::Refused(_) | Error::NoRuntime, _) => Self::error(error),
            (Error::Metadata(_), _) => Self::not_valid(error),
            (Error::Unavailable { .. }, _) => Self::network(error),
        }
    }
}
