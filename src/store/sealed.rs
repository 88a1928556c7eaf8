//! Everything that a root key sealed, for a rotation of root keys to seal anew.

use entity::{pepper, provider, signing_key};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{ChangeKind, Store, StoreError};
use crate::credential::{Purpose, Sealed};

/// Which table a sealed value stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedTable {
    /// The peppers.
    Pepper,
    /// The signing keys.
    SigningKey,
    /// The providers.
    Provider,
}

/// A sealed value and where it stands.
#[derive(Clone, Debug)]
pub struct SealedRow {
    /// In which table.
    pub table: SealedTable,
    /// Under which id; the seal is bound to it.
    pub id: String,
    /// The value.
    pub sealed: Sealed,
}

impl SealedRow {
    /// What the value was sealed for.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        match self.table {
            SealedTable::Pepper => Purpose::Pepper,
            SealedTable::SigningKey => Purpose::SigningKey,
            SealedTable::Provider => Purpose::ProviderSecret,
        }
    }
}

impl Store {
    /// Every value that another root key than `root_key_id` sealed.
    pub async fn list_sealed_by_others(&self, root_key_id: &str) -> Result<Vec<SealedRow>, StoreError> {
        let db = self.reader("list_sealed_by_others")?;
        let peppers = pepper::Entity::find().filter(pepper::Column::RootKeyId.ne(root_key_id)).all(db).await?;
        let keys = signing_key::Entity::find()
            .filter(signing_key::Column::RootKeyId.ne(root_key_id))
            .filter(signing_key::Column::RetiredAt.is_null())
            .all(db)
            .await?;
        let peppers = peppers.into_iter().map(|row| SealedRow {
            table: SealedTable::Pepper,
            id: row.id.to_string(),
            sealed: Sealed { root_key_id: row.root_key_id, bytes: row.sealed },
        });
        let keys = keys.into_iter().map(|row| SealedRow {
            table: SealedTable::SigningKey,
            id: row.kid,
            sealed: Sealed { root_key_id: row.root_key_id, bytes: row.sealed_private },
        });
        let providers = provider::Entity::find().filter(provider::Column::RootKeyId.ne(root_key_id)).all(db).await?;
        let providers = providers.into_iter().filter_map(|row| {
            let sealed = Sealed { root_key_id: row.root_key_id?, bytes: row.sealed_secret? };
            Some(SealedRow { table: SealedTable::Provider, id: row.name, sealed })
        });
        Ok(peppers.chain(keys).chain(providers).collect())
    }

    /// Replaces a sealed value by the same under another root key, unless it changed since it was listed.
    pub async fn mark_resealed(&self, now: i64, old: &SealedRow, new: Sealed) -> Result<(), StoreError> {
        let mut change = self.change("mark_resealed").await?;
        let kind = match old.table {
            SealedTable::Pepper => {
                pepper::Entity::update_many()
                    .col_expr(pepper::Column::Sealed, Expr::value(new.bytes))
                    .col_expr(pepper::Column::RootKeyId, Expr::value(new.root_key_id))
                    .filter(pepper::Column::Id.eq(old.id.parse::<i64>().map_err(|_| StoreError::Corrupt("pepper"))?))
                    .filter(pepper::Column::RootKeyId.eq(old.sealed.root_key_id.as_str()))
                    .exec(&change.txn)
                    .await?;
                Some(ChangeKind::Pepper)
            }
            SealedTable::SigningKey => {
                signing_key::Entity::update_many()
                    .col_expr(signing_key::Column::SealedPrivate, Expr::value(new.bytes))
                    .col_expr(signing_key::Column::RootKeyId, Expr::value(new.root_key_id))
                    .filter(signing_key::Column::Kid.eq(old.id.as_str()))
                    .filter(signing_key::Column::RootKeyId.eq(old.sealed.root_key_id.as_str()))
                    .filter(signing_key::Column::RetiredAt.is_null())
                    .exec(&change.txn)
                    .await?;
                Some(ChangeKind::SigningKey)
            }
            SealedTable::Provider => {
                provider::Entity::update_many()
                    .col_expr(provider::Column::SealedSecret, Expr::value(new.bytes))
                    .col_expr(provider::Column::RootKeyId, Expr::value(new.root_key_id))
                    .filter(provider::Column::Name.eq(old.id.as_str()))
                    .filter(provider::Column::SealedSecret.eq(old.sealed.bytes.clone()))
                    .exec(&change.txn)
                    .await?;
                // Nothing keeps it in memory.
                None
            }
        };
        if let Some(kind) = kind {
            change.record(now, kind, &old.id).await?;
        }
        change.commit().await
    }
}
