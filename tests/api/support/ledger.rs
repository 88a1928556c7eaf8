//! A ledger: what was asked of the product and what it answered, held against the database afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use hallpass::flow::{Declined, Flows};
use hallpass::store::StoreError;

use super::{Key, SHOP};

/// What was said to a wish.
#[derive(Clone, Debug)]
pub(crate) enum Said<T> {
    /// Done.
    Yes(T),
    /// Not done.
    No,
    /// Nobody knows: the answer to the commit was lost, and the database did not come back in time to be asked.
    Perhaps,
}

/// All that was asked since it was opened. A key is rotated once at most, and revoked once at most.
#[derive(Default)]
pub(crate) struct Ledger(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    /// By the name that was asked for.
    made: BTreeMap<String, Said<Key>>,
    /// By the old key's id.
    rotated: BTreeMap<String, Said<Key>>,
    /// By id.
    revoked: BTreeMap<String, Said<()>>,
    /// Tokens bought, by id.
    minted: BTreeMap<String, i64>,
}

/// How much was asked: with a yes, with a no, with neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) yes: usize,
    pub(crate) no: usize,
    pub(crate) perhaps: usize,
    pub(crate) minted: i64,
}

impl<T> Said<T> {
    pub(crate) fn of(answer: Result<T, Declined>) -> Self {
        match answer {
            Ok(done) => Self::Yes(done),
            Err(Declined::Store(StoreError::Unknown(_))) => Self::Perhaps,
            Err(_) => Self::No,
        }
    }

    pub(crate) fn yes(self) -> Option<T> {
        if let Self::Yes(done) = self { Some(done) } else { None }
    }
}

impl Ledger {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().expect("the ledger")
    }

    pub(crate) fn made(&self, name: &str, said: &Said<Key>) {
        assert!(self.entries().made.insert(name.to_owned(), said.clone()).is_none(), "one key of a name");
    }

    pub(crate) fn rotated(&self, old: &Key, said: &Said<Key>) {
        assert!(self.entries().rotated.insert(old.id.clone(), said.clone()).is_none(), "rotated once");
    }

    pub(crate) fn revoked(&self, key: &Key, said: &Said<()>) {
        assert!(self.entries().revoked.insert(key.id.clone(), said.clone()).is_none(), "revoked once");
    }

    pub(crate) fn minted(&self, key: &Key) {
        *self.entries().minted.entry(key.id.clone()).or_default() += 1;
    }

    pub(crate) fn sum(&self) -> Sum {
        let entries = self.entries();
        let mut sum = Sum { minted: entries.minted.values().sum(), ..Sum::default() };
        let keys = entries.made.values().chain(entries.rotated.values()).map(kind);
        for said in keys.chain(entries.revoked.values().map(kind)) {
            match said {
                Said::Yes(()) => sum.yes += 1,
                Said::No => sum.no += 1,
                Said::Perhaps => sum.perhaps += 1,
            }
        }
        sum
    }

    /// Keys that must mint, and keys that must not.
    pub(crate) fn living_and_revoked(&self) -> (Vec<Key>, Vec<Key>) {
        let entries = self.entries();
        let all = entries.made.values().chain(entries.rotated.values());
        let mut known: Vec<Key> = all.filter_map(|said| said.clone().yes()).collect();
        known.retain(|key| !matches!(entries.revoked.get(&key.id), Some(Said::Perhaps)));
        known.into_iter().partition(|key| !matches!(entries.revoked.get(&key.id), Some(Said::Yes(()))))
    }

    /// Each key, rotation and revocation that was answered with a yes is there, none that was answered with a no, and
    /// none that nobody asked for.
    pub(crate) async fn holds(&self, flows: &Flows) {
        let rows = flows.list_keys(Some(SHOP)).await.expect("the keys");
        let entries = self.entries();
        let mut seen = BTreeSet::new();
        for (row, _) in &rows {
            let said = match &row.rotated_from {
                None => entries.made.get(&row.name),
                Some(old) => entries.rotated.get(old),
            };
            match said {
                Some(Said::Yes(key)) => assert_eq!(key.id, row.id, "one key where one was answered: {row:?}"),
                Some(Said::Perhaps) => {}
                Some(Said::No) => panic!("it was answered that this was not done: {row:?}"),
                None => panic!("nobody asked for this: {row:?}"),
            }
            if let Some(successor) = &row.rotated_to {
                let its_row = rows.iter().find(|(other, _)| other.id == *successor).map(|(other, _)| other);
                let from = its_row.and_then(|other| other.rotated_from.as_ref());
                assert_eq!(from, Some(&row.id), "half a rotation: {row:?}");
            }
            match entries.revoked.get(&row.id) {
                Some(Said::Yes(())) => assert!(row.revoked_at.is_some(), "a revocation is lost: {row:?}"),
                Some(Said::Perhaps) => {}
                Some(Said::No) | None => assert!(row.revoked_at.is_none(), "nobody was told of this: {row:?}"),
            }
            seen.insert(row.id.clone());
        }
        for said in entries.made.values().chain(entries.rotated.values()) {
            if let Said::Yes(key) = said {
                assert!(seen.contains(&key.id), "a key is lost: {key:?}");
            }
        }
    }

    /// Each token that was bought is counted, and none that was not.
    pub(crate) async fn counts(&self, flows: &Flows) {
        let (written, minted) = self.written_and_minted(flows).await;
        assert_eq!(written, minted, "uses that are written down, and tokens that were bought");
    }

    /// The same when the database was killed or silent in the moment in which counts were written: those may be written
    /// twice, and none is lost.
    pub(crate) async fn counts_all(&self, flows: &Flows) -> bool {
        let (written, minted) = self.written_and_minted(flows).await;
        minted.iter().all(|(id, count)| written.get(id).is_some_and(|uses| uses >= count))
    }

    async fn written_and_minted(&self, flows: &Flows) -> (BTreeMap<String, i64>, BTreeMap<String, i64>) {
        let rows = flows.list_keys(Some(SHOP)).await.expect("the keys");
        let written = rows.into_iter().filter_map(|(row, usage)| Some((row.id, usage?.uses))).collect();
        (written, self.entries().minted.clone())
    }
}

fn kind<T>(said: &Said<T>) -> Said<()> {
    match said {
        Said::Yes(_) => Said::Yes(()),
        Said::No => Said::No,
        Said::Perhaps => Said::Perhaps,
    }
}
