//! Changes: a transaction, its entries in the change log, and the caches that forget what it touched.

use std::sync::Arc;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, Set,
};

use super::timed::{Timed, Transaction};
use super::{Store, StoreError};
use entity::change;

/// PostgreSQL advisory locks. Who writes to the change log holds the first until the commit is visible, so that the
/// order of `seq` is the order of commits and a follower can't skip one that commits late.
const CHANGE_LOCK: i64 = 0x6861_6c6c_0001;
pub(super) const MIGRATION_LOCK: i64 = 0x6861_6c6c_0002;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// An API key.
    Key,
    /// An app.
    App,
    /// A resource.
    Resource,
    /// A signing key.
    SigningKey,
    /// A pepper.
    Pepper,
    /// A user.
    User,
}

impl ChangeKind {
    const ALL: [Self; 6] = [Self::Key, Self::App, Self::Resource, Self::SigningKey, Self::Pepper, Self::User];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::App => "app",
            Self::Resource => "resource",
            Self::SigningKey => "signing_key",
            Self::Pepper => "pepper",
            Self::User => "user",
        }
    }
}

/// One entry of the change log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place in the order of commits.
    pub seq: i64,
    /// What changed; `None` for a kind that only a newer version knows.
    pub kind: Option<ChangeKind>,
    /// Its id.
    pub subject: String,
}

/// A transaction that changes something: each change is recorded, and forgotten by the caches with the commit.
pub(super) struct Changing<'a> {
    store: &'a Store,
    pub(super) txn: Transaction,
    recorded: Vec<(ChangeKind, String)>,
}

impl Store {
    /// Begins to change something. Dropped without a commit, nothing has happened.
    pub(super) async fn change(&self, verb: &'static str) -> Result<Changing<'_>, StoreError> {
        self.count(verb)?;
        let txn = self.write.begin(Some(CHANGE_LOCK)).await?;
        Ok(Changing { store: self, txn, recorded: Vec::new() })
    }

    /// Begins to write what no cache holds. Dropped without a commit, nothing has happened.
    pub(super) async fn begin(&self, verb: &'static str) -> Result<Transaction, StoreError> {
        self.count(verb)?;
        Ok(self.write.begin(None).await?)
    }

    /// Where one statement writes what no cache holds.
    pub(super) fn writer(&self, verb: &'static str) -> Result<&Timed, StoreError> {
        self.count(verb)?;
        Ok(&self.write)
    }

    /// The last place in the change log, 0 when it is empty.
    pub async fn last_change(&self) -> Result<i64, StoreError> {
        let last = change::Entity::find().order_by_desc(change::Column::Seq).limit(1);
        Ok(self.read_log("last_change", last).await?.first().map_or(0, |entry| entry.seq))
    }

    /// The entries after place `seq`, in order; `None` when older ones than that were swept away meanwhile.
    pub async fn list_changes(&self, seq: i64, most: u64) -> Result<Option<Vec<Change>>, StoreError> {
        let later = change::Entity::find().filter(change::Column::Seq.gte(seq));
        let rows = self.read_log("list_changes", later.order_by_asc(change::Column::Seq).limit(most)).await?;
        // The follower's own place is still there unless somebody swept past it.
        let is_whole = match rows.first() {
            Some(first) => first.seq == seq.max(1),
            None => seq == 0,
        };
        Ok(is_whole.then(|| rows.into_iter().filter(|row| row.seq > seq).map(Change::from).collect()))
    }

    /// Reads the log though the database may be away: that is how it is found to be back.
    async fn read_log(
        &self,
        verb: &'static str,
        entries: Select<change::Entity>,
    ) -> Result<Vec<change::Model>, StoreError> {
        metrics::counter!("hallpass_store_calls_total", "verb" => verb).increment(1);
        let Some(line) = &self.log else { return Ok(entries.all(&self.read).await?) };
        let rows = line.ask(&entries.build(self.backend)).await?;
        Ok(rows.iter().map(|row| change::Model::from_query_result(row, "")).collect::<Result<_, _>>()?)
    }

    /// Drops the entries made before `before`, but for the newest.
    pub async fn sweep_changes(&self, before: i64) -> Result<u64, StoreError> {
        let last = self.last_change().await?;
        let swept = change::Entity::delete_many()
            .filter(change::Column::MadeAt.lt(before))
            .filter(change::Column::Seq.lt(last))
            .exec(self.writer("sweep_changes")?)
            .await?;
        Ok(swept.rows_affected)
    }

    /// Lets the caches forget what a change touched.
    pub fn forget(&self, kind: ChangeKind, subject: &str) {
        match kind {
            ChangeKind::Key => match subject.parse() {
                Ok(id) => self.keys.forget(&id),
                Err(_) => self.keys.forget_all(),
            },
            ChangeKind::App => self.apps.forget(&Arc::from(subject)),
            ChangeKind::Resource => self.apps.forget_all(),
            ChangeKind::User => self.users.forget(&Arc::from(subject)),
            ChangeKind::SigningKey | ChangeKind::Pepper => {}
        }
    }

    /// Lets the caches forget everything.
    pub fn forget_all(&self) {
        self.keys.forget_all();
        self.apps.forget_all();
        self.users.forget_all();
    }
}

impl Changing<'_> {
    /// Writes one change into the log.
    pub(super) async fn record(&mut self, now: i64, kind: ChangeKind, subject: &str) -> Result<(), StoreError> {
        let entry = change::ActiveModel {
            made_at: Set(now),
            kind: Set(kind.as_str().to_owned()),
            subject: Set(subject.to_owned()),
            ..Default::default()
        };
        entry.insert(&self.txn).await?;
        self.recorded.push((kind, subject.to_owned()));
        Ok(())
    }

    /// Fails with `Gone` when something of these kinds may have changed since place `seen`: what was decided then, perhaps
    /// long ago by a node that was stopped meanwhile, is not to be done now.
    pub(super) async fn still_at(&self, seen: i64, kinds: &[ChangeKind]) -> Result<(), StoreError> {
        let later = || change::Entity::find().filter(change::Column::Seq.gte(seen));
        let first = later().order_by_asc(change::Column::Seq).one(&self.txn).await?;
        let is_whole = first.map_or(0, |first| first.seq) == seen;
        let kinds = kinds.iter().map(|kind| kind.as_str());
        let newer = later().filter(change::Column::Seq.ne(seen)).filter(change::Column::Kind.is_in(kinds));
        if is_whole && newer.one(&self.txn).await?.is_none() { Ok(()) } else { Err(StoreError::Gone) }
    }

    /// Makes it so. The caches forget it even when the commit's outcome is unknown.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        let outcome = self.txn.commit().await;
        for (kind, subject) in &self.recorded {
            self.store.forget(*kind, subject);
        }
        outcome
    }
}

impl From<change::Model> for Change {
    fn from(row: change::Model) -> Self {
        let kind = ChangeKind::ALL.into_iter().find(|kind| kind.as_str() == row.kind);
        Self { seq: row.seq, kind, subject: row.subject }
    }
}
