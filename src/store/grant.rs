//! Grants: what a person allowed an app, remembered until it is taken back.

use entity::token_family;
use entity::user_grant::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

use super::family::{expire_codes, revoke_families};
use super::{Store, StoreError};
use crate::policy::scope::Scopes;

impl Store {
    /// What the person allows the app, if anything.
    pub async fn find_grant(&self, user_id: &str, client_id: &str) -> Result<Option<Model>, StoreError> {
        Ok(living(user_id).filter(Column::ClientId.eq(client_id)).one(self.reader("find_grant")?).await?)
    }

    /// The grant `id`, living or not.
    pub async fn find_grant_by_id(&self, id: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(id).one(self.reader("find_grant_by_id")?).await?)
    }

    /// What the person allows, the newest first.
    pub async fn list_grants(&self, user_id: &str) -> Result<Vec<Model>, StoreError> {
        Ok(living(user_id).order_by_desc(Column::LastUsedAt).all(self.reader("list_grants")?).await?)
    }

    /// Remembers that a person allows an app more, beside what they allowed before. `new` is the grant when there was none.
    pub async fn allow(&self, new: Model) -> Result<Model, StoreError> {
        match self.try_allow(&new).await {
            // Two began at once, and the other was first: what it made is added to.
            Err(StoreError::Exists) => self.try_allow(&new).await,
            outcome => outcome,
        }
    }

    async fn try_allow(&self, new: &Model) -> Result<Model, StoreError> {
        let txn = self.begin("allow").await?;
        let old = living(&new.user_id).filter(Column::ClientId.eq(new.client_id.as_str()));
        // Two pages may be allowed at once, and one may be taken back meanwhile.
        let old = old.lock_exclusive().one(&txn).await?;
        let grant = match old {
            None => {
                Entity::insert(new.clone().into_active_model()).exec_without_returning(&txn).await?;
                new.clone()
            }
            Some(old) => {
                let both = |old: &str, new: &str| Scopes::trusted(old).with(&Scopes::trusted(new)).to_string();
                let scopes = both(&old.scopes, &new.scopes);
                let resources = both(&old.resources, &new.resources);
                Entity::update_many()
                    .col_expr(Column::Scopes, Expr::value(scopes.as_str()))
                    .col_expr(Column::Resources, Expr::value(resources.as_str()))
                    .filter(Column::Id.eq(old.id.as_str()))
                    .exec(&txn)
                    .await?;
                Model { scopes, resources, ..old }
            }
        };
        txn.commit().await?;
        Ok(grant)
    }

    /// Takes back what a person allowed, with all codes and tokens that rest on it; `Gone` when it is not theirs.
    pub async fn mark_grant_revoked(&self, now: i64, user_id: &str, id: &str) -> Result<(), StoreError> {
        let txn = self.begin("mark_grant_revoked").await?;
        // In the order in which a redemption takes them, so that neither waits for the other: codes, families, grant.
        let own = token_family::Column::GrantId.eq(id).and(token_family::Column::UserId.eq(user_id));
        expire_codes(&txn, now, own.clone()).await?;
        revoke_families(&txn, now, "the grant was taken back", own).await?;
        let revoked = Entity::update_many()
            .col_expr(Column::RevokedAt, Expr::value(now))
            .filter(Column::Id.eq(id))
            .filter(Column::UserId.eq(user_id))
            .filter(Column::RevokedAt.is_null())
            .exec(&txn)
            .await?;
        if revoked.rows_affected == 0 {
            return Err(StoreError::Gone);
        }
        txn.commit().await
    }
}

fn living(user_id: &str) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::UserId.eq(user_id)).filter(Column::RevokedAt.is_null())
}
