//! Who opens a connection and never begins its TLS holds one place, like anybody, and nothing else.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;

use crate::support::certificate::{client, get, make};
use crate::support::{House, Program};

/// Less than a silent one may stay.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Connections over which nobody says a word.
async fn silent(address: SocketAddr, count: usize) -> Vec<TcpStream> {
    let mut silent = Vec::with_capacity(count);
    for _ in 0..count {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    silent
}

#[tokio::test]
async fn some_hundred_who_never_begin_their_tls_shut_nobody_out() {
    let house = House::open().await;
    let certificate = make(house.path()).await;
    let server = Program::serve(house.path()).on(&house.database).with_tls().start().await;

    let silent = silent(server.address, 400).await;
    let began = Instant::now();
    assert!(get(&client(&certificate), server.address.port()).await);
    let waited = began.elapsed();

    println!("handshake: beside {} silent connections an answer takes {waited:.2?}", silent.len());
    assert!(waited < AT_ONCE, "{waited:?}");
}

#[tokio::test]
async fn who_idles_makes_room_for_those_whose_tls_has_not_begun() {
    let house = House::open().await;
    let certificate = make(house.path()).await;
    let serve = Program::serve(house.path()).on(&house.database).with_tls();
    let server = serve.variable("HALLPASS_SERVER_MAX_CONNECTIONS", "20").start().await;
    let port = server.address.port();
    let idle: Vec<_> = (0..15).map(|_| client(&certificate)).collect();
    for client in &idle {
        assert!(get(client, port).await);
    }

    let silent = silent(server.address, 5).await;
    let began = Instant::now();
    assert!(get(&client(&certificate), port).await);
    let waited = began.elapsed();

    println!("handshake: in a full house of {} who idle an answer takes {waited:.2?}", idle.len());
    assert!(waited < AT_ONCE, "{waited:?}");
    drop(silent);
}
