//! A Rust app that holds a key, against a real server: it never notices what happens to key and server.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hallpass_client::{Clock, Error, HeldClock, TokenSource};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::support::{House, NOW, ORDERS, Program, SHOP, Server, free_port};

/// A hundred tasks that ask for a token again and again; the different tokens that they got.
struct Crowd {
    tasks: JoinSet<Result<BTreeSet<String>, Error>>,
    is_over: Arc<AtomicBool>,
}

impl Crowd {
    fn gather(source: &TokenSource) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..100 {
            let (source, is_over) = (source.clone(), Arc::clone(&is_over));
            tasks.spawn(async move {
                let mut tokens = BTreeSet::new();
                loop {
                    let is_last = is_over.load(Ordering::SeqCst);
                    tokens.insert(source.token().await?.reveal().to_owned());
                    if is_last {
                        return Ok(tokens);
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            });
        }
        Self { tasks, is_over }
    }

    async fn leave(mut self) -> BTreeSet<String> {
        self.is_over.store(true, Ordering::SeqCst);
        let mut tokens = BTreeSet::new();
        while let Some(task) = self.tasks.join_next().await {
            tokens.extend(task.unwrap().expect("no call fails"));
        }
        tokens
    }
}

/// A server on this port, for what is in the house.
async fn serve(house: &House, port: u16) -> Server {
    let listen = format!("127.0.0.1:{port}");
    let program = Program::serve(house.path()).on(&house.database).variable("HALLPASS_SERVER_LISTEN", &listen);
    program.variable("HALLPASS_ISSUER", &format!("http://{listen}")).start().await
}

/// What `hallpass keys …` says.
async fn keys(house: &House, arguments: &[&str]) -> Value {
    let arguments = [&["keys"], arguments, &["--json"]].concat();
    Program::beside(house, &arguments).good().await.json()
}

/// Lets time pass for the app, a second after the other.
async fn pass(clock: &HeldClock, seconds: u32) {
    for _ in 0..seconds {
        clock.advance(Duration::from_secs(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Lets time pass for the app until it has another token.
async fn until_renewed(clock: &HeldClock, source: &TokenSource, before: &str) {
    for _ in 0..60 {
        if source.token().await.unwrap().reveal() != before {
            return;
        }
        pass(clock, 1).await;
    }
    panic!("the token is never renewed");
}

/// A token lives five minutes and is renewed after 225 to 255 seconds.
async fn lifetime(clock: &HeldClock, source: &TokenSource) {
    let before = source.token().await.unwrap();
    clock.advance(Duration::from_secs(224));
    until_renewed(clock, source, before.reveal()).await;
}

#[tokio::test]
async fn a_hundred_tasks_make_one_request_a_lifetime_through_a_rotation_a_restart_and_an_outage_and_no_call_fails() {
    let (mut house, old) = House::with_shop().await;
    house.stop().await;
    let port = free_port();
    let server = serve(&house, port).await;
    let (file, clock) = (house.path().join("key"), HeldClock::at(NOW));
    std::fs::write(&file, &old.text).unwrap();
    let source = TokenSource::builder(format!("http://127.0.0.1:{port}")).key_from_file(&file).resource(ORDERS);
    // The app's clock runs fifty times as fast as the server that it waits for.
    let source = source.clock(Clock::Held(clock.clone())).deadline(Duration::from_mins(3)).build().unwrap();
    let crowd = Crowd::gather(&source);

    for _ in 0..2 {
        lifetime(&clock, &source).await;
    }
    let new = keys(&house, &["rotate", &old.id]).await;
    std::fs::write(&file, new["key"].as_str().unwrap()).unwrap();
    lifetime(&clock, &source).await;
    keys(&house, &["revoke", &old.id, "--reason", "it was rotated"]).await;
    lifetime(&clock, &source).await;

    assert_eq!(server.stop().await, Some(0));
    let server = serve(&house, port).await;
    lifetime(&clock, &source).await;

    let before = source.token().await.unwrap();
    clock.advance(Duration::from_secs(224));
    assert_eq!(server.stop().await, Some(0));
    // The renewal falls due within the first half minute, and meets nobody for ten seconds and more.
    pass(&clock, 42).await;
    assert_eq!(source.token().await.unwrap().reveal(), before.reveal(), "the old token serves on");
    let server = serve(&house, port).await;
    until_renewed(&clock, &source, before.reveal()).await;
    lifetime(&clock, &source).await;

    let tokens = crowd.leave().await;
    drop(source);
    assert_eq!(server.stop().await, Some(0));
    let uses = async |id: &str| keys(&house, &["show", id]).await["uses"].as_u64().unwrap();
    assert_eq!((uses(&old.id).await, uses(new["id"].as_str().unwrap()).await), (3, 5));
    assert_eq!(tokens.len(), 8, "one a lifetime, for all of them");
}

#[tokio::test]
async fn a_revoked_key_is_told_to_those_who_have_no_token_and_its_successor_works_as_soon_as_it_is_there() {
    let (house, key) = House::with_shop().await;
    let file = house.path().join("key");
    std::fs::write(&file, &key.text).unwrap();
    let clock = HeldClock::at(NOW);
    let source = || {
        let source = TokenSource::builder(house.issuer()).key_from_file(&file).resource(ORDERS);
        source.clock(Clock::Held(clock.clone())).build().unwrap()
    };
    let (holds, waits) = (source(), source());
    let held = holds.token().await.unwrap();
    house.revoke(&key).await;

    let refused = waits.token().await.unwrap_err();
    let renewed = holds.renew(&held).await.unwrap_err();
    let still = holds.token().await.unwrap();
    std::fs::write(&file, house.key(SHOP, &["orders:read"]).await.text).unwrap();
    // Whether it is there is looked at once a second.
    clock.advance(Duration::from_secs(1));
    let token = waits.token().await.unwrap();

    for error in [refused, renewed] {
        assert!(matches!(&error, Error::Refused(refusal) if refusal.error == "invalid_client"), "{error}");
    }
    assert_eq!(still.reveal(), held.reveal());
    assert_eq!((token.scope(), token.lifetime()), (Some("orders:read"), Duration::from_mins(5)));
    assert!(house.verify(token.reveal(), ORDERS).await.is_ok());
}
