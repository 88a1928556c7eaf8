//! Uses of keys: counted in memory elsewhere, written here many at once.

use std::collections::HashMap;
use std::net::IpAddr;

use entity::api_key;
use entity::key_usage::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};

use super::{Store, StoreError};
use crate::credential::KeyId;

/// SQLite takes 32,766 values in a statement.
const ROWS_A_STATEMENT: usize = 5_000;

/// What one key did since the last flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// The key.
    pub key_id: KeyId,
    /// How many tokens it bought.
    pub count: u32,
    /// When it bought the last one.
    pub last_at: i64,
    /// From which address.
    pub last_from: IpAddr,
}

impl Store {
    /// Adds `uses` to what is written, in one statement (for each 5,000 keys).
    pub async fn record_uses(&self, uses: &[Use]) -> Result<(), StoreError> {
        for uses in uses.chunks(ROWS_A_STATEMENT) {
            metrics::counter!("hallpass_store_calls_total", "verb" => "record_uses").increment(1);
            let rows = uses.iter().map(|used| ActiveModel {
                key_id: Set(used.key_id.to_string()),
                uses: Set(i64::from(used.count)),
                last_used_at: Set(used.last_at),
                last_used_from: Set(used.last_from.to_string()),
            });
            let add = OnConflict::column(Column::KeyId)
                .value(Column::Uses, Expr::col((Entity, Column::Uses)).add(Expr::col(("excluded", Column::Uses))))
                .update_columns([Column::LastUsedAt, Column::LastUsedFrom])
                .to_owned();
            Entity::insert_many(rows).on_conflict(add).exec_without_returning(&self.write).await?;
        }
        Ok(())
    }

    /// The uses of one key.
    pub async fn find_usage(&self, key_id: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(key_id).one(self.reader("find_usage")).await?)
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
        let rows = rows.all(self.reader("list_usage")).await?;
        Ok(rows.into_iter().map(|row| (row.key_id.clone(), row)).collect())
    }
}
