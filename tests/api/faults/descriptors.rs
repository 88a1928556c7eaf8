//! Descriptors run out: those who are in go on, the database can still be asked, no processor spins, and others come in
//! when some leave.

use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit};
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::support::proc::{descriptors, processor_time};
use crate::support::{Ask, House, Key, Program, SHOP, Server, Wire, within};

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

#[tokio::test]
async fn more_clients_than_descriptors_leave_the_database_its_own() {
    let (house, warm) = House::with_shop().await;
    let cold = house.key(SHOP, &[]).await;
    let server = Program::serve(house.path()).on(&house.database).descriptors(256).start().await;
    assert_eq!(server.send(&Ask::exchange(&warm, &[])).await.status, 200);
    let (ask, mut busy) = (Ask::exchange(&warm, &[]).bytes(), Wire::open(server.address).await);
    busy.write(&ask[..ask.len() - 5]).await.unwrap();

    // The kernel lets them in; the server does not take more than it has room for.
    let mut crowd = Vec::new();
    for _ in 0..200 {
        crowd.push(TcpStream::connect(server.address).await.unwrap());
    }
    busy.write(&ask[ask.len() - 5..]).await.unwrap();
    assert_eq!(busy.reply().await.expect("who is in goes on").status, 200);
    let most = descriptors(server.id());
    let spent = rests(&server).await;
    // Its turn comes when those who say nothing have had theirs, and the database is there for it.
    assert_eq!(server.send(&Ask::exchange(&cold, &[])).await.status, 200);

    assert!(!server.output().contains("Too many open files"), "{}", server.output());
    assert!(most < 256, "{most}");
    println!("descriptors: {most} of 256 in use, {spent:?} of processor time in {A_WHILE:?}");
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
