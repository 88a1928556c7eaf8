//! `hallpass healthcheck`.

use clap::Args;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::{self, Instant};

use super::output::Output;
use super::{Failure, Global, fetch};
use crate::config::Span;
use crate::limit;

/// Asks a running server whether it is ready; for containers and load balancers.
#[derive(Debug, Args)]
pub(super) struct Healthcheck {
    /// Its address; the configured one when absent.
    #[arg(long)]
    url: Option<String>,
    /// How long it may take to become ready, such as 30s; it has to be already unless it is said.
    #[arg(long, value_name = "SPAN")]
    wait: Option<Span>,
}

impl Healthcheck {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let url = match self.url {
            Some(url) => url,
            None => address(global)?,
        };
        let (status, body) = ask(&url, self.wait).await?;
        output.print(&body, || format!("{url}: {}", body["status"].as_str().unwrap_or("no answer")))?;
        if status.is_success() { Ok(()) } else { Err(Failure::error("not ready")) }
    }
}

/// The answer of a server that is ready, or the last one when the time is over.
async fn ask(url: &str, wait: Option<Span>) -> Result<(StatusCode, Value), Failure> {
    let (client, address) = (fetch::client()?, format!("{}/readyz", url.trim_end_matches('/')));
    let end = Instant::now() + wait.map_or_else(Default::default, Span::get);
    loop {
        let answer = fetch::send(client.get(&address)).await;
        let is_ready = answer.as_ref().is_ok_and(|(status, _)| status.is_success());
        if is_ready || Instant::now() >= end {
            return answer;
        }
        time::sleep(limit::READY_ASKED_EVERY).await;
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
