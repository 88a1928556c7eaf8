//! What a whole verification costs beside the one signature that it can't do without.
//!
//! `cargo bench -p hallpass-verifier --bench verify` ends with ratios: both measured in turns, medians compared, so a
//! busy machine slows both.
#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement that can't be made should stop")]

use std::hint::black_box;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use criterion::Criterion;
use hallpass_verifier::{Claims, Clock, Error, HeldClock, KeySet, Verifier};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
    UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::json;

const NOW: i64 = 1_700_000_000;
const ROUNDS: usize = 400;
const IN_A_ROUND: usize = 50;

struct Bench {
    name: &'static str,
    key: UnparsedPublicKey<Vec<u8>>,
    token: String,
    signature: Vec<u8>,
    verifier: Verifier,
}

impl Bench {
    fn new(
        alg: &'static str,
        key: &'static dyn VerificationAlgorithm,
        public: &[u8],
        jwk: &serde_json::Value,
        sign: impl Fn(&[u8]) -> Vec<u8>,
    ) -> Self {
        let header = json!({ "alg": alg, "kid": "2026-11-24-abcdef", "typ": "at+jwt" }).to_string();
        let claims = json!({
            "iss": "https://issuer.example", "sub": "app_01J9Z3W6T8", "aud": "https://api.example", "exp": NOW + 300,
            "iat": NOW - 5, "nbf": NOW - 5, "jti": "01J9Z3W6T8Q2N4R6V8X0", "client_id": "app_01J9Z3W6T8",
            "scope": "orders:read orders:write", "key_id": "0123456789ABCDEF", "env": "live",
            "status": { "status_list": { "idx": 123_456, "uri": "https://issuer.example/oauth/status/7" } },
        });
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = sign(signed.as_bytes());
        let keys = KeySet::from_jwks_json(json!({ "keys": [jwk] }).to_string()).unwrap();
        let verifier = Verifier::builder("https://issuer.example")
            .audience("https://api.example")
            .keys(keys)
            .clock(Clock::Held(HeldClock::at(NOW)))
            .build()
            .unwrap();
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature));
        Self { name: alg, key: UnparsedPublicKey::new(key, public.to_vec()), token, signature, verifier }
    }

    fn raw(&self) {
        let (signed, _) = black_box(&self.token).rsplit_once('.').unwrap();
        self.key.verify(signed.as_bytes(), black_box(&self.signature)).unwrap();
    }

    fn whole(&self) -> Claims {
        at_once(self.verifier.verify(black_box(&self.token))).unwrap()
    }
}

/// With keys at hand nothing is waited for, so no runtime blurs the figures.
fn at_once(verdict: impl Future<Output = Result<Claims, Error>>) -> Result<Claims, Error> {
    match std::pin::pin!(verdict).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(verdict) => verdict,
        Poll::Pending => unreachable!("the keys are at hand"),
    }
}

fn benches() -> [Bench; 2] {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let p256 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    let ed25519 = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);

    let (point, kid) = (p256.public_key().as_ref(), "2026-11-24-abcdef");
    let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": b64(&point[1..33]), "y": b64(&point[33..]) });
    let es256 = Bench::new("ES256", &ECDSA_P256_SHA256_FIXED, point, &jwk, |message| {
        p256.sign(&random, message).unwrap().as_ref().to_vec()
    });
    let point = ed25519.public_key().as_ref();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": b64(point) });
    let eddsa = Bench::new("EdDSA", &ED25519, point, &jwk, |message| ed25519.sign(message).as_ref().to_vec());
    [es256, eddsa]
}

/// Nanoseconds that one call takes, in the middle of many rounds that take turns.
fn in_turns(first: impl Fn(), second: impl Fn()) -> (f64, f64) {
    let round = |call: &dyn Fn()| {
        #[allow(clippy::disallowed_methods, reason = "this measures real time")]
        let started = Instant::now();
        (0..IN_A_ROUND).for_each(|_| call());
        started.elapsed().as_secs_f64() * 1e9 / f64::from(u32::try_from(IN_A_ROUND).unwrap())
    };
    let (mut firsts, mut seconds): (Vec<f64>, Vec<f64>) = (0..ROUNDS).map(|_| (round(&first), round(&second))).unzip();
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    (median(&mut firsts), median(&mut seconds))
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for bench in &benches() {
        let mut group = criterion.benchmark_group(bench.name);
        group.bench_function("signature", |bencher| bencher.iter(|| bench.raw()));
        group.bench_function("verify", |bencher| bencher.iter(|| bench.whole()));
        // An unknown key: all that happens before a signature, and none of what comes after.
        let unknown = format!(
            "{}{}",
            URL_SAFE_NO_PAD
                .encode(json!({ "alg": bench.name, "kid": "2026-11-24-000000", "typ": "at+jwt" }).to_string()),
            &bench.token[bench.token.find('.').unwrap()..]
        );
        group.bench_function("unknown kid", |bencher| {
            bencher.iter(|| at_once(bench.verifier.verify(black_box(&unknown))).unwrap_err());
        });
        group.finish();
    }
    criterion.final_summary();

    for bench in &benches() {
        let (raw, whole) = in_turns(|| bench.raw(), || drop(black_box(bench.whole())));
        println!("{}: verify is {:.3} of its signature ({whole:.0} ns, {raw:.0} ns)", bench.name, whole / raw);
    }
}
