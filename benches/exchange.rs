//! What an exchange is made of: a key parsed, its secret compared, claims written and signed; and what a service does
//! with the token.
//!
//! `cargo bench --bench exchange`. What they cost together, in a server, is measured by `benches/load`.
#![allow(missing_docs, clippy::unwrap_used, reason = "a measurement that can't be made should stop")]

use std::hint::black_box;
use std::task::{Context, Poll, Waker};

use criterion::{Criterion, criterion_group, criterion_main};
use hallpass::credential::{ApiKey, Environment, Pepper, Prefix};
use hallpass::token::{KeyPair, Keyring, SigningKey};
use hallpass_verifier::{Algorithm, Audience, Claims, Clock, HeldClock, KeySet, NumericDate, Profile, Verifier};

const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://id.example";
const RESOURCE: &str = "https://orders.example";

fn claims() -> Claims {
    Claims {
        iss: ISSUER.to_owned(),
        sub: "orders-worker".to_owned(),
        aud: Audience::one(RESOURCE),
        exp: NumericDate::from_seconds(NOW + 300),
        iat: NumericDate::from_seconds(NOW - 5),
        nbf: Some(NumericDate::from_seconds(NOW - 5)),
        jti: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        client_id: "orders-worker".to_owned(),
        scope: Some("orders:read orders:write".parse().unwrap()),
        key_id: Some("0123456789ABCDEF".to_owned()),
        env: Some("live".to_owned()),
        ..Claims::default()
    }
}

fn pair(algorithm: Algorithm) -> KeyPair {
    KeyPair::from_pkcs8(algorithm, &KeyPair::generate(algorithm).unwrap()).unwrap()
}

fn keys(criterion: &mut Criterion) {
    let prefix: Prefix = "hp".parse().unwrap();
    let key = ApiKey::mint(Environment::Live);
    let text = key.reveal(&prefix);
    let pepper = Pepper::new(1, &*Pepper::mint());
    let kept = pepper.hash(&key);
    let mut group = criterion.benchmark_group("key");
    group.bench_function("parse", |bencher| bencher.iter(|| ApiKey::parse(&prefix, black_box(&text)).unwrap()));
    group.bench_function("parse what is none", |bencher| {
        bencher.iter(|| ApiKey::parse(&prefix, black_box(&text[1..])).unwrap_err());
    });
    group.bench_function("matches", |bencher| bencher.iter(|| pepper.matches(black_box(&key), &kept)));
    group.finish();
}

fn sign(criterion: &mut Criterion) {
    let message = [b'J'; 520];
    let mut group = criterion.benchmark_group("sign");
    for algorithm in Algorithm::ALL {
        let pair = pair(algorithm);
        group.bench_function(algorithm.as_str(), |bencher| bencher.iter(|| pair.sign(black_box(&message)).unwrap()));
    }
    group.finish();
}

/// From claims to a token, and from a token to claims.
fn tokens(criterion: &mut Criterion) {
    for profile in Profile::ALL {
        let algorithm = profile.algorithm();
        let pair = pair(algorithm);
        let public = pair.public().unwrap();
        let ring = Keyring::new(vec![SigningKey::new(&public.kid, algorithm, NOW, pair)], &[public.jwk]);
        let token = ring.sign(profile, &claims()).unwrap().unwrap();
        let verifier = Verifier::builder(ISSUER)
            .audience(RESOURCE)
            .profile(profile)
            .keys(KeySet::from_jwks_json(&*ring.jwks().unwrap().body).unwrap())
            .clock(Clock::Held(HeldClock::at(NOW)))
            .build()
            .unwrap();
        criterion.bench_function(&format!("mint/{profile:?}"), |bencher| {
            bencher.iter(|| ring.sign(profile, black_box(&claims())).unwrap().unwrap());
        });
        criterion.bench_function(&format!("verify/{profile:?}"), |bencher| {
            bencher.iter(|| at_once(verifier.verify(black_box(&token))).unwrap());
        });
    }
}

/// With keys at hand nothing is waited for, so no runtime blurs the figures.
fn at_once<T>(verdict: impl Future<Output = T>) -> T {
    match std::pin::pin!(verdict).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(verdict) => verdict,
        Poll::Pending => unreachable!("the keys are at hand"),
    }
}

criterion_group!(benches, keys, sign, tokens);
criterion_main!(benches);
