//! Signing keys: each step of the ring is one verb, and of several nodes that try it one succeeds.
//!
//! What is done because of what was read (`seen`: the last place in the change log before the reading) is done only while
//! that is still so: else `Gone`.

use entity::signing_key::{Column, Entity, Model};
use hallpass_verifier::Algorithm;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, UpdateMany};

use super::change::Changing;
use super::timed::Transaction;
use super::{ChangeKind, Store, StoreError};
use crate::credential::Sealed;
use crate::token::PublicKey;
use crate::token::schedule::{Key, State};

/// Changes of these kinds may make another step due than the one that was.
const WHAT_DECIDES: [ChangeKind; 3] = [ChangeKind::SigningKey, ChangeKind::Resource, ChangeKind::App];

/// A key pair that was just made.
#[derive(Clone, Debug)]
pub struct NewSigningKey {
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Its public half.
    pub public: PublicKey,
    /// Its private half, sealed.
    pub sealed: Sealed,
}

impl Store {
    /// All signing keys, the newest first.
    pub async fn list_signing_keys(&self) -> Result<Vec<Model>, StoreError> {
        let rows = Entity::find().order_by_desc(Column::CreatedAt).order_by_asc(Column::Kid);
        Ok(rows.all(self.reader("list_signing_keys")?).await?)
    }

    /// Adds a key that waits until `due`; `Exists` when one of its kind waits already.
    pub async fn insert_next_signing_key(
        &self,
        now: i64,
        seen: i64,
        key: NewSigningKey,
        due: i64,
    ) -> Result<(), StoreError> {
        let mut change = self.change("insert_next_signing_key").await?;
        change.still_at(seen, &WHAT_DECIDES).await?;
        insert(&mut change, now, row(now, key, "next", due, None)).await?;
        change.commit().await
    }

    /// Adds a key that signs at once; `Exists` when one of its kind signs already.
    pub async fn insert_active_signing_key(&self, now: i64, key: NewSigningKey) -> Result<(), StoreError> {
        let mut change = self.change("insert_active_signing_key").await?;
        insert(&mut change, now, row(now, key, "active", now, Some(now))).await?;
        change.commit().await
    }

    /// Lets the waiting key `kid` sign and the one that signed retire, both or neither; `Gone` when it waits no more.
    pub async fn promote_signing_key(&self, now: i64, kid: &str, algorithm: Algorithm) -> Result<(), StoreError> {
        let mut change = self.change("promote_signing_key").await?;
        if Entity::find_by_id(kid).one(&change.txn).await?.is_none_or(|key| key.state != "next") {
            return Err(StoreError::Gone);
        }
        let retire = Entity::update_many()
            .col_expr(Column::State, Expr::value("retiring"))
            .col_expr(Column::RetiringAt, Expr::value(now))
            .filter(Column::Algorithm.eq(algorithm.as_str()))
            .filter(Column::State.eq("active"));
        retire.exec(&change.txn).await?;
        let promote = Entity::update_many()
            .col_expr(Column::State, Expr::value("active"))
            .col_expr(Column::ActiveAt, Expr::value(now))
            .filter(Column::Kid.eq(kid));
        promote.exec(&change.txn).await?;
        change.record(now, ChangeKind::SigningKey, kid).await?;
        change.commit().await
    }

    /// Says that the waiting key `kid` shall sign from `due` on.
    pub async fn mark_signing_key_due(&self, now: i64, kid: &str, due: i64) -> Result<(), StoreError> {
        let mut change = self.change("mark_signing_key_due").await?;
        let update = Entity::update_many().col_expr(Column::DueAt, Expr::value(due));
        let changed = update.filter(Column::Kid.eq(kid)).filter(Column::State.eq("next")).exec(&change.txn).await?;
        if changed.rows_affected == 0 {
            return Err(StoreError::Gone);
        }
        change.record(now, ChangeKind::SigningKey, kid).await?;
        change.commit().await
    }

    /// Lets a key stop signing; one that only waited is gone at once.
    pub async fn mark_signing_key_stopped(&self, now: i64, seen: i64, kid: &str) -> Result<(), StoreError> {
        let mut change = self.change("mark_signing_key_stopped").await?;
        change.still_at(seen, &WHAT_DECIDES).await?;
        let stop = Entity::update_many()
            .col_expr(Column::State, Expr::value("retiring"))
            .col_expr(Column::RetiringAt, Expr::value(now));
        stop.filter(Column::Kid.eq(kid)).filter(Column::State.eq("active")).exec(&change.txn).await?;
        retire(&change.txn, now, Condition::all().add(Column::Kid.eq(kid)).add(Column::State.eq("next"))).await?;
        change.record(now, ChangeKind::SigningKey, kid).await?;
        change.commit().await
    }

    /// Takes a retiring key out of the JWKS and forgets its private half.
    pub async fn mark_signing_key_retired(&self, now: i64, kid: &str) -> Result<(), StoreError> {
        let mut change = self.change("mark_signing_key_retired").await?;
        retire(&change.txn, now, Condition::all().add(Column::Kid.eq(kid)).add(Column::State.eq("retiring"))).await?;
        change.record(now, ChangeKind::SigningKey, kid).await?;
        change.commit().await
    }

    /// Withdraws every key and lets `keys` (one of each kind) sign at once, all in one. Returns how many were withdrawn.
    pub async fn replace_signing_keys(&self, now: i64, keys: Vec<NewSigningKey>) -> Result<u64, StoreError> {
        let mut change = self.change("replace_signing_keys").await?;
        let withdrawn = retire(&change.txn, now, Condition::all().add(Column::State.ne("retired"))).await?;
        for key in keys {
            insert(&mut change, now, row(now, key, "active", now, Some(now))).await?;
        }
        change.commit().await?;
        Ok(withdrawn)
    }
}

/// What the schedule needs of a row.
impl TryFrom<&Model> for Key {
    type Error = StoreError;

    fn try_from(row: &Model) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt("signing key");
        let state = match (&*row.state, row.active_at, row.retiring_at, row.retired_at) {
            ("next", ..) => State::Next { since: row.created_at, due: row.due_at },
            ("active", Some(since), ..) => State::Active { since },
            ("retiring", _, Some(since), _) => State::Retiring { since },
            ("retired", .., Some(since)) => State::Retired { since },
            _ => return Err(corrupt()),
        };
        Ok(Self { kid: row.kid.clone(), algorithm: row.algorithm.parse().map_err(|_| corrupt())?, state })
    }
}

fn row(now: i64, key: NewSigningKey, state: &str, due_at: i64, active_at: Option<i64>) -> Model {
    Model {
        kid: key.public.kid,
        algorithm: key.algorithm.as_str().to_owned(),
        state: state.to_owned(),
        public_jwk: key.public.jwk,
        sealed_private: key.sealed.bytes,
        root_key_id: key.sealed.root_key_id,
        created_at: now,
        due_at,
        active_at,
        retiring_at: None,
        retired_at: None,
    }
}

async fn insert(change: &mut Changing<'_>, now: i64, row: Model) -> Result<(), StoreError> {
    let kid = row.kid.clone();
    Entity::insert(row.into_active_model()).exec_without_returning(&change.txn).await?;
    change.record(now, ChangeKind::SigningKey, &kid).await
}

async fn retire(txn: &Transaction, now: i64, which: Condition) -> Result<u64, StoreError> {
    let update: UpdateMany<Entity> = Entity::update_many()
        .col_expr(Column::State, Expr::value("retired"))
        .col_expr(Column::RetiredAt, Expr::value(now))
        .col_expr(Column::SealedPrivate, Expr::value(Vec::<u8>::new()));
    Ok(update.filter(which).exec(txn).await?.rows_affected)
}
