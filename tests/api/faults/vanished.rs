//! Clients that vanish without a word: a cable is pulled, a phone leaves the network. No end of the connection is ever
//! heard of, and each is let go in its time.

use std::time::{Duration, Instant};

use hallpass::limit;
use tokio::net::TcpSocket;
use tokio::time::sleep;

use crate::support::alone::{is_alone, run};
use crate::support::proc::descriptors;
use crate::support::{Ask, House, Program, Wire, is_postgres, within};

/// What a busy machine adds.
const LATE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn who_vanishes_without_a_word_is_let_go_in_time() {
    // In a network of its own there is no PostgreSQL, and it makes no difference here.
    if is_postgres() || !is_alone("faults::vanished::who_vanishes_without_a_word_is_let_go_in_time", &["--net"]) {
        return;
    }
    run(&["ip", "link", "set", "lo", "up"]);
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let ask = Ask::exchange(&key, &[]).header("Connection", "keep-alive").bytes();
    assert_eq!(server.send(&Ask::exchange(&key, &[])).await.status, 200);
    let open = async || descriptors(server.id());
    let is_quiet = async || {
        let before = open().await;
        sleep(Duration::from_millis(300)).await;
        before == open().await
    };
    assert!(within(LATE, is_quiet).await);
    let before = open().await;

    let mut idle = Wire::open(server.address).await;
    idle.write(&ask).await.unwrap();
    assert_eq!(idle.reply().await.unwrap().status, 200);
    let mut in_head = Wire::open(server.address).await;
    in_head.write(&ask[..40]).await.unwrap();
    let mut in_body = Wire::open(server.address).await;
    in_body.write(&ask[..ask.len() - 5]).await.unwrap();
    let _silent = Wire::open(server.address).await;
    // Its window is small, so that answers wait in the server for a reader who does not come.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let reads_nothing = socket.connect(server.address).await.unwrap();
    let many = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(10_000);
    let mut written = 0;
    while let Ok(Ok(())) = tokio::time::timeout(Duration::from_secs(1), reads_nothing.writable()).await {
        written += reads_nothing.try_write(&many.as_bytes()[written % many.len()..]).unwrap_or_default();
    }
    assert!(open().await >= before + 3, "they are in");

    run(&["ip", "link", "set", "lo", "down"]);
    let began = Instant::now();
    // The idle one is kept for longer: it did nothing wrong.
    let are_let_go = async || open().await <= before + 1;
    assert!(within(limit::REQUEST_MAX + limit::READ_TIMEOUT + LATE, are_let_go).await, "{}", open().await);
    println!("vanished: who asked, and who did not read, is let go after {:.2?}", began.elapsed());

    run(&["ip", "link", "set", "lo", "up"]);
    let is_back = async || server.send(&Ask::exchange(&key, &[])).await.status == 200;
    assert!(within(LATE, is_back).await);
}
