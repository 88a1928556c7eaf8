//! `hallpass token`: gets, reads or verifies a token. Keys and tokens are secrets: none is taken as an argument.

use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use hallpass_verifier::{Claims, Profile, Verifier};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::output::{Output, is_terminal, line_out, note};
use super::secret_input::read_secret;
use super::trade::Trade;
use super::{Failure, Global, issuer};

/// Gets, reads or verifies a token.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Trades a key for a token and prints it. The key comes from `HALLPASS_API_KEY`, from the file that
    /// `HALLPASS_API_KEY_FILE` or --key-file names, or from standard input.
    Get(Trade),
    /// Shows what a token says, without verifying it. The token comes from a file or from standard input.
    Inspect(Source),
    /// Verifies a token as a service would: offline, with the issuer's JWKS.
    Verify(Verify),
}

/// Where a token comes from.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// A file that holds the token; standard input when absent.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// How to verify a token.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The issuer; the configured one when absent.
    #[arg(long)]
    issuer: Option<String>,
    /// The audience the token must be for.
    #[arg(long)]
    audience: String,
    /// `compat` accepts RS256 tokens of `typ` JWT as well.
    #[arg(long, default_value = "standard")]
    profile: Profile,
    #[command(flatten)]
    source: Source,
}

impl Token {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        match self {
            Self::Get(trade) => print_token(&trade.token_from_anywhere(global).await?, output),
            Self::Inspect(source) => inspect(&source.read()?, output),
            Self::Verify(verify) => verify.run(global, output).await,
        }
    }
}

impl Verify {
    async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let issuer = issuer::configured(self.issuer.as_deref(), global)?;
        let token = self.source.read()?;
        let verifier = Verifier::builder(issuer).audience(self.audience).profile(self.profile).build();
        match verifier.map_err(Failure::usage)?.verify(&token).await {
            Ok(claims) => print_claims(&claims, output),
            Err(error) if error.is_unavailable() => Err(Failure::network(error)),
            Err(error) => Err(Failure::not_valid(error)),
        }
    }
}

impl Source {
    fn read(&self) -> Result<Zeroizing<String>, Failure> {
        read_secret(self.token_file.as_deref(), "a token")
    }
}

/// As the token endpoint says it (RFC 6749 section 5.1), or the token alone.
fn print_token(token: &hallpass_client::Token, output: Output) -> Result<(), Failure> {
    let lifetime = token.lifetime().as_secs();
    let answer = json!({
        "access_token": token.reveal(), "token_type": "Bearer", "expires_in": lifetime, "scope": token.scope(),
    });
    output.print(&answer, || token.reveal().to_owned())?;
    if is_terminal() && !output.is_json() {
        note(&format!("expires in {lifetime} s, scope: {}", token.scope().unwrap_or("-")));
    }
    Ok(())
}

fn print_claims(claims: &Claims, output: Output) -> Result<(), Failure> {
    let value = serde_json::to_value(claims).map_err(Failure::error)?;
    output.print_members(&value)?;
    Ok(())
}

/// Prints header and claims of a token as they stand there.
fn inspect(token: &str, output: Output) -> Result<(), Failure> {
    let part =
        |text: Option<&str>| -> Option<Value> { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text?).ok()?).ok() };
    let mut parts = token.split('.');
    let (Some(header), Some(claims)) = (part(parts.next()), part(parts.next())) else {
        return Err(Failure::not_valid("this is no JWT"));
    };
    if output.is_json() {
        line_out(&json!({ "verified": false, "header": header, "claims": claims }).to_string())?;
    } else {
        line_out(&serde_json::to_string_pretty(&json!({ "header": header, "claims": claims })).unwrap_or_default())?;
        note("not verified: anyone can write this; hallpass token verify tells whether it is true");
    }
    Ok(())
}

/// The header of a token, as text.
pub(super) fn header(token: &str) -> String {
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    header.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}
