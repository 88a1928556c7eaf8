//! Ten thousand connections that are kept and do nothing: what each costs, and that nobody beside them waits.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::support::alone::is_skipped;
use crate::support::proc::{descriptors, may_have_descriptors, processor_time, resident};
use crate::support::{Ask, House, Program, Wire, within};

const CONNECTIONS: usize = 10_000;
/// How many of them are made at a time.
const AT_ONCE: usize = 50;
/// Two buffers of 8 KiB, and what is around them.
const BYTES_EACH: u64 = 48 * 1024;

/// A connection over which something was asked and answered.
async fn kept(address: SocketAddr) -> Wire {
    let mut wire = Wire::open(address).await;
    wire.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert_eq!(wire.reply().await.expect("an answer").status, 200);
    wire
}

async fn many(address: SocketAddr, count: usize) -> Vec<Wire> {
    let makers = (0..AT_ONCE).map(|_| {
        tokio::spawn(async move {
            let mut wires = Vec::with_capacity(count / AT_ONCE);
            for _ in 0..count / AT_ONCE {
                wires.push(kept(address).await);
            }
            wires
        })
    });
    let mut wires = Vec::with_capacity(count);
    for maker in makers.collect::<Vec<_>>() {
        wires.extend(maker.await.unwrap());
    }
    wires
}

#[tokio::test]
async fn ten_thousand_idle_connections_cost_little_and_hold_nobody_up() {
    if !may_have_descriptors(CONNECTIONS as u64 + 500) {
        is_skipped("this process may not have 10,500 descriptors");
        return;
    }
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let ask = Ask::exchange(&key, &[]);
    assert_eq!(server.send(&ask).await.status, 200);
    let at_rest = descriptors(server.id()) + 10;
    // What the first of anything costs does not count.
    drop(many(server.address, 10 * AT_ONCE).await);
    let is_empty = async || descriptors(server.id()) <= at_rest;
    assert!(within(Duration::from_secs(10), is_empty).await);

    let (began, before) = (Instant::now(), resident(server.id()));
    let wires = many(server.address, CONNECTIONS).await;
    let (made, each) = (began.elapsed(), (resident(server.id()).saturating_sub(before)) / CONNECTIONS as u64);
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let began = Instant::now();
        assert_eq!(server.send(&ask).await.status, 200);
        slowest = slowest.max(began.elapsed());
    }
    let spent = processor_time(server.id());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let spent = processor_time(server.id()) - spent;

    println!(
        "idle: {CONNECTIONS} connections in {made:.2?}, {each} bytes each; an exchange beside them takes {slowest:.2?} at \
         most; {spent:?} of processor time in 2 s"
    );
    assert!(each < BYTES_EACH, "{each} bytes for each connection");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
    assert!(spent < Duration::from_secs(1), "{spent:?}");
    drop(wires);
    assert!(within(Duration::from_secs(15), is_empty).await, "{} descriptors are left", descriptors(server.id()));
}

#[tokio::test]
async fn past_the_most_connections_those_who_idle_make_room_and_those_who_are_busy_stay() {
    let (house, key) = House::with_shop().await;
    let serve = Program::serve(house.path()).on(&house.database).variable("HALLPASS_SERVER_MAX_CONNECTIONS", "20");
    let server = serve.start().await;
    let ask = Ask::exchange(&key, &[]).header("Connection", "keep-alive").bytes();
    let mut busy = Vec::new();
    for _ in 0..5 {
        let mut wire = Wire::open(server.address).await;
        wire.write(&ask[..ask.len() - 5]).await.unwrap();
        busy.push(wire);
    }

    // Many more than there are places, one after the other, and each stays.
    let mut idle = Vec::new();
    for _ in 0..60 {
        let mut wire = Wire::open(server.address).await;
        wire.write(&ask).await.unwrap();
        let reply =
            tokio::time::timeout(Duration::from_secs(2), wire.reply()).await.expect("nobody waits for who idles");
        assert_eq!(reply.expect("an answer").status, 200);
        idle.push(wire);
    }
    for wire in &mut busy {
        wire.write(&ask[ask.len() - 5..]).await.unwrap();
        assert_eq!(wire.reply().await.expect("who was busy is answered").status, 200);
    }
    let mut last = idle.pop().unwrap();
    last.write(&ask).await.unwrap();
    assert_eq!(last.reply().await.expect("the last one stays").status, 200);
}

#[tokio::test]
async fn who_asks_twice_at_once_has_both_answers_however_few_places_are_left() {
    let (house, _) = House::with_shop().await;
    let stranger = super::stranger(&house).await;
    let serve = Program::serve(house.path()).on(&house.database).variable("HALLPASS_SERVER_MAX_CONNECTIONS", "4");
    let server = serve.start().await;
    // The second answer is a refusal, and comes on the beat: by then the first has gone out.
    let both = [
        b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        Ask::exchange(&stranger, &[]).header("Connection", "keep-alive").bytes(),
    ];
    let mut kept = Vec::new();
    for _ in 0..12 {
        let mut wire = Wire::open(server.address).await;
        wire.write(both.concat()).await.unwrap();
        kept.push(wire);
    }
    for wire in &mut kept {
        assert_eq!(wire.reply().await.expect("an answer").status, 200);
        assert_eq!(wire.reply().await.expect("the other answer").status, 401);
    }
}

#[tokio::test]
async fn who_leaves_a_body_unfinished_behind_its_answer_makes_room_like_one_who_idles() {
    let (house, key) = House::with_shop().await;
    let serve = Program::serve(house.path()).on(&house.database).variable("HALLPASS_SERVER_MAX_CONNECTIONS", "4");
    let server = serve.start().await;
    let mut unfinished = Vec::new();
    for _ in 0..12 {
        let mut wire = Wire::open(server.address).await;
        wire.write("GET /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab").await.unwrap();
        let reply = tokio::time::timeout(Duration::from_secs(2), wire.reply()).await.expect("nobody waits for them");
        assert_eq!(reply.expect("an answer").status, 200);
        unfinished.push(wire);
    }

    let began = Instant::now();
    assert_eq!(server.send(&Ask::exchange(&key, &[])).await.status, 200);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}
