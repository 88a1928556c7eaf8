//! A provider looked over, as an operator wants to see it: what works, what does not, and what can't be told.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use hallpass_verifier::{Algorithm, Clock, KeyFault, NoAnswer};
use ring::rand::{SecureRandom, SystemRandom};

use super::github::Addresses;
use super::metadata::{Metadata, address_of};
use super::tokens::{self, Endpoints};
use super::wire::JSON;
use super::{Ask, Document, Provider, Upstream, UpstreamError, keys};
use crate::limit;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub name: &'static str,
    /// What was found; else what is wrong.
    pub outcome: Result<String, String>,
}

/// What has been found so far.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, name: &'static str, outcome: Result<impl fmt::Display, impl fmt::Display>) {
        let outcome = outcome.map(|good| good.to_string()).map_err(|bad| bad.to_string());
        self.0.push(Finding { name, outcome });
    }
}

impl Upstream {
    /// Looks a provider over, one thing after the other, until one that the rest depends on is wrong. Asks it anew,
    /// whatever is kept. Nobody signs in: the code it shows is made up, and the answer to that tells whether we are
    /// known there.
    pub async fn check(&self, provider: &Provider, redirect_uri: &str, now: i64) -> Vec<Finding> {
        let mut findings = Findings::default();
        findings.add("settings", provider.check().map(|()| format!("{}, {}", provider.preset, provider.issuer)));
        if provider.check().is_err() {
            return findings.0;
        }
        let looked = tokio::time::timeout(2 * limit::UPSTREAM_TIMEOUT, async {
            if provider.preset.is_openid() {
                self.check_openid(provider, redirect_uri, now, &mut findings).await;
            } else {
                self.check_github(provider, redirect_uri, &mut findings).await;
            }
        });
        if looked.await.is_err() {
            findings.add("time", Err::<&str, _>("the provider is too slow to look at the rest"));
        }
        findings.0
    }

    async fn check_openid(&self, provider: &Provider, redirect_uri: &str, now: i64, findings: &mut Findings) {
        let request = self.wire.get(&address_of(&provider.issuer), JSON);
        let asked =
            tokio::time::timeout(limit::DISCOVERY_TIMEOUT, self.wire.send(provider, Document::Metadata, request));
        let reply = asked.await.unwrap_or(Err(UpstreamError::TooSlow)).and_then(|reply| reply.good(Document::Metadata));
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return findings.add("discovery", Err::<&str, _>(error)),
        };
        findings.add("discovery", Ok::<_, &str>("the metadata can be had"));
        findings.add("clock", clock(reply.date(), now));
        let metadata = match Metadata::read(&reply.body, &provider.issuer, &self.wire.guard) {
            Ok(metadata) => metadata,
            Err(error) => return findings.add("metadata", Err::<&str, _>(error)),
        };
        findings.add("metadata", Ok::<_, &str>("the issuer is the same, and every endpoint is in reach"));
        findings.add("pkce", pkce(&metadata));
        findings.add("algorithms", algorithms(&metadata));
        findings.add("scopes", Ok::<_, &str>(scopes(provider, &metadata)));
        findings.add("keys", self.keys(provider, &metadata).await);
        let endpoints = Endpoints {
            authorization: &metadata.authorization_endpoint,
            token: &metadata.token_endpoint,
            wants_secret_in_body: metadata.wants_secret_in_body,
        };
        findings.add("client", self.client(provider, &endpoints, redirect_uri).await);
    }

    async fn check_github(&self, provider: &Provider, redirect_uri: &str, findings: &mut Findings) {
        match Addresses::of(provider) {
            Ok(addresses) => {
                findings.add("client", self.client(provider, &addresses.endpoints(), redirect_uri).await);
            }
            Err(fault) => findings.add("client", Err::<&str, _>(fault)),
        }
    }

    async fn keys(&self, provider: &Provider, metadata: &Metadata) -> Result<String, String> {
        let keys =
            keys::of(&self.wire, provider, &metadata.jwks_uri, Clock::System).map_err(|error| error.to_string())?;
        let set = keys.keys().await.map_err(|error| match keys.trouble() {
            Some(NoAnswer::Forbidden) => UpstreamError::Forbidden.to_string(),
            Some(trouble) => trouble.to_string(),
            None => error.to_string(),
        })?;
        let usable = set.len() + set.nameless();
        let is_nameless = |fault: &&KeyFault| set.nameless() > 0 && **fault == KeyFault::KeyId;
        let refused = set.refused().iter().filter(|fault| !is_nameless(fault));
        let refused: Vec<String> = refused.map(ToString::to_string).collect();
        let others = if refused.is_empty() { String::new() } else { format!("; not usable: {}", refused.join(", ")) };
        if usable == 0 { Err(format!("no usable key{others}")) } else { Ok(format!("{usable} usable{others}")) }
    }

    /// Shows a code that nobody made. Who says that it is the code that is wrong knows us and our secret.
    async fn client(
        &self,
        provider: &Provider,
        endpoints: &Endpoints<'_>,
        redirect_uri: &str,
    ) -> Result<String, String> {
        let made_up = made_up().ok_or("this machine gives no randomness")?;
        let ask = Ask {
            state: &made_up,
            nonce: &made_up,
            code_verifier: &made_up,
            redirect_uri,
            prompt: None,
            max_age: None,
            login_hint: None,
            ui_locales: None,
            acr_values: None,
        };
        match tokens::redeem(&self.wire, provider, endpoints, &ask, &made_up).await {
            Err(UpstreamError::Refused(code)) => match code.as_str() {
                "invalid_grant" | "bad_verification_code" => Ok("the client id and its secret are accepted".to_owned()),
                "invalid_client" | "unauthorized_client" | "incorrect_client_credentials" => {
                    Err(format!("the client id or its secret is not accepted: `{code}`"))
                }
                "redirect_uri_mismatch" => Err(format!("the redirect URI is not registered there: `{code}`")),
                _ => Ok(format!("can't be told: a made-up code is answered with `{code}`")),
            },
            Err(UpstreamError::Status(_, status)) if status < 500 => {
                Ok(format!("can't be told: a made-up code is answered with status {status}"))
            }
            Err(error) => Err(error.to_string()),
            Ok(_) => Err("a code that nobody made is taken for a good one".to_owned()),
        }
    }
}

fn clock(date: Option<&str>, now: i64) -> Result<String, String> {
    let Some(there) = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok()) else {
        return Ok("can't be told: the answer has no date".to_owned());
    };
    let apart = there.timestamp().abs_diff(now);
    let words = format!("{apart} s apart");
    if apart > limit::UPSTREAM_SKEW.as_secs() { Err(words) } else { Ok(words) }
}

fn pkce(metadata: &Metadata) -> Result<&'static str, &'static str> {
    match &metadata.challenge_methods {
        Some(methods) if methods.iter().any(|method| method == "S256") => Ok("S256 is announced"),
        Some(_) => Err("S256 is not among the challenge methods that are announced"),
        None => Ok("can't be told: no challenge methods are announced; a challenge is sent all the same"),
    }
}

fn algorithms(metadata: &Metadata) -> Result<String, String> {
    let ours: Vec<&str> =
        metadata.algorithms.iter().map(String::as_str).filter(|name| name.parse::<Algorithm>().is_ok()).collect();
    match (metadata.algorithms.is_empty(), ours.is_empty()) {
        (true, _) => Ok("can't be told: none is announced".to_owned()),
        (false, true) => Err("ID tokens are signed with none of ES256, RS256 and EdDSA".to_owned()),
        (false, false) => Ok(ours.join(", ")),
    }
}

/// A provider need not announce all it knows (OpenID Connect Discovery 3), so what it does not announce is no fault; but
/// some refuse a whole sign-in for it.
fn scopes(provider: &Provider, metadata: &Metadata) -> String {
    if metadata.scopes.is_empty() {
        return "can't be told: none is announced".to_owned();
    }
    let unknown: Vec<&str> =
        provider.scopes.iter().filter(|scope| !metadata.scopes.contains(scope)).map(String::as_str).collect();
    if unknown.is_empty() {
        "all are announced".to_owned()
    } else {
        format!("not announced, and may be refused: {}", unknown.join(", "))
    }
}

/// 43 characters that are no secret of anyone.
fn made_up() -> Option<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes))
}
