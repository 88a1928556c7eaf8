//! SIGKILL at any moment: the database opens again, what was answered is there, and nothing is half there.

mod sign_in;

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::process::Child;
use std::time::Duration;

use hallpass::clock::Clock;
use hallpass::flow::ResourceWish;
use hallpass::store::Store;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;

use crate::support::{Ask, House, Key, ORDERS, Program, SHOP, TestDatabase, Token, settings_in};

/// How often each kind of work is killed: `HALLPASS_TEST_CRASH_ROUNDS`, or few enough for a daily run.
fn rounds() -> u32 {
    std::env::var("HALLPASS_TEST_CRASH_ROUNDS").map_or(12, |rounds| rounds.parse().expect("a number of rounds"))
}

fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).unwrap();
    u64::from_be_bytes(bytes) % below
}

/// Runs a command and kills it at some moment, or lets it end if that comes first. What it answered, if it did.
async fn killed(program: &Program) -> Option<Value> {
    let mut child: Child = program.spawn();
    tokio::time::sleep(Duration::from_micros(random(70_000))).await;
    let _ = child.kill();
    let mut answer = String::new();
    child.stdout.take().unwrap().read_to_string(&mut answer).unwrap();
    child.wait().unwrap();
    serde_json::from_str(&answer).ok()
}

fn key_of(answer: &Value) -> Key {
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Key { id: text("id"), text: text("key") }
}

#[tokio::test]
async fn a_key_that_was_shown_is_there_whenever_its_making_is_killed() {
    let (house, _) = House::with_shop().await;
    let mut shown = Vec::new();
    let arguments = ["keys", "create", SHOP, "--name", "crash", "--scope", "orders:read", "--json"];
    for _ in 0..rounds() {
        shown.extend(killed(&Program::beside(&house, &arguments)).await.map(|answer| key_of(&answer)));
    }

    let house = house.restart().await;

    let there: HashSet<String> =
        house.flows.list_keys(Some(SHOP)).await.unwrap().into_iter().map(|(row, _)| row.id).collect();
    for key in shown {
        assert!(there.contains(&key.id));
        assert_eq!(house.exchange(&key, &[]).await.status, 200);
    }
    assert_eq!(house.exchange(&house.key(SHOP, &[]).await, &[]).await.status, 200, "and new ones can be made");
}

#[tokio::test]
async fn a_rotation_of_keys_is_whole_or_not_there_whenever_it_is_killed() {
    let (house, mut key) = House::with_shop().await;
    for _ in 0..rounds() {
        let answer = killed(&Program::beside(&house, &["keys", "rotate", &key.id, "--json"])).await;

        let rows = house.flows.list_keys(Some(SHOP)).await.unwrap();
        let old = rows.iter().find(|(row, _)| row.id == key.id).unwrap().0.clone();
        let successor = rows.iter().map(|(row, _)| row).find(|row| row.rotated_from.as_ref() == Some(&key.id));
        assert_eq!(old.rotated_to.as_ref(), successor.map(|row| &row.id), "both or neither");
        match answer {
            Some(answer) => {
                assert_eq!(old.rotated_to.as_deref(), answer["id"].as_str());
                key = key_of(&answer);
            }
            // Whose text nobody saw is of no use.
            None if old.rotated_to.is_some() => key = house.key(SHOP, &[]).await,
            None => {}
        }
        assert_eq!(house.exchange(&key, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn a_revocation_that_was_answered_lasts_whenever_it_is_killed() {
    let (house, _) = House::with_shop().await;
    let mut revoked = Vec::new();
    for _ in 0..rounds() {
        let key = house.key(SHOP, &[]).await;
        let answer =
            killed(&Program::beside(&house, &["keys", "revoke", &key.id, "--reason", "crash", "--json"])).await;

        let row = house.flows.find_key(&key.id).await.unwrap().0;
        assert_eq!(row.revoked_at.is_some(), row.revoked_reason.is_some(), "no half a revocation");
        if answer.is_some() {
            assert_eq!(row.revoked_reason.as_deref(), Some("crash"));
        }
        if row.revoked_at.is_some() {
            revoked.push(key);
        }
    }

    let house = house.restart().await;

    for key in revoked {
        assert_eq!(house.exchange(&key, &[]).await.status, 401);
    }
}

#[tokio::test]
async fn a_replacement_of_the_root_key_loses_nothing_whenever_it_is_killed() {
    let (house, key) = House::with_shop().await;
    for profile in ["compat", "modern"] {
        let wish = ResourceWish { profile: Some(profile.to_owned()), ..ResourceWish::default() };
        house.flows.create_resource(&format!("https://{profile}.example"), &wish).await.unwrap();
    }
    for _ in 0..3 {
        house.flows.rotate_pepper().await.unwrap();
    }
    house.flows.rotate_signing_keys().await.unwrap();
    let jwks = house.send(&Ask::get("/.well-known/jwks.json")).await;
    let token = house.exchange(&key, &[]).await.token();
    let rotate = Program::beside(&house, &["root-key", "rotate", "--json"]);

    for _ in 0..rounds() {
        killed(&rotate).await;

        let listed = Program::beside(&house, &["signing-keys", "list", "--json"]).good().await;
        assert!(listed.json().as_array().unwrap().len() >= 6, "every seal opens");
    }
    assert!(house.verify(&token, ORDERS).await.is_ok());

    let done = rotate.good().await.json();
    let left = house.flows.store().list_sealed_by_others(done["root_key"].as_str().unwrap()).await.unwrap();
    assert!(left.is_empty());
    fs::remove_file(house.path().join("keys/root.key.previous")).unwrap();
    let house = house.restart().await;
    assert_eq!(house.exchange(&key, &[]).await.status, 200);
    assert_eq!(house.send(&Ask::get("/.well-known/jwks.json")).await.body, jwks.body);
}

#[tokio::test]
async fn a_migration_is_whole_or_not_there_whenever_it_is_killed() {
    for _ in 0..rounds() {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::fresh(folder.path()).await;
        let up = Program::new(folder.path(), &["database", "up", "--json"]).on(&database);

        killed(&up).await;

        let store = Store::open(database.url(), 0).await.unwrap();
        let pending = store.pending_migrations().await.unwrap();
        let all = migration::steps();
        assert!([0, all].contains(&pending), "{pending} of {all} steps are pending");
        store.close().await;
        up.good().await;
        let mut settings = settings_in(folder.path());
        settings.database.url = database.url().to_owned().into();
        hallpass::flow::Vault::new(&settings).make().unwrap();
        let flows = hallpass::app::open(&settings, Clock::System).await.unwrap();
        assert_eq!(flows.list_apps().await.unwrap(), []);
        flows.store().close().await;
    }
}

#[tokio::test]
async fn signing_keys_are_one_of_a_kind_whenever_their_rotation_is_killed() {
    let (house, key) = House::with_shop().await;
    for round in 0..rounds() {
        let emergency: &[&str] = if round % 2 == 0 { &["--emergency"] } else { &[] };
        let arguments = [&["signing-keys", "rotate", "--json"], emergency].concat();
        killed(&Program::beside(&house, &arguments)).await;

        let keys = house.flows.list_signing_keys().await.unwrap();
        let count = |state: &str| keys.iter().filter(|(_, key)| key.state.as_str() == state).count();
        assert_eq!(count("active"), 1);
        assert!(count("next") <= 1);
    }

    let house = house.restart().await;

    let token = house.exchange(&key, &[]).await.token();
    assert!(house.verify(&token, ORDERS).await.is_ok());
}

#[tokio::test]
async fn a_server_killed_under_load_comes_back_and_its_tokens_still_verify() {
    let (house, key) = House::with_shop().await;
    let mut exchanges = 0;
    for _ in 0..rounds().div_ceil(4) {
        let server = Program::serve(house.path()).on(&house.database).start().await;
        let mut tokens = Vec::new();
        for _ in 0..20 + random(40) {
            tokens.push(server.send(&Ask::exchange(&key, &[])).await.token());
        }
        exchanges += tokens.len();
        server.kill();

        let server = Program::serve(house.path()).on(&house.database).start().await;
        let jwks = server.send(&Ask::get("/.well-known/jwks.json")).await.json();
        for token in &tokens {
            let kid = &Token::read(token).header["kid"];
            assert!(jwks["keys"].as_array().unwrap().iter().any(|key| &key["kid"] == kid), "its key is still there");
        }
    }

    let uses = house.flows.find_key(&key.id).await.unwrap().1.map_or(0, |usage| usage.uses);
    assert!(usize::try_from(uses).unwrap() <= exchanges, "an interval may be lost, and none is counted twice");
}
