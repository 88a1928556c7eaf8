//! What a token costs that the cache knows: hash, look-up, keys, times, claims. `cargo bench -p hallpass-verifier --bench
//! cache` ends with the figure that is promised, at most a microsecond.
//!
//! As a service has it: the machine's clocks, keys that were fetched, the claims of an app's token or of a person's.
#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement that can't be made should stop")]

use std::hint::black_box;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use criterion::Criterion;
use hallpass_verifier::{Claims, Error, GetFuture, GetRequest, GetResponse, HttpGet, Verifier};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "https://api.example";
const PROMISED: Duration = Duration::from_micros(1);
const ROUNDS: usize = 4000;
const IN_A_ROUND: u32 = 100;

/// The issuer's JWKS, without a network.
struct Jwks(String);

impl HttpGet for Jwks {
    fn get<'g>(&'g self, _: GetRequest<'g>) -> GetFuture<'g> {
        let cache_control = Some("max-age=900".to_owned());
        let body = self.0.clone().into_bytes();
        Box::pin(async { Ok(GetResponse { status: 200, cache_control, body, ..GetResponse::default() }) })
    }
}

/// A verifier that knows a crowd of tokens besides, and the tokens to show it.
fn house() -> (Verifier, [(&'static str, String); 2]) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let point = URL_SAFE_NO_PAD.encode(pair.public_key());
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "2026-11-24-abcdef", "x": point });
    let verifier = Verifier::builder(ISSUER)
        .audience(AUDIENCE)
        .jwks_uri(format!("{ISSUER}/jwks"))
        .http_get(Jwks(json!({ "keys": [jwk] }).to_string()))
        .cache(10_000)
        .build()
        .unwrap();
    let app = token(&pair, &claims());
    let mut person = claims();
    for (name, value) in [
        ("sub", json!("01J9Z3W6T8Q2N4R6V8X0")),
        ("auth_time", person["iat"].clone()),
        ("sid", json!("01J9Z3W6T8Q2N4R6V8X1")),
        ("email", json!("ada.lovelace@example.org")),
        ("email_verified", json!(true)),
        ("name", json!("Ada Lovelace")),
        ("groups", json!(["staff", "engineering"])),
    ] {
        person[name] = value;
    }
    let person = token(&pair, &person);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        for n in 0..8000 {
            let mut claims = claims();
            claims["jti"] = format!("01J9Z3W6T8Q2N4R6{n:04}").into();
            verifier.verify(&token(&pair, &claims)).await.unwrap();
        }
        for known in [&app, &person] {
            verifier.verify(known).await.unwrap();
        }
    });
    (verifier, [("app", app), ("person", person)])
}

fn claims() -> Value {
    #[allow(clippy::disallowed_methods, reason = "this measures with real time")]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    json!({
        "iss": ISSUER, "sub": "app_01J9Z3W6T8", "aud": AUDIENCE, "exp": now + 3600,
        "iat": now - 5, "nbf": now - 5, "jti": "01J9Z3W6T8Q2N4R6V8X0", "client_id": "app_01J9Z3W6T8",
        "scope": "orders:read orders:write", "key_id": "0123456789ABCDEF", "env": "live",
        "status": { "status_list": { "idx": 123_456, "uri": "https://issuer.example/oauth/status/7" } },
    })
}

fn token(pair: &Ed25519KeyPair, claims: &Value) -> String {
    let header = json!({ "alg": "EdDSA", "kid": "2026-11-24-abcdef", "typ": "at+jwt" }).to_string();
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = pair.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// With keys at hand nothing is waited for, so no runtime blurs the figures.
fn at_once(verdict: impl Future<Output = Result<Claims, Error>>) -> Claims {
    match std::pin::pin!(verdict).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(verdict) => verdict.unwrap(),
        Poll::Pending => unreachable!("the keys are at hand"),
    }
}

fn main() {
    let (verifier, tokens) = house();
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("cache hit");
    for (name, token) in &tokens {
        group.bench_function(*name, |bencher| bencher.iter(|| at_once(verifier.verify(black_box(token)))));
    }
    group.finish();
    criterion.final_summary();

    for (name, token) in &tokens {
        let mut rounds: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let started = Instant::now();
                (0..IN_A_ROUND).for_each(|_| drop(black_box(at_once(verifier.verify(black_box(token))))));
                started.elapsed() / IN_A_ROUND
            })
            .collect();
        rounds.sort();
        // Whatever else the machine does only adds, so the promise is held against the quickest tenth.
        let (quick, median) = (rounds[ROUNDS / 10], rounds[ROUNDS / 2]);
        let verdict = if quick <= PROMISED { "kept" } else { "NOT KEPT" };
        println!(
            "cache hit, {name} ({} bytes): {quick:?} in the quickest tenth of rounds, median {median:?}; at most \
             {PROMISED:?} promised: {verdict}",
            token.len()
        );
    }
}
