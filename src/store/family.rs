//! Token families: what came of one authorization, and what kills all of it.

use entity::token_family::{Column, Entity, Model};
use entity::{authorization_code, revoked_token};
use sea_orm::sea_query::{Expr, OnConflict, Query, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Set};

use super::{Store, StoreError};

impl Store {
    /// The family `id`.
    pub async fn find_family(&self, id: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(id).one(self.reader("find_family")?).await?)
    }

    /// Kills a family, with its refresh tokens and what was minted from them. Dead already is as good.
    pub async fn revoke_family(&self, now: i64, id: &str, reason: &str) -> Result<(), StoreError> {
        revoke_families(self.writer("revoke_family")?, now, reason, Column::Id.eq(id)).await?;
        Ok(())
    }

    /// Takes one access token back before its end.
    pub async fn insert_revoked_token(&self, jti: &str, expires_at: i64) -> Result<(), StoreError> {
        let row = revoked_token::ActiveModel { jti: Set(jti.to_owned()), expires_at: Set(expires_at) };
        revoked_token::Entity::insert(row)
            .on_conflict(OnConflict::column(revoked_token::Column::Jti).do_nothing().to_owned())
            .exec_without_returning(self.writer("insert_revoked_token")?)
            .await?;
        Ok(())
    }

    /// Whether an access token was taken back.
    pub async fn is_token_revoked(&self, jti: &str) -> Result<bool, StoreError> {
        Ok(revoked_token::Entity::find_by_id(jti).one(self.reader("is_token_revoked")?).await?.is_some())
    }
}

/// Kills the living families for which `which` holds.
pub(super) async fn revoke_families(
    db: &impl ConnectionTrait,
    now: i64,
    reason: &str,
    which: SimpleExpr,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .col_expr(Column::RevokedReason, Expr::value(reason))
        .filter(Column::RevokedAt.is_null())
        .filter(which)
        .exec(db)
        .await?;
    Ok(())
}

/// Ends the codes that wait for families for which `which` holds.
pub(super) async fn expire_codes(db: &impl ConnectionTrait, now: i64, which: SimpleExpr) -> Result<(), DbErr> {
    let families = Query::select().column(Column::Id).from(Entity).and_where(which).take();
    authorization_code::Entity::update_many()
        .col_expr(authorization_code::Column::ExpiresAt, Expr::value(now))
        .filter(authorization_code::Column::SpentAt.is_null())
        .filter(authorization_code::Column::FamilyId.in_subquery(families))
        .exec(db)
        .await?;
    Ok(())
}
