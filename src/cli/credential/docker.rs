//! What docker asks a credential helper: an action as the argument, the registry on standard input.

use std::io::Read;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use crate::cli::output::line_out;
use crate::cli::trade::Trade;
use crate::cli::{Failure, Global};

/// The words by which docker knows that there is no credential, so that it goes on without one.
const NOT_FOUND: &str = "credentials not found in native keychain";
/// The longest address of a registry, in bytes.
const MAX_ADDRESS: u64 = 4 * 1024;

/// A token as a credential helper of docker prints it.
#[derive(Debug, Args)]
pub(crate) struct Docker {
    /// What docker wants.
    action: Action,
    /// A registry that the token may be shown to, as docker names it: `registry.example` or `registry.example:5000`; may
    /// be repeated.
    #[arg(long = "registry", value_name = "HOST", required = true)]
    registries: Vec<String>,
    /// The user that the registry expects beside a token.
    #[arg(long, default_value = "hallpass")]
    username: String,
    #[command(flatten)]
    trade: Trade,
}

/// An action of docker's protocol.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Action {
    /// Prints a user and a token for the registry on standard input.
    Get,
    /// Prints for which registries there is something to get.
    List,
    /// Refused: the key is kept elsewhere.
    Store,
    /// Does nothing: there is nothing to erase.
    Erase,
}

impl Docker {
    pub(crate) async fn run(self, global: &Global) -> Result<(), Failure> {
        match self.action {
            Action::Get => self.get(global).await,
            Action::List => {
                let user = Value::from(&*self.username);
                let all: Map<String, Value> = self.registries.into_iter().map(|host| (host, user.clone())).collect();
                line_out(&Value::from(all).to_string())
            }
            Action::Store => Err(Failure::usage("nothing is stored here: tokens come from the API key")),
            Action::Erase => Ok(()),
        }
    }

    async fn get(self, global: &Global) -> Result<(), Failure> {
        let mut address = String::new();
        std::io::stdin().take(MAX_ADDRESS).read_to_string(&mut address).map_err(Failure::error)?;
        let address = address.trim();
        if !host(address).is_some_and(|host| self.registries.iter().any(|own| own.eq_ignore_ascii_case(host))) {
            line_out(NOT_FOUND)?;
            return Err(Failure::not_found("the token is not for this registry; --registry names those it is for"));
        }
        let token = self.trade.token(global).await?;
        line_out(&json!({ "ServerURL": address, "Username": self.username, "Secret": token.reveal() }).to_string())
    }
}

/// `registry.example:5000` of that or of `https://registry.example:5000/v2/`. Docker speaks TLS with what has no scheme.
fn host(address: &str) -> Option<&str> {
    let rest = match address.split_once("://") {
        Some(("https", rest)) => rest,
        Some(_) => return None,
        None => address,
    };
    rest.split('/').next().filter(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_its_host_and_port() {
        for address in ["r.example:5000", "https://r.example:5000", "https://r.example:5000/v2/"] {
            assert_eq!(host(address), Some("r.example:5000"), "{address}");
        }
        for address in ["", "http://r.example", "https://", "/v2/"] {
            assert_eq!(host(address), None, "{address}");
        }
        assert_eq!(host("https://r.example@evil.example/"), Some("r.example@evil.example"));
    }
}
