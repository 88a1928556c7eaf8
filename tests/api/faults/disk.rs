//! The disk is full, or takes no writes any more: what can't be written is refused, all else goes on, and it works again
//! when there is room.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use hallpass::limit;
use tempfile::TempDir;

use super::assert_is_our_trouble;
use crate::support::alone::{is_alone, is_skipped, run};
use crate::support::{
    Ask, House, Key, Ledger, ORDER_SCOPES, ORDERS, Program, SHOP, Said, Server, by_flow, is_postgres, make, send,
    within,
};

const RECOVERY: Duration = Duration::from_secs(20);
/// More keys than fit into what SQLite has left when nothing more can be had.
const MANY: usize = 3_000;

/// A house, a server beside it, and their ledger, in one folder.
struct Place {
    house: House,
    server: Server,
    ledger: Ledger,
    warm: Key,
    cold: Key,
    /// Keys that somebody tries to revoke: the first refusal must not be the last.
    others: Vec<Key>,
}

impl Place {
    async fn open(folder: TempDir) -> Self {
        let house = House::within(folder).await;
        house.resource(ORDERS, &ORDER_SCOPES).await;
        house.app(SHOP, &ORDER_SCOPES, &[ORDERS]).await;
        let ledger = Ledger::default();
        let (warm, cold) = (make(&house.flows, &ledger, "warm").await, make(&house.flows, &ledger, "cold").await);
        let mut others = Vec::new();
        for number in 0..3 {
            others.push(make(&house.flows, &ledger, &format!("other-{number}")).await);
        }
        let server = Program::serve(house.path()).on(&house.database).start().await;
        let place = Self { house, server, ledger, warm, cold, others };
        place.mints(&place.warm).await;
        place
    }

    async fn mints(&self, key: &Key) {
        let reply = self.server.send(&Ask::exchange(key, &[])).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        self.ledger.minted(key);
    }

    async fn is_failing(&self, job: &str) -> bool {
        let numbers = send(self.server.metrics.unwrap(), &Ask::get("/metrics")).await;
        numbers.text().contains(&format!("hallpass_job_failing{{job=\"{job}\"}} 1"))
    }

    /// Nothing can be written: the server is told so, and so is whoever makes keys; it goes on with what it has.
    async fn refuses_to_write(&self) {
        for number in 0.. {
            assert!(number < MANY, "everything could be written");
            let name = format!("key-{number}");
            let made = by_flow(&self.house.flows, &name).await;
            self.ledger.made(&name, &made);
            if matches!(made, Said::No) {
                break;
            }
        }
        for key in &self.others {
            let revoke = Ask::form(&[("token", &key.text)]).at("/oauth/revoke").bearer(&key.text);
            assert_is_our_trouble(&self.server.send(&revoke).await);
            self.ledger.revoked(key, &Said::No);
        }
        let create = ["keys", "create", SHOP, "--name", "refused", "--json"];
        let refused = Program::beside(&self.house, &create).run().await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        self.ledger.made("refused", &Said::No);

        let began = std::time::Instant::now();
        while began.elapsed() < 2 * limit::FOLLOW_STALE {
            self.mints(&self.warm).await;
        }
        self.mints(&self.cold).await;
        let ready = self.server.send(&Ask::get("/readyz")).await;
        assert_eq!(ready.status, 200, "{ready:?}: {}", self.server.output());
        assert!(within(RECOVERY, async || self.is_failing("flush").await).await, "what was counted waits");
    }

    /// It can be written again: everyone goes on, without a restart, and nothing is lost.
    async fn goes_on(self) {
        let began = std::time::Instant::now();
        for number in 0..3 {
            let key = make(&self.house.flows, &self.ledger, &format!("again-{number}")).await;
            self.mints(&key).await;
            let revoke = Ask::form(&[("token", &key.text)]).at("/oauth/revoke").bearer(&key.text);
            assert_eq!(self.server.send(&revoke).await.status, 200);
            self.ledger.revoked(&key, &Said::Yes(()));
            assert_eq!(self.server.send(&Ask::exchange(&key, &[])).await.status, 401);
        }
        let written = began.elapsed();
        assert!(within(RECOVERY, async || !self.is_failing("flush").await).await, "what was counted is written");
        println!("disk: writes work after {written:.2?}, uses are written after {:.2?}", began.elapsed());
        assert_eq!(self.server.stop().await, Some(0));
        self.ledger.holds(&self.house.flows).await;
        self.ledger.counts(&self.house.flows).await;
    }
}

/// A small file system in a folder.
fn small() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(&["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder.path().to_str().unwrap()]);
    folder
}

/// Takes all the room that is left at `folder`, to the last byte.
fn fill(folder: &Path) -> PathBuf {
    let path = folder.join("filler");
    let mut filler = File::create(&path).unwrap();
    for size in [64 * 1024, 4096, 1] {
        while filler.write_all(&vec![0; size]).is_ok() {}
    }
    path
}

#[tokio::test]
async fn a_full_disk_refuses_what_can_not_be_written_and_loses_nothing() {
    if is_postgres()
        || !is_alone("faults::disk::a_full_disk_refuses_what_can_not_be_written_and_loses_nothing", &["--mount"])
    {
        return;
    }
    let place = Place::open(small()).await;

    let filler = fill(place.house.path());
    place.refuses_to_write().await;
    std::fs::remove_file(filler).unwrap();

    place.goes_on().await;
}

/// The files of a database that can't be written, as on a file system that the kernel has made read-only; until this goes.
struct ReadOnly(PathBuf);

impl ReadOnly {
    fn files(folder: &Path) -> Option<Self> {
        let files = Self(folder.to_owned());
        files.change("+i").then_some(files)
    }

    fn change(&self, how: &str) -> bool {
        let files = ["hallpass.db", "hallpass.db-wal"].map(|name| self.0.join(name));
        Command::new("chattr").arg(how).args(files).status().is_ok_and(|status| status.success())
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        self.change("-i");
    }
}

#[tokio::test]
async fn files_that_can_not_be_written_any_more_stop_no_exchange_and_lose_nothing() {
    if is_postgres() {
        return;
    }
    let place = Place::open(tempfile::tempdir().unwrap()).await;

    let Some(files) = ReadOnly::files(place.house.path()) else {
        is_skipped("files can't be made immutable here");
        return;
    };
    place.refuses_to_write().await;
    drop(files);

    place.goes_on().await;
}

#[tokio::test]
async fn who_starts_on_a_read_only_disk_says_so_and_starts_when_it_is_not() {
    if is_postgres()
        || !is_alone("faults::disk::who_starts_on_a_read_only_disk_says_so_and_starts_when_it_is_not", &["--mount"])
    {
        return;
    }
    let folder = small();
    let at = folder.path().to_str().unwrap().to_owned();
    let mut house = House::within(folder).await;
    let key = house.furnish().await;
    house.stop().await;

    run(&["mount", "-o", "remount,ro", &at]);
    let outcome = Program::serve(house.path()).on(&house.database).run().await;
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("can't be written: Read-only"), "{outcome:?}");

    run(&["mount", "-o", "remount,rw", &at]);
    let server = Program::serve(house.path()).on(&house.database).start().await;
    assert_eq!(server.send(&Ask::exchange(&key, &[])).await.status, 200);
}
