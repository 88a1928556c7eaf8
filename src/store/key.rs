//! API keys: found from memory on the hot path, changed one at a time.

use entity::api_key::{Column, Entity, Model};
use entity::key_usage;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, UpdateMany};

use super::key_record::KeptKey;
use super::{ChangeKind, KeyRecord, Store, StoreError};
use crate::credential::{KeyId, SecretHash};

/// A key that takes over from another.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The new key; its `rotated_from` names the old one.
    pub successor: Model,
    /// When the old key ends.
    pub old_ends_at: i64,
    /// Why and by whom the old key is revoked at once instead: a leak has no overlap.
    pub revoked: Option<(String, String)>,
}

impl Store {
    /// What the hot path needs of the key `id`: from memory when it was asked for before.
    pub async fn find_key_record(&self, id: KeyId) -> Result<Option<KeyRecord>, StoreError> {
        let kept = self.cached(&self.keys, &id, || self.load_key(id)).await?;
        Ok(kept.map(|kept| kept.record(id)))
    }

    async fn load_key(&self, id: KeyId) -> Result<Option<KeptKey>, StoreError> {
        self.find_key(id.as_str()).await?.map(|row| KeptKey::new(row, &self.terms)).transpose()
    }

    /// The key `id`, as the database has it.
    pub async fn find_key(&self, id: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(id).one(self.reader("find_key")?).await?)
    }

    /// All keys, or those of one app, oldest first, each with its uses.
    pub async fn list_keys(
        &self,
        client_id: Option<&str>,
    ) -> Result<Vec<(Model, Option<key_usage::Model>)>, StoreError> {
        let mut keys = Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Id);
        if let Some(client_id) = client_id {
            keys = keys.filter(Column::ClientId.eq(client_id));
        }
        let keys = keys.all(self.reader("list_keys")?).await?;
        let mut uses = self.list_usage(client_id).await?;
        Ok(keys
            .into_iter()
            .map(|key| {
                let usage = uses.remove(&key.id);
                (key, usage)
            })
            .collect())
    }

    /// The keys of one person, newest first, each with its uses.
    pub async fn list_keys_of(&self, owner_id: &str) -> Result<Vec<(Model, Option<key_usage::Model>)>, StoreError> {
        let keys = Entity::find().filter(Column::OwnerId.eq(owner_id)).order_by_desc(Column::CreatedAt);
        let keys = keys.order_by_asc(Column::Id).all(self.reader("list_keys_of")?).await?;
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            let usage = self.find_usage(&key.id).await?;
            found.push((key, usage));
        }
        Ok(found)
    }

    /// Ids that begin with `start`, `most` of them.
    pub async fn list_key_ids(&self, start: &str, most: u64) -> Result<Vec<String>, StoreError> {
        let ids = Entity::find().select_only().column(Column::Id).filter(Column::Id.starts_with(start)).limit(most);
        Ok(ids.into_tuple().all(self.reader("list_key_ids")?).await?)
    }

    /// Adds a key; `Referred` when its app is not there.
    pub async fn insert_key(&self, now: i64, row: Model) -> Result<(), StoreError> {
        let mut change = self.change("insert_key").await?;
        let id = row.id.clone();
        Entity::insert(row.into_active_model()).exec_without_returning(&change.txn).await?;
        change.record(now, ChangeKind::Key, &id).await?;
        change.commit().await
    }

    /// Adds the successor of a key and ends the old one, both or neither; `Gone` when the old one was revoked or
    /// rotated already.
    pub async fn rotate_key(&self, now: i64, rotation: Rotation) -> Result<(), StoreError> {
        let mut change = self.change("rotate_key").await?;
        let successor = rotation.successor;
        let old_id = successor.rotated_from.clone().unwrap_or_default();
        let new_id = successor.id.clone();
        let mut old = Entity::update_many()
            .col_expr(Column::RotatedTo, Expr::value(new_id.as_str()))
            .col_expr(Column::ExpiresAt, Expr::value(rotation.old_ends_at));
        if let Some((reason, by)) = rotation.revoked {
            old = revoked(old, now, &reason, &by);
        }
        let changed = old
            .filter(Column::Id.eq(old_id.as_str()))
            .filter(Column::RevokedAt.is_null())
            .filter(Column::RotatedTo.is_null())
            .exec(&change.txn)
            .await?;
        if changed.rows_affected == 0 {
            return Err(StoreError::Gone);
        }
        Entity::insert(successor.into_active_model()).exec_without_returning(&change.txn).await?;
        change.record(now, ChangeKind::Key, &new_id).await?;
        change.record(now, ChangeKind::Key, &old_id).await?;
        change.commit().await
    }

    /// Switches a key off at `now`, or on again; `Gone` when it is not there or revoked.
    pub async fn mark_key_disabled(&self, now: i64, id: &str, is_disabled: bool) -> Result<(), StoreError> {
        let update = Entity::update_many().col_expr(Column::DisabledAt, Expr::value(is_disabled.then_some(now)));
        self.change_living_key("mark_key_disabled", now, id, update).await
    }

    /// Kills a key for good; `Gone` when it is not there or revoked already.
    pub async fn mark_key_revoked(&self, now: i64, id: &str, reason: &str, by: &str) -> Result<(), StoreError> {
        self.change_living_key("mark_key_revoked", now, id, revoked(Entity::update_many(), now, reason, by)).await
    }

    /// Moves a key to another pepper, unless somebody else did meanwhile.
    pub async fn mark_key_rehashed(
        &self,
        now: i64,
        id: KeyId,
        old_pepper: i64,
        new_pepper: i64,
        hash: &SecretHash,
    ) -> Result<(), StoreError> {
        let update = Entity::update_many()
            .col_expr(Column::SecretHash, Expr::value(hash.to_vec()))
            .col_expr(Column::PepperId, Expr::value(new_pepper))
            .filter(Column::PepperId.eq(old_pepper));
        self.change_living_key("mark_key_rehashed", now, id.as_str(), update).await
    }

    async fn change_living_key(
        &self,
        verb: &'static str,
        now: i64,
        id: &str,
        update: UpdateMany<Entity>,
    ) -> Result<(), StoreError> {
        let mut change = self.change(verb).await?;
        let update = update.filter(Column::Id.eq(id)).filter(Column::RevokedAt.is_null());
        if update.exec(&change.txn).await?.rows_affected == 0 {
            return Err(StoreError::Gone);
        }
        change.record(now, ChangeKind::Key, id).await?;
        change.commit().await
    }
}

fn revoked(update: UpdateMany<Entity>, now: i64, reason: &str, by: &str) -> UpdateMany<Entity> {
    update
        .col_expr(Column::RevokedAt, Expr::value(now))
        .col_expr(Column::RevokedReason, Expr::value(reason))
        .col_expr(Column::RevokedBy, Expr::value(by))
}
