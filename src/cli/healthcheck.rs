//! `hallpass healthcheck`.

use clap::Args;

use super::output::Output;
use super::{Failure, Global, fetch};

/// Asks a running server whether it is ready; for containers and load balancers.
#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    /// Its address; the configured one when absent.
    #[arg(long)]
    url: Option<String>,
}

impl Healthcheck {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let url = match self.url {
            Some(url) => url,
            None => address(global)?,
        };
        let (status, body) = fetch::send(fetch::client()?.get(format!("{}/readyz", url.trim_end_matches('/')))).await?;
        output.print(&body, || format!("{url}: {}", body["status"].as_str().unwrap_or("no answer")))?;
        if status.is_success() { Ok(()) } else { Err(Failure::error("not ready")) }
    }
}

/// The listener itself: with a certificate, by the issuer's name.
fn address(global: &Global) -> Result<String, Failure> {
    let settings = global.settings()?;
    if settings.tls.certificate_file.is_some() {
        return Ok(settings.issuer);
    }
    let mut listen = settings.server.listen;
    if listen.ip().is_unspecified() {
        listen.set_ip(if listen.is_ipv4() { [127, 0, 0, 1].into() } else { [0, 0, 0, 0, 0, 0, 0, 1].into() });
    }
    Ok(format!("http://{listen}"))
}
