//! Node by node from the version before to this one, under load: nobody who asks for a token notices.
//!
//! Runs only where `TEST_PREVIOUS` says where the program of the version before is (`tests/run upgrade`).

mod balancer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hallpass::store::Store;
use tempfile::TempDir;

use crate::support::{Ask, Key, ORDERS, Program, SHOP, Server, TestDatabase, is_postgres, within};
use balancer::Balancer;

const SECOND: Duration = Duration::from_secs(1);

/// What the nodes of both versions share.
struct Place {
    folder: TempDir,
    database: TestDatabase,
    previous: PathBuf,
}

#[derive(Clone, Copy, Debug)]
enum Version {
    Old,
    New,
}

impl Place {
    fn program(&self, version: Version, arguments: &[&str]) -> Program {
        self.by(version, Program::new(self.folder.path(), arguments).on(&self.database))
    }

    fn by(&self, version: Version, program: Program) -> Program {
        match version {
            Version::Old => program.by(&self.previous),
            Version::New => program,
        }
    }

    async fn start(&self, version: Version) -> Server {
        self.by(version, Program::serve(self.folder.path()).on(&self.database)).start().await
    }

    async fn key(&self, version: Version) -> Key {
        let arguments = ["keys", "create", SHOP, "--name", "test", "--scope", "orders:read", "--json"];
        let made = self.program(version, &arguments).good().await.json();
        Key { id: made["id"].as_str().unwrap().to_owned(), text: made["key"].as_str().unwrap().to_owned() }
    }
}

/// Makes, shows, rotates and revokes keys by the command line of a version; each node learns of it within a second.
async fn change_keys(place: &Place, version: Version, nodes: &[&Server]) {
    let key = place.key(version).await;
    let settles = async |key: &Key, status: u16| {
        for node in nodes {
            let is_so = async || node.send(&Ask::exchange(key, &[])).await.status == status;
            assert!(within(SECOND, is_so).await, "by {version:?}: not {status} at {}", node.address);
        }
    };
    settles(&key, 200).await;
    let rotated = place.program(version, &["keys", "rotate", &key.id, "--overlap", "0s", "--json"]).good().await.json();
    let next =
        Key { id: rotated["id"].as_str().unwrap().to_owned(), text: rotated["key"].as_str().unwrap().to_owned() };
    settles(&key, 401).await;
    settles(&next, 200).await;
    place.program(version, &["keys", "revoke", &next.id, "--reason", "lost"]).good().await;
    settles(&next, 401).await;
}

/// A place as the version before leaves it.
async fn place(previous: &Path) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::fresh(folder.path()).await;
    let place = Place { folder, database, previous: previous.to_owned() };
    for arguments in [
        &["root-key", "new"][..],
        &["database", "up"],
        &["resources", "create", ORDERS, "--scope", "orders:read"],
        &["apps", "create", SHOP, "--scope", "orders:read", "--resource", ORDERS],
    ] {
        place.program(Version::Old, arguments).good().await;
    }
    place
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_node_by_node_fails_no_exchange_and_both_versions_hear_of_each_other() {
    let Some(previous) = std::env::var_os("TEST_PREVIOUS").map(PathBuf::from) else {
        eprintln!("TEST_PREVIOUS does not say where the version before is: NOBODY UPGRADED");
        return;
    };
    assert!(is_postgres(), "several nodes are for PostgreSQL");
    let programs =
        [previous.as_path(), Path::new(env!("CARGO_BIN_EXE_hallpass"))].map(|path| std::fs::read(path).unwrap());
    assert!(programs[0] != programs[1], "these are two versions");
    let place = place(&previous).await;
    let (old_a, old_b) = (place.start(Version::Old).await, place.start(Version::Old).await);
    let key = place.key(Version::Old).await;
    let balancer = Arc::new(Balancer::new(&[&old_a, &old_b]));
    let load = balancer.load(&key, 3);
    change_keys(&place, Version::Old, &[&old_a, &old_b]).await;

    let new_a = place.start(Version::New).await;
    balancer.replace(&old_a, &new_a).await;
    assert_eq!(old_a.stop().await, Some(0));
    for version in [Version::Old, Version::New] {
        change_keys(&place, version, &[&old_b, &new_a]).await;
        place.program(version, &["signing-keys", "rotate"]).good().await;
    }

    // A machine reboots in the middle of it: the old version finds tables that a newer one has changed.
    let again = place.start(Version::Old).await;
    balancer.replace(&old_b, &again).await;
    assert_eq!(old_b.stop().await, Some(0));
    for version in [Version::New, Version::Old] {
        change_keys(&place, version, &[&new_a, &again]).await;
    }

    let new_b = place.start(Version::New).await;
    balancer.replace(&again, &new_b).await;
    assert_eq!(again.stop().await, Some(0));
    change_keys(&place, Version::New, &[&new_a, &new_b]).await;

    let (exchanged, failures) = balancer.end(load).await;
    println!("{exchanged} exchanges while two nodes were upgraded");
    assert!(failures.is_empty(), "{failures:?}");
    assert!(exchanged > 100, "{exchanged}");
    let store = Store::open(place.database.url(), 0).await.unwrap();
    assert_eq!(store.pending_migrations().await.unwrap(), 0);
    store.close().await;
}
