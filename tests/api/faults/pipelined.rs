//! Requests that are sent before the one in front of them is answered: each waits for its turn, and the server neither spins
//! nor keeps them in store.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::support::proc::{processor_time, resident};
use crate::support::{Ask, House, Program, Server};

const CLIENTS: usize = 4;
/// What each of them has to say; much more than lies in the buffers on its way.
const BYTES: usize = 32 * 1024 * 1024;
/// Until nothing goes through any more.
const SETTLES: Duration = Duration::from_secs(4);
const A_WHILE: Duration = Duration::from_secs(3);
/// What the connections take, with their buffers.
const LITTLE: u64 = 4 * 1024 * 1024;

async fn server(house: &House) -> Server {
    let server = Program::serve(house.path()).on(&house.database).start().await;
    // What the first of anything costs does not count.
    for _ in 0..50 {
        assert_eq!(server.send(&Ask::get("/livez")).await.status, 200);
    }
    server
}

/// Clients who ask again and again, and read the answers or not.
async fn clients(server: &Server, ask: &Ask, do_read: bool) -> Vec<JoinHandle<()>> {
    let asks = ask.clone().header("Connection", "keep-alive").bytes();
    let asks = asks.repeat(BYTES / asks.len());
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let (mut reader, mut writer) = TcpStream::connect(server.address).await.unwrap().into_split();
        let asks = asks.clone();
        clients.push(tokio::spawn(async move {
            let read = async {
                let mut answers = vec![0; 64 * 1024];
                while do_read && reader.read(&mut answers).await.is_ok_and(|count| count > 0) {}
            };
            let _ = tokio::join!(writer.write_all(&asks), read);
        }));
    }
    clients
}

/// What the server spends on such clients, of its processors and of its memory, when all has settled.
async fn spent(server: &Server, ask: &Ask, do_read: bool) -> (Duration, u64) {
    let before = resident(server.id());
    let clients = clients(server, ask, do_read).await;
    sleep(SETTLES).await;
    let time = processor_time(server.id());
    sleep(A_WHILE).await;
    let spent = (processor_time(server.id()) - time, resident(server.id()).saturating_sub(before));
    let others = timeout(A_WHILE, server.send(&Ask::get("/livez"))).await;
    assert_eq!(others.expect("others are served").status, 200);
    for client in clients {
        client.abort();
    }
    spent
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_on_and_on_and_reads_nothing_costs_next_to_nothing() {
    let house = House::open().await;
    let server = server(&house).await;

    // Long answers, so that the buffers on their way are soon full.
    let (time, memory) = spent(&server, &Ask::get("/.well-known/openid-configuration"), false).await;

    println!("pipelined: {time:?} of processor time in {A_WHILE:?} and {memory} bytes for {CLIENTS} who read nothing");
    assert!(time < A_WHILE / 3, "{time:?} of processor time in {A_WHILE:?}");
    assert!(memory < LITTLE, "{memory} bytes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_on_and_on_is_refused_on_the_beat_and_costs_as_little_as_one_at_a_time() {
    let house = House::open().await;
    let server = server(&house).await;

    let (time, memory) = spent(&server, &Ask::token(&[]), true).await;

    println!("pipelined: {time:?} of processor time in {A_WHILE:?} and {memory} bytes for {CLIENTS} who are refused");
    assert!(time < A_WHILE, "{time:?} of processor time in {A_WHILE:?}");
    assert!(memory < LITTLE, "{memory} bytes");
}
