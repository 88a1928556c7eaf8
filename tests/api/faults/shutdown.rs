//! Asked to end under load: each request that was accepted gets its whole answer, and what it counted is written down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use hallpass::limit;

use crate::support::{Ask, House, Program, Wire, signal, within};

const CLIENTS: usize = 40;
/// Requests whose head is there when the server is asked to end, and whose body is not.
const BEGUN: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_ends_under_load_drops_nothing_that_it_accepted() {
    let (house, key) = House::with_shop().await;
    let mut minted = 0;
    for round in 0..3 {
        let serve = Program::serve(house.path()).on(&house.database);
        let server = serve.variable("HALLPASS_SERVER_WORKERS", "2").start().await;
        let (answered, unanswered) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let is_ending = Arc::new(AtomicBool::new(false));
        let ask: Arc<[u8]> = Ask::exchange(&key, &[]).header("Connection", "keep-alive").bytes().into();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (address, ask, is_ending) = (server.address, Arc::clone(&ask), Arc::clone(&is_ending));
                let (answered, unanswered) = (Arc::clone(&answered), Arc::clone(&unanswered));
                tokio::spawn(async move {
                    let mut wire = Wire::open(address).await;
                    // Until it is told that this was the last answer, or the connection ends instead of one.
                    loop {
                        let _ = wire.write(&ask).await;
                        let Some(reply) = wire.reply().await else {
                            assert!(is_ending.load(Ordering::SeqCst), "nobody had asked it to end");
                            unanswered.fetch_add(1, Ordering::SeqCst);
                            return;
                        };
                        assert_eq!(reply.status, 200, "{reply:?}");
                        assert!(reply.json()["access_token"].is_string(), "a whole answer");
                        answered.fetch_add(1, Ordering::SeqCst);
                        if reply.header("connection") == Some("close") {
                            return;
                        }
                    }
                })
            })
            .collect();
        while answered.load(Ordering::SeqCst) < 10 * i64::try_from(CLIENTS).unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }

        let mut half_sent = Vec::new();
        for _ in 0..BEGUN {
            let mut wire = Wire::open(server.address).await;
            wire.write(&ask[..ask.len() - 5]).await.unwrap();
            half_sent.push(wire);
        }
        // What comes behind them is answered, so they were taken.
        for _ in 0..2 {
            assert_eq!(server.send(&Ask::get("/livez")).await.status, 200);
        }

        is_ending.store(true, Ordering::SeqCst);
        let told_at = Instant::now();
        signal(server.id(), "TERM");
        let refuses = async || tokio::net::TcpStream::connect(server.address).await.is_err();
        assert!(within(limit::READ_TIMEOUT, refuses).await, "nobody new is let in");
        for wire in &mut half_sent {
            wire.write(&ask[ask.len() - 5..]).await.unwrap();
            let reply = wire.reply().await.expect("its whole answer");
            assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
            answered.fetch_add(1, Ordering::SeqCst);
        }
        assert_eq!(server.stop().await, Some(0));
        let took = told_at.elapsed();

        for client in clients {
            client.await.unwrap();
        }
        assert_eq!(unanswered.load(Ordering::SeqCst), 0, "each of them was told which answer was its last");
        assert!(took < limit::READ_TIMEOUT * 2, "{took:?}");
        minted += answered.load(Ordering::SeqCst);
        // Each token that was made is counted, so a request that was taken and not answered would show.
        let uses = house.flows.find_key(&key.id).await.unwrap().1.unwrap().uses;
        assert_eq!(uses, minted, "tokens that are written down, and tokens that arrived");
        println!("end {round}: {} answers; it took {took:.2?}", answered.load(Ordering::SeqCst));
    }
}

#[tokio::test]
async fn what_is_there_when_the_server_is_asked_to_end_is_answered_and_who_says_nothing_is_not_waited_for() {
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let ask = Ask::exchange(&key, &[]).header("Connection", "keep-alive").bytes();
    let (mut kept, mut fresh) = (Vec::new(), Vec::new());
    for _ in 0..CLIENTS {
        let mut wire = Wire::open(server.address).await;
        wire.write(&ask).await.unwrap();
        assert_eq!(wire.reply().await.expect("an answer").status, 200);
        kept.push(wire);
        fresh.push(Wire::open(server.address).await);
    }
    let (mut late, mut silent) = (kept.pop().unwrap(), fresh.pop().unwrap());
    let mut idle = kept.pop().unwrap();
    // What comes behind them is answered, so they are in.
    for _ in 0..2 {
        assert_eq!(server.send(&Ask::get("/livez")).await.status, 200);
    }

    // It is held while all of this comes, and sees it at once.
    signal(server.id(), "STOP");
    for wire in kept.iter_mut().chain(&mut fresh) {
        wire.write(&ask).await.unwrap();
    }
    signal(server.id(), "TERM");
    signal(server.id(), "CONT");
    let told_at = Instant::now();
    tokio::time::sleep(limit::LAST_WORDS / 3).await;
    late.write(&ask).await.unwrap();

    // Some before it hears the signal, and some behind it.
    for wire in kept.iter_mut().chain(&mut fresh) {
        assert_eq!(wire.reply().await.expect("what was there is answered").status, 200);
    }
    let last = late.reply().await.expect("who idled may still ask");
    assert_eq!((last.status, last.header("connection")), (200, Some("close")));
    assert!(idle.closes().await && silent.closes().await);
    assert_eq!(server.stop().await, Some(0));
    assert!(told_at.elapsed() < limit::READ_TIMEOUT, "{:?}", told_at.elapsed());
}
