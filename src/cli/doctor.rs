//! `hallpass doctor`: what a verifier, an operator and an attacker would look at first.

use futures_util::future::join_all;
use hallpass_verifier::KeySet;

use super::output::Output;
use super::{Failure, Global, check, fetch};
use crate::clock::Clock;
use crate::config::Settings;
use crate::flow::{Declined, Flows, Vault};
use crate::store::Store;
use crate::token::schedule::State;
use crate::upstream;

/// One thing that was looked at.
struct Finding {
    name: String,
    outcome: Result<String, String>,
}

pub(super) async fn run(global: &Global, output: Output) -> Result<(), Failure> {
    let settings = global.settings()?;
    let mut findings = vec![
        found(
            "configuration",
            check::may_serve(&settings).map(|()| "good".to_owned()).map_err(|error| error.to_string()),
        ),
        found(
            "root key",
            Vault::new(&settings)
                .root_keys()
                .map(|keys| format!("{} seals", keys.current.id()))
                .map_err(|error| error.to_string()),
        ),
    ];
    findings.extend(look_at_database(&settings).await);
    if !settings.issuer.is_empty() {
        findings.extend(look_at_issuer(&settings).await);
    }
    let is_well = output.print_findings(findings.iter().map(|finding| (&*finding.name, &finding.outcome)))?;
    if is_well { Ok(()) } else { Err(Failure::error("not everything is well")) }
}

async fn look_at_database(settings: &Settings) -> Vec<Finding> {
    if !Store::is_there(settings.database.url.reveal()) {
        let outcome = Err("there is none yet: the first start of the server makes it".to_owned());
        return vec![found("database", outcome)];
    }
    let words = |error: Declined| error.to_string();
    let opened = async {
        let store = Store::open(settings.database.url.reveal(), 0).await?;
        store.ping().await?;
        let pending = store.pending_migrations().await?;
        Ok::<_, Declined>((store, pending))
    };
    let (store, pending) = match opened.await {
        Ok(opened) => opened,
        Err(error) => return vec![found("database", Err(words(error)))],
    };
    let outcome = match pending {
        0 => Ok(format!("{}, up to date", store.kind())),
        _ => Err(format!("{pending} migrations are pending: hallpass database up")),
    };
    let mut findings = vec![found("database", outcome)];
    if pending == 0 {
        match Flows::open(settings, Clock::System, store, Vault::new(settings)).await {
            Ok(flows) => {
                findings.push(found("signing keys", look_at_keys(&flows).await));
                findings.extend(look_at_providers(&flows).await);
            }
            Err(error) => findings.push(found("signing keys", Err(words(error)))),
        }
    }
    findings
}

/// Each provider that people may choose, all at once: a slow one holds nobody up.
async fn look_at_providers(flows: &Flows) -> Vec<Finding> {
    let rows = match flows.list_providers().await {
        Ok(rows) => rows,
        Err(error) => return vec![found("providers", Err(error.to_string()))],
    };
    if flows.issuer().is_empty() {
        return vec![];
    }
    let open = rows.iter().filter(|row| row.disabled_at.is_none());
    join_all(open.map(|row| async {
        let outcome = match flows.test_provider(&row.name).await {
            Ok(findings) => sum_up(&findings),
            Err(error) => Err(error.to_string()),
        };
        Finding { name: format!("provider {}", row.name), outcome }
    }))
    .await
}

/// One line: what is wrong, or that nothing is.
fn sum_up(findings: &[upstream::Finding]) -> Result<String, String> {
    let wrong: Vec<String> = findings
        .iter()
        .filter_map(|finding| finding.outcome.as_ref().err().map(|words| format!("{}: {words}", finding.name)))
        .collect();
    if wrong.is_empty() { Ok(format!("{} checks are good", findings.len())) } else { Err(wrong.join("; ")) }
}

fn found(name: &str, outcome: Result<String, String>) -> Finding {
    Finding { name: name.to_owned(), outcome }
}

async fn look_at_keys(flows: &Flows) -> Result<String, String> {
    let keys = flows.list_signing_keys().await.map_err(|error| error.to_string())?;
    let count = |is: fn(&State) -> bool| keys.iter().filter(|(_, key)| is(&key.state)).count();
    let (active, next) =
        (count(|state| matches!(state, State::Active { .. })), count(|state| matches!(state, State::Next { .. })));
    match active {
        0 => Err("none signs: start the server once".to_owned()),
        _ => Ok(format!("{active} sign, {next} wait, all of them open")),
    }
}

async fn look_at_issuer(settings: &Settings) -> Vec<Finding> {
    let address = format!("{}/.well-known/jwks.json", settings.issuer);
    let fetched = async {
        let answer = fetch::client().map_err(|_| "no client".to_owned())?.get(&address).send().await;
        let answer = answer.map_err(|_| format!("{address} does not answer; is the server running?"))?;
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok().map(str::to_owned));
        let body = answer.text().await.map_err(|_| format!("{address} breaks off"))?;
        Ok::<_, String>((date, body))
    };
    match fetched.await {
        Err(words) => vec![found("jwks", Err(words))],
        Ok((date, body)) => vec![
            found(
                "jwks",
                KeySet::from_jwks_json(&body)
                    .map(|_| "a verifier can use it".to_owned())
                    .map_err(|error| error.to_string()),
            ),
            found("clock", look_at_clock(date.as_deref())),
        ],
    }
}

/// The server's `Date` beside this machine's clock.
fn look_at_clock(date: Option<&str>) -> Result<String, String> {
    let at = date.and_then(|date| chrono::DateTime::parse_from_rfc2822(date).ok()).ok_or("the server sends no Date")?;
    let apart = (Clock::System.now() - at.timestamp()).abs();
    if apart <= 5 {
        Ok(format!("{apart} s apart from the server's"))
    } else {
        Err(format!("{apart} s apart from the server's"))
    }
}
