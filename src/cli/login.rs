//! `hallpass login`: a person signs in with their browser, and this terminal gets the tokens (RFC 8252).

mod ask;
mod loopback;
mod page;

use clap::Args;
use reqwest::Client;
use serde_json::{Value, json};

use super::issuer::Issuer;
use super::output::{Output, moment, note};
use super::session_file::{SessionFile, SignedIn};
use super::signed_in::{self, Bought};
use super::{Failure, Global, fetch, opener, serve};
use crate::config::Span;
use crate::upstream::Claims;
use ask::Ask;
use loopback::{Loopback, Visit};
use page::Page;

/// Where `hallpass dev` listens unless it is told otherwise.
const DEV: &str = "http://127.0.0.1:8080";
/// What is asked for when nobody says: who it is, and to stay signed in when the browser is closed.
const SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Signs you in with your browser, and keeps the tokens for this account on this machine.
#[derive(Debug, Args)]
pub(super) struct Login {
    /// The issuer; the configured one when absent, else a `hallpass dev` on this machine.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The app that asks: a public one that may send people back to `http://127.0.0.1/callback`.
    #[arg(long, value_name = "ID", default_value = "hallpass-cli")]
    client_id: String,
    /// A scope to ask for beside openid; may be repeated. Unless one is named: profile, email and `offline_access`.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A resource the access token shall be for; may be repeated.
    #[arg(long = "resource", value_name = "IDENTIFIER")]
    resources: Vec<String>,
    /// Prints the address to sign in at, and opens nothing.
    #[arg(long)]
    no_browser: bool,
    /// How long to wait for you.
    #[arg(long, value_name = "SPAN", default_value = "10m")]
    timeout: Span,
}

impl Login {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let (client, file) = (fetch::client()?, SessionFile::locate()?);
        // What can't be kept is not asked for.
        drop(file.lock().await?);
        let issuer = self.find_issuer(&client, global).await?;
        let mut door = Loopback::open().await?;
        let redirect_uri = door.redirect_uri().to_owned();
        let ask = Ask::new(&issuer, &self.client_id, &redirect_uri, self.scope(), &self.resources);
        ask.try_out(&client).await?;
        self.invite(ask.url()?.as_str());
        let visit = self.wait(&mut door, &ask).await?;
        note("your browser is back: getting the tokens");
        let outcome = async {
            let (bought, claims) = ask.redeem(&client, &visit).await?;
            self.keep(&client, &issuer, &file, bought, &claims).await
        };
        let outcome = outcome.await;
        visit.answer(if outcome.is_ok() { Page::SignedIn } else { Page::Failed }).await;
        let shown = outcome?;
        output.print(&shown, || {
            let who = ["name", "email", "sub"].into_iter().find_map(|name| shown[name].as_str()).unwrap_or_default();
            format!("signed in at {} as {}", issuer.name, who.replace(char::is_control, "\u{fffd}"))
        })
    }

    async fn find_issuer(&self, client: &Client, global: &Global) -> Result<Issuer, Failure> {
        let configured = match &self.issuer {
            Some(issuer) => issuer.clone(),
            None => global.settings()?.issuer,
        };
        if !configured.is_empty() {
            return Issuer::discover(client, &configured).await;
        }
        Issuer::discover(client, DEV).await.map_err(|_| {
            let words = "which issuer? say --issuer https://…, or set it in hallpass.toml";
            Failure::usage(format!("{words}; no `hallpass dev` answers at {DEV} either"))
        })
    }

    fn scope(&self) -> String {
        let own = self.scopes.iter().map(String::as_str).filter(|scope| *scope != SCOPES[0]);
        let mut scopes: Vec<&str> = SCOPES[..1].iter().copied().chain(own).collect();
        if self.scopes.is_empty() {
            scopes = SCOPES.to_vec();
        }
        scopes.join(" ")
    }

    fn invite(&self, url: &str) {
        let is_opened = !self.no_browser && opener::open(url);
        let words = if is_opened { "your browser opens; if it does not, go to" } else { "sign in at" };
        note(&format!("{words}\n\n  {url}\n"));
        note(&format!("waiting {} for you at most; Ctrl-C ends it", self.timeout));
    }

    /// Waits for the browser that was sent off; whoever else comes by is sent away.
    async fn wait(&self, door: &mut Loopback, ask: &Ask<'_>) -> Result<Visit, Failure> {
        let coming = async {
            loop {
                let visit = door.next().await;
                if ask.is_meant(&visit) {
                    return visit;
                }
                visit.answer(Page::Stray).await;
            }
        };
        tokio::select! {
            visit = coming => Ok(visit),
            () = tokio::time::sleep(self.timeout.get()) => {
                Err(Failure::cancelled(format!("nobody signed in within {}", self.timeout)))
            }
            () = serve::stopped() => Err(Failure::cancelled("cancelled")),
        }
    }

    /// Writes down who is signed in. Whoever was until now is signed out, if that can be.
    async fn keep(
        &self,
        client: &Client,
        issuer: &Issuer,
        file: &SessionFile,
        bought: Bought,
        claims: &Claims,
    ) -> Result<Value, Failure> {
        let said = |name: &str| claims.get(name).cloned().unwrap_or_default();
        let new = SignedIn {
            issuer: issuer.name.clone(),
            client_id: self.client_id.clone(),
            sub: said("sub").as_str().unwrap_or_default().to_owned(),
            scope: bought.scope.unwrap_or_else(|| self.scope()),
            access_token: bought.access_token,
            expires_at: bought.expires_at,
            refresh_token: bought.refresh_token,
        };
        let turn = file.lock().await?;
        let old = file.read().ok().flatten();
        file.take_slot()?.fill(&new)?;
        drop(turn);
        if let Some(old) = old {
            // It would live on for days, and nobody here knows it any more.
            let taken_back = async {
                let there = Issuer::discover(client, &old.issuer).await?;
                signed_in::revoke(client, &there, &old).await
            };
            let _ = taken_back.await;
        }
        Ok(json!({
            "issuer": new.issuer,
            "client_id": new.client_id,
            "sub": new.sub,
            "name": said("name"),
            "email": said("email"),
            "scope": new.scope,
            "expires_at": moment(new.expires_at),
            "session_file": file.path().display().to_string(),
        }))
    }
}
