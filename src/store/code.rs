//! Authorization codes: opened with the family they lead to, spent once.

use entity::authorization_code::{Column, Entity, Model};
use entity::{refresh_token, token_family, user_grant};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::timed::Transaction;
use super::{Store, StoreError};

impl Store {
    /// Adds a code and the family it opens, both or neither.
    pub async fn open_code(&self, family: token_family::Model, code: Model) -> Result<(), StoreError> {
        let txn = self.begin("open_code").await?;
        token_family::Entity::insert(family.into_active_model()).exec_without_returning(&txn).await?;
        Entity::insert(code.into_active_model()).exec_without_returning(&txn).await?;
        txn.commit().await
    }

    /// The code `id` and its family.
    pub async fn find_code(&self, id: &str) -> Result<Option<(Model, token_family::Model)>, StoreError> {
        let Some(code) = Entity::find_by_id(id).one(self.reader("find_code")?).await? else { return Ok(None) };
        let family = self.find_family(&code.family_id).await?.ok_or(StoreError::Corrupt("code"))?;
        Ok(Some((code, family)))
    }

    /// Spends a code, and adds the first refresh token of its family if there shall be one; `Gone` when another was
    /// first, or when the code or the family has ended meanwhile.
    pub async fn spend_code(
        &self,
        now: i64,
        code: &Model,
        first: Option<refresh_token::Model>,
    ) -> Result<(), StoreError> {
        let txn = self.begin("spend_code").await?;
        let spent = Entity::update_many()
            .col_expr(Column::SpentAt, Expr::value(now))
            .filter(Column::Id.eq(code.id.as_str()))
            .filter(Column::SpentAt.is_null())
            .filter(Column::ExpiresAt.gt(now))
            .exec(&txn)
            .await?;
        if spent.rows_affected == 0 {
            return Err(StoreError::Gone);
        }
        touch_family(&txn, now, &code.family_id).await?;
        if let Some(first) = first {
            refresh_token::Entity::insert(first.into_active_model()).exec_without_returning(&txn).await?;
        }
        txn.commit().await
    }
}

/// Writes down that a family gave a token; `Gone` when it is dead.
pub(super) async fn touch_family(txn: &Transaction, now: i64, family_id: &str) -> Result<(), StoreError> {
    use token_family::Column as Family;
    let touched = token_family::Entity::update_many()
        .col_expr(Family::LastUsedAt, Expr::value(now))
        .filter(Family::Id.eq(family_id))
        .filter(Family::RevokedAt.is_null())
        .exec(txn)
        .await?;
    if touched.rows_affected == 0 {
        return Err(StoreError::Gone);
    }
    let grant = sea_orm::sea_query::Query::select()
        .column(Family::GrantId)
        .from(token_family::Entity)
        .and_where(Family::Id.eq(family_id))
        .take();
    user_grant::Entity::update_many()
        .col_expr(user_grant::Column::LastUsedAt, Expr::value(now))
        .filter(user_grant::Column::Id.in_subquery(grant))
        .exec(txn)
        .await?;
    Ok(())
}
