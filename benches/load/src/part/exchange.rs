//! A warm exchange: beside the bare exchange, beside form → JSON and a raw signature, beside the peer.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use rustix::time::ClockId;

use crate::client::{self, Order, Request};
use crate::house::{CLIENT_ID, House, SCOPE, target};
use crate::measure::{Contender, Spread, cpu, rounds};
use crate::report::Report;
use crate::{Outcome, Pace, child, floor, peer};

const KEYS: usize = 1000;

pub(crate) async fn run(hallpass: &Path, pace: Pace, report: &mut Report) -> Outcome<()> {
    let house = House::prepare(KEYS).await?;
    let running = house.serve(hallpass)?;
    client::ask(running.server.address, &house.request(running.server.address), Order::EachOnce).await?;
    let calls = running.metrics.store_calls()?;

    let bare = floor::start("bare", &[house.keys_file()?.as_os_str()])?;
    let form = floor::start("form", &[])?;
    let metrics = running.metrics;
    let mut contenders = vec![
        Contender { name: "hallpass", request: house.request(running.server.address), server: running.server },
        Contender { name: "bare", request: house.request(bare.address), server: bare },
        Contender { name: "form", request: house.request(form.address), server: form },
    ];
    let secret = house.keys[0];
    if let Some(server) = peer::start(&target()?.join("load-peer"), peer::EXCHANGE, std::str::from_utf8(&secret)?)? {
        let request = Request::token(server.address, "/token", CLIENT_ID, SCOPE, Arc::new([secret]));
        contenders.push(Contender { name: "peer", server, request });
    }
    let measured = rounds(&contenders, super::rounds(pace, 9, Duration::from_secs(1))).await?;
    let signature = signature(pace)?;

    report.add("exchange / bare exchange", "", measured.ratio("hallpass", "bare", 0.0), Some(1.25));
    report.add(
        "exchange / (form → JSON + a signature)",
        "",
        measured.ratio("hallpass", "form", signature.median),
        None,
    );
    match contenders.len() {
        4 => report.add("exchange / oidc-provider", "", measured.ratio("hallpass", "peer", 0.0), Some(0.2)),
        _ => report.add_gap("exchange / oidc-provider", Some(0.2)),
    }
    for contender in &contenders {
        let cost = measured.cost(contender.name).per(1e3);
        report.add(format!("  CPU of {}", contender.name), "µs", cost, None);
    }
    report.add("  CPU of a signature", "µs", signature.per(1e3), None);
    let calls = metrics.store_calls()? - calls;
    report.add("database calls of warm exchanges", "", Spread::of(vec![calls]), Some(0.0));
    super::add_discarded(report, "exchange", measured.discarded);
    Ok(())
}

/// The nanoseconds of one ES256 signature over what a token signs, on the client's core.
fn signature(pace: Pace) -> Outcome<Spread> {
    child::pin(child::CLIENT)?;
    let random = SystemRandom::new();
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(|_| "no key")?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random)?;
    let message = vec![b'J'; 520];
    let count = if pace == Pace::Quick { 500_u32 } else { 5000 };
    let mut costs = Vec::new();
    for _ in 0..9 {
        let began = cpu(ClockId::ThreadCPUTime);
        for _ in 0..count {
            black_box(pair.sign(&random, black_box(&message)).map_err(|_| "no signature")?);
        }
        costs.push((cpu(ClockId::ThreadCPUTime) - began) * 1e9 / f64::from(count));
    }
    Ok(Spread::of(costs))
}
