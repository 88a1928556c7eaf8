//! `hallpass logout`: the tokens are taken back and forgotten; then the browser may sign out as well.

use clap::Args;
use serde_json::json;
use url::Url;

use super::issuer::Issuer;
use super::output::{Output, note};
use super::session_file::{SessionFile, SignedIn};
use super::{Failure, fetch, opener, signed_in};

/// Signs out.
#[derive(Debug, Args)]
pub(super) struct Logout {
    /// Leaves the browser signed in, and forgets the tokens even when the issuer can't be told.
    #[arg(long)]
    local: bool,
    /// Prints the address where the browser signs out, and opens nothing.
    #[arg(long)]
    no_browser: bool,
}

impl Logout {
    pub(super) async fn run(self, output: Output) -> Result<(), Failure> {
        let file = SessionFile::locate()?;
        if file.read()?.is_none() {
            note("nobody is signed in here");
            return if output.is_json() { output.print(&json!({ "signed_out": false }), String::new) } else { Ok(()) };
        }
        let _turn = file.lock().await?;
        let Some(own) = file.read()? else { return Ok(()) };
        let url = match self.end(&own).await {
            Err(failure) if failure.is_network() && !self.local => {
                return Err(Failure::network(format!(
                    "the issuer could not be told, so nothing is forgotten: {}; try again, or say --local",
                    failure.words()
                )));
            }
            Err(failure) => {
                note(&format!("the issuer could not be told: {}", failure.words()));
                None
            }
            Ok(url) => url.filter(|_| !self.local),
        };
        file.remove()?;
        output.print(&json!({ "signed_out": true, "issuer": own.issuer, "end_session_url": url }), || {
            format!("signed out of {}", own.issuer)
        })?;
        if let Some(url) = url {
            note(&format!("your browser may still be signed in; it signs out at\n\n  {url}\n"));
            let _ = !self.no_browser && opener::open(&url);
        }
        Ok(())
    }

    /// Takes the tokens back. Says where a browser signs out.
    async fn end(&self, own: &SignedIn) -> Result<Option<String>, Failure> {
        let client = fetch::client()?;
        let issuer = Issuer::discover(&client, &own.issuer).await?;
        signed_in::revoke(&client, &issuer, own).await?;
        // Without the ID token, which says who it is and would be seen by everyone on this machine: the issuer asks.
        let url = issuer.endpoint("end_session_endpoint").ok().and_then(|endpoint| Url::parse(&endpoint).ok());
        Ok(url.map(|mut url| {
            url.query_pairs_mut().append_pair("client_id", &own.client_id);
            url.to_string()
        }))
    }
}
