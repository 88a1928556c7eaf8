//! Uses of keys: counted in memory elsewhere, written here many at once.

use std::collections::HashMap;
use std::net::IpAddr;

use entity::api_key;
use entity::key_usage::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::{Store, StoreError};
use crate::credential::KeyId;

/// How many keys' uses go into one statement: SQLite takes 32,766 values.
pub const USES_AT_ONCE: usize = 5_000;

/// What one key did since the last flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The key.
    pub key_id: KeyId,
    /// How many tokens it bought.
    pub count: u32,
    /// When it bought the last one.
    pub last_at: i64,
    /// From which address, if that could be told.
    pub last_from: Option<IpAddr>,
}

impl Store {
    /// Adds `uses` ([`USES_AT_ONCE`] at most) to what is written, in one statement, in the order of their ids: so two
    /// nodes never wait for each other. A use that is older than the last one written does not replace that.
    pub async fn record_uses(&self, uses: &mut [Use]) -> Result<(), StoreError> {
        uses.sort_unstable_by_key(|used| used.key_id);
        let rows = uses.iter().map(|used| ActiveModel {
            key_id: Set(used.key_id.to_string()),
            uses: Set(i64::from(used.count)),
            last_used_at: Set(used.last_at),
            last_used_from: Set(used.last_from.map_or_else(|| "unknown".to_owned(), |from| from.to_string())),
        });
        let new = |column| Expr::col(("excluded", column));
        let later = |column| {
            let is_later = new(Column::LastUsedAt).gte(Expr::col((Entity, Column::LastUsedAt)));
            Expr::case(is_later, new(column)).finally(Expr::col((Entity, column)))
        };
        let add = OnConflict::column(Column::KeyId)
            .value(Column::Uses, Expr::col((Entity, Column::Uses)).add(new(Column::Uses)))
            .value(Column::LastUsedFrom, later(Column::LastUsedFrom))
            .value(Column::LastUsedAt, later(Column::LastUsedAt))
            .to_owned();
        // Whether it was written is known at the end, so that no use is counted twice.
        let txn = self.begin("record_uses").await?;
        Entity::insert_many(rows).on_conflict(add).exec_without_returning(&txn).await?;
        txn.commit().await
    }

    /// The uses of one key.
    pub async fn find_usage(&self, key_id: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(key_id).one(self.reader("find_usage")?).await?)
    }

    /// The uses of all keys, or of one app's, by key.
    pub(super) async fn list_usage(&self, client_id: Option<&str>) -> Result<HashMap<String, Model>, StoreError> {
        let mut rows = Entity::find();
        if let Some(client_id) = client_id {
            let own = Query::select()
                .column(api_key::Column::Id)
                .from(api_key::Entity)
                .and_where(api_key::Column::ClientId.eq(client_id))
                .take();
            rows = rows.filter(Column::KeyId.in_subquery(own));
        }
        let rows = rows.all(self.reader("list_usage")?).await?;
        Ok(rows.into_iter().map(|row| (row.key_id.clone(), row)).collect())
    }
}
