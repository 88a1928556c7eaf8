//! The verifier's cache: a token that it knows.

use std::hint::black_box;
use std::task::{Context, Poll, Waker};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_verifier::{GetFuture, GetRequest, GetResponse, HttpGet, Verifier};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use rustix::time::ClockId;
use serde_json::{Value, json};

use crate::house::{RESOURCE, SCOPE};
use crate::measure::{Spread, cpu};
use crate::report::Report;
use crate::{Outcome, Pace, child, quiet};

const ISSUER: &str = "https://issuer.example";
/// How many tokens the cache keeps, and how many it knows.
const KEPT: usize = 10_000;
const KNOWN: usize = 8_000;
/// Hits in a round.
const HITS: u32 = 10_000;

/// The issuer's keys, without a network.
struct Jwks(String);

impl HttpGet for Jwks {
    fn get<'g>(&'g self, _: GetRequest<'g>) -> GetFuture<'g> {
        let cache_control = Some("max-age=900".to_owned());
        let body = self.0.clone().into_bytes();
        Box::pin(async { Ok(GetResponse { status: 200, cache_control, body, ..GetResponse::default() }) })
    }
}

pub(crate) async fn run(pace: Pace, report: &mut Report) -> Outcome<()> {
    child::pin(child::CLIENT)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32])?;
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "load", "x": URL_SAFE_NO_PAD.encode(pair.public_key()) });
    let verifier = Verifier::builder(ISSUER)
        .audience(RESOURCE)
        .jwks_uri(format!("{ISSUER}/jwks"))
        .http_get(Jwks(json!({ "keys": [jwk] }).to_string()))
        .cache(KEPT)
        .build()?;
    let now = now()?;
    for number in 0..KNOWN {
        verifier.verify(&token(&pair, &claims(now, number))).await?;
    }
    let mut person = claims(now, KNOWN);
    for (name, value) in [
        ("sub", json!("usr_0123456789abcdefghijkl")),
        ("auth_time", json!(now)),
        ("sid", json!("0123456789ABCDEF")),
        ("email", json!("ada.lovelace@example.org")),
        ("email_verified", json!(true)),
        ("name", json!("Ada Lovelace")),
        ("groups", json!(["staff", "engineering"])),
    ] {
        person[name] = value;
    }
    for (whose, claims) in [("an app", claims(now, KNOWN + 1)), ("a person", person)] {
        let token = token(&pair, &claims);
        verifier.verify(&token).await?;
        let mut costs = Vec::new();
        for _ in 0..if pace == Pace::Quick { 3 } else { 100 } {
            if pace == Pace::Patient {
                quiet::wait()?;
            }
            let began = cpu(ClockId::ThreadCPUTime);
            for _ in 0..HITS {
                is_good_at_once(verifier.verify(black_box(&token)))?;
            }
            costs.push((cpu(ClockId::ThreadCPUTime) - began) * 1e6 / f64::from(HITS));
        }
        report.add(format!("a known token of {whose}, verified"), "µs", Spread::of(costs), Some(1.0));
    }
    Ok(())
}

/// With keys at hand nothing is waited for, so no runtime blurs the figures.
fn is_good_at_once<T, E: Into<Box<dyn std::error::Error>>>(verdict: impl Future<Output = Result<T, E>>) -> Outcome<()> {
    match std::pin::pin!(verdict).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(claims)) => drop(black_box(claims)),
        Poll::Ready(Err(error)) => return Err(error.into()),
        Poll::Pending => return Err("the keys are not at hand".into()),
    }
    Ok(())
}

fn now() -> Outcome<u64> {
    #[expect(clippy::disallowed_methods, reason = "the verifier goes by the machine's clock")]
    let now = std::time::SystemTime::now();
    Ok(now.duration_since(std::time::UNIX_EPOCH)?.as_secs())
}

fn claims(now: u64, number: usize) -> Value {
    json!({
        "iss": ISSUER, "sub": "load", "aud": RESOURCE, "exp": now + 3600, "iat": now - 5, "nbf": now - 5,
        "jti": format!("{number:022}"), "client_id": "load", "scope": SCOPE, "key_id": "0123456789ABCDEF", "env": "live",
    })
}

fn token(pair: &Ed25519KeyPair, claims: &Value) -> String {
    let header = json!({ "alg": "EdDSA", "kid": "load", "typ": "at+jwt" }).to_string();
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = pair.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
