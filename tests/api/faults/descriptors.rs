//! Descriptors run out: those who are in go on, the database can still be asked, no processor spins, and others come in
//! when some leave.

use std::time::Duration;

use futures_util::future::join_all;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::proc::{descriptors, processor_time};
use crate::support::{Ask, House, Key, Program, SHOP, Server, Wire, within};

/// A connection for which the kernel has no room is asked for again after a second.
const COMING_IN: Duration = Duration::from_secs(2);
const RECOVERY: Duration = Duration::from_secs(10);
/// While nothing happens, for so long its processor time is looked at.
const A_WHILE: Duration = Duration::from_secs(3);

async fn exchange(wire: &mut Wire, key: &Key) -> u16 {
    wire.write(Ask::exchange(key, &[]).header("Connection", "keep-alive").bytes()).await.unwrap();
    wire.reply().await.expect("an answer").status
}

/// Whether the process rests: a loop that never waits would take all of a processor.
async fn rests(server: &Server) -> Duration {
    let before = processor_time(server.id());
    sleep(A_WHILE).await;
    let spent = processor_time(server.id()) - before;
    assert!(spent < A_WHILE / 2, "{spent:?} of processor time in {A_WHILE:?}");
    spent
}

/// A server that may have `own` descriptors, for its threads too, and more clients than that leaves room for.
async fn too_many_clients(workers: usize, own: usize, clients: usize) {
    let (house, warm) = House::with_shop().await;
    let cold = house.key(SHOP, &[]).await;
    let serve = Program::serve(house.path()).on(&house.database).descriptors(own as u64);
    let server = serve.variable("HALLPASS_SERVER_WORKERS", &workers.to_string()).start().await;
    assert_eq!(server.send(&Ask::exchange(&warm, &[])).await.status, 200);
    let (ask, mut busy) = (Ask::exchange(&warm, &[]).bytes(), Wire::open(server.address).await);
    busy.write(&ask[..ask.len() - 5]).await.unwrap();

    // The kernel lets in some more than the server takes, which is not more than it has room for.
    let connects = (0..clients).map(|_| timeout(COMING_IN, TcpStream::connect(server.address)));
    let crowd = join_all(connects).await;
    busy.write(&ask[ask.len() - 5..]).await.unwrap();
    assert_eq!(busy.reply().await.expect("who is in goes on").status, 200);
    let most = descriptors(server.id());
    let spent = rests(&server).await;
    // Its turn comes when those who say nothing have had theirs, and the database is there for it.
    assert_eq!(server.send(&Ask::exchange(&cold, &[])).await.status, 200);

    assert!(!server.output().contains("Too many open files"), "{}", server.output());
    assert!(most < own, "{most}");
    drop(crowd);
    println!("descriptors: {most} of {own} in use with {workers} workers, {spent:?} of processor time in {A_WHILE:?}");
}

#[tokio::test]
async fn more_clients_than_descriptors_leave_the_database_its_own() {
    too_many_clients(1, 256, 200).await;
}

#[tokio::test]
async fn more_clients_than_descriptors_leave_the_database_its_own_where_many_threads_serve() {
    too_many_clients(48, 600, 420).await;
}

/// How many descriptors a running server may have from now on; what it was before.
fn may_have(server: &Server, limit: Rlimit) -> Rlimit {
    prlimit(Pid::from_raw(server.id().try_into().unwrap()), Resource::Nofile, limit).unwrap()
}

#[tokio::test]
async fn when_no_descriptor_is_left_those_who_are_in_go_on_and_others_wait_for_their_turn() {
    let (house, warm) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let mut kept = Wire::open(server.address).await;
    assert_eq!(exchange(&mut kept, &warm).await, 200);

    // None at all, whoever took them.
    let own = may_have(&server, Rlimit { current: Some(3), maximum: getrlimit(Resource::Nofile).maximum });
    let mut waits = Wire::open(server.address).await;
    waits.write(Ask::exchange(&warm, &[]).bytes()).await.unwrap();
    let is_noticed = async || server.output().contains("Too many open files");
    assert!(within(RECOVERY, is_noticed).await, "{}", server.output());
    for _ in 0..10 {
        assert_eq!(exchange(&mut kept, &warm).await, 200);
    }
    let spent = rests(&server).await;
    may_have(&server, own);

    assert_eq!(waits.reply().await.expect("its turn comes").status, 200);
    assert_eq!(exchange(&mut kept, &warm).await, 200);
    println!("descriptors: {spent:?} of processor time in {A_WHILE:?} without any");
}
