//! Refresh tokens: each spent once, each with one successor.

use entity::refresh_token::{Column, Entity, Model};
use entity::token_family;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::code::touch_family;
use super::{Store, StoreError};

impl Store {
    /// The refresh token `id` and its family.
    pub async fn find_refresh_token(&self, id: &str) -> Result<Option<(Model, token_family::Model)>, StoreError> {
        let Some(token) = Entity::find_by_id(id).one(self.reader("find_refresh_token")?).await? else {
            return Ok(None);
        };
        let family = self.find_family(&token.family_id).await?.ok_or(StoreError::Corrupt("refresh token"))?;
        Ok(Some((token, family)))
    }

    /// Spends the refresh token `id` and adds its successor, both or neither. `Gone` when another spent it first, or
    /// when the family has died.
    pub async fn spend_refresh_token(&self, now: i64, id: &str, successor: Model) -> Result<(), StoreError> {
        let txn = self.begin("spend_refresh_token").await?;
        let spent = Entity::update_many()
            .col_expr(Column::SpentAt, Expr::value(now))
            .col_expr(Column::SuccessorId, Expr::value(successor.id.as_str()))
            .filter(Column::Id.eq(id))
            .filter(Column::SpentAt.is_null())
            .exec(&txn)
            .await?;
        if spent.rows_affected == 0 {
            return Err(StoreError::Gone);
        }
        touch_family(&txn, now, &successor.family_id).await?;
        Entity::insert(successor.into_active_model()).exec_without_returning(&txn).await?;
        txn.commit().await
    }
}
