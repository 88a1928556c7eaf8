//! Backups: taken from a running server, looked over, and begun with in a fresh place.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::{Ask, House, Key, ORDERS, Program, SHOP, TestDatabase, is_postgres};

/// A fresh folder that has the house's root key, and nothing else.
fn fresh(house: &House) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("keys")).unwrap();
    fs::copy(house.path().join("keys/root.key"), folder.path().join("keys/root.key")).unwrap();
    folder
}

fn restoring(folder: &Path, copy: &Path) -> Program {
    Program::new(folder, &["restore", "--json"]).argument(&copy.display().to_string())
}

#[tokio::test]
async fn a_copy_of_a_running_server_is_a_server_again() {
    if is_postgres() {
        return;
    }
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let token = house.exchange(&key, &[]).await.token();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copies of ours/today 100%.db");
    let writes = async {
        let mut keys: Vec<Key> = Vec::new();
        for _ in 0..40 {
            keys.push(house.key(SHOP, &["orders:read"]).await);
        }
        keys
    };

    let backup = Program::beside(&house, &["backup", "--json"]).argument(&copy.display().to_string());
    let (said, made) = tokio::join!(backup.good(), writes);
    let folder = fresh(&house);
    let restored = restoring(folder.path(), &copy).good().await.json();
    let other = Program::serve(folder.path()).start().await;
    let jwks = other.send(&Ask::get("/.well-known/jwks.json")).await;
    let exchanged = other.send(&Ask::exchange(&key, &[])).await;

    assert_eq!(
        (said.json()["secrets"].as_u64(), restored["pending"].as_u64()),
        (restored["secrets"].as_u64(), Some(0))
    );
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(copy.parent().unwrap()).unwrap().count(), 1, "nothing stands beside it");
    assert!(house.verify_with(&token, ORDERS, &jwks).await.is_ok(), "a token of before verifies with its keys");
    assert_eq!(exchanged.status, 200, "{exchanged:?}");
    assert_eq!(server.stop().await, Some(0));
    assert_eq!(made.len(), 40);
    for key in &made {
        assert_eq!(house.exchange(key, &[]).await.status, 200, "no write was lost beside the backup");
    }
}

#[tokio::test]
async fn what_is_there_stays_and_what_is_damaged_is_no_beginning() {
    if is_postgres() {
        return;
    }
    let (house, _) = House::with_shop().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    let backup = Program::beside(&house, &["backup", "--json"]).argument(&copy.display().to_string());
    backup.good().await;
    let bytes = fs::read(&copy).unwrap();

    let again = backup.run().await;
    let over = restoring(house.path(), &copy).variable("HALLPASS_DATABASE_URL", house.database.url()).run().await;
    let mut outcomes = Vec::new();
    let garbled: Vec<u8> = bytes.iter().enumerate().map(|(at, byte)| if at > 6000 { !byte } else { *byte }).collect();
    for (name, content) in
        [("cut", &bytes[..bytes.len() / 2]), ("garbled", &garbled), ("text", b"no database"), ("empty", b"")]
    {
        let file = elsewhere.path().join(name);
        fs::write(&file, content).unwrap();
        let folder = fresh(&house);
        outcomes.push((name, restoring(folder.path(), &file).run().await, folder));
    }
    let leftover = fresh(&house);
    fs::write(leftover.path().join("hallpass.db-wal"), b"of an earlier database").unwrap();
    let beside = restoring(leftover.path(), &copy).run().await;
    let stranger = tempfile::tempdir().unwrap();
    Program::new(stranger.path(), &["root-key", "new"]).good().await;
    outcomes.push(("another root key", restoring(stranger.path(), &copy).run().await, stranger));

    assert_eq!((again.code, over.code), (Some(1), Some(1)), "{again:?} {over:?}");
    assert_eq!(fs::read(&copy).unwrap(), bytes);
    assert!(beside.code == Some(1) && beside.stderr.contains("hallpass.db-wal"), "{beside:?}");
    assert!(!leftover.path().join("hallpass.db").exists());
    for (name, outcome, folder) in outcomes {
        assert_eq!(outcome.code, Some(1), "{name}: {outcome:?}");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["keys"], "{name}");
    }
}

#[tokio::test]
async fn a_dump_of_postgresql_is_a_server_again() {
    if !is_postgres() {
        return;
    }
    let (house, key) = House::with_shop().await;
    let token = house.exchange(&key, &[]).await.token();
    let folder = fresh(&house);
    let dump = folder.path().join("hallpass.dump").display().to_string();
    let other = TestDatabase::fresh(folder.path()).await;
    let run = async |program: &str, arguments: &[&str]| {
        let output = tokio::process::Command::new(program).args(arguments).output().await.unwrap();
        assert!(output.status.success(), "{program}: {output:?}");
    };

    run("pg_dump", &["--format=custom", &format!("--file={dump}"), house.database.url()]).await;
    run("pg_restore", &["--no-owner", &format!("--dbname={}", other.url()), &dump]).await;
    let server = Program::serve(folder.path()).on(&other).start().await;
    let jwks = server.send(&Ask::get("/.well-known/jwks.json")).await;
    let exchanged = server.send(&Ask::exchange(&key, &[])).await;

    assert_eq!(exchanged.status, 200, "{exchanged:?}");
    assert!(house.verify_with(&token, ORDERS, &jwks).await.is_ok());
}
