//! Apps: OAuth clients.

use std::sync::Arc;

use entity::app::{ActiveModel, Column, Entity, Model};
use entity::{resource, token_family};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use super::family::expire_codes;
use super::record::words;
use super::{AppRecord, ChangeKind, Store, StoreError};
use crate::limit;

impl Store {
    /// What the hot path needs of the app `client_id`: from memory when it was asked for before.
    pub async fn find_app_record(&self, client_id: &Arc<str>) -> Result<Option<Arc<AppRecord>>, StoreError> {
        if client_id.len() > limit::CLIENT_ID_MAX {
            return Ok(None);
        }
        self.cached(&self.apps, client_id, || self.load_app(client_id)).await
    }

    async fn load_app(&self, client_id: &str) -> Result<Option<Arc<AppRecord>>, StoreError> {
        let Some(app) = self.find_app(client_id).await? else {
            return Ok(None);
        };
        let resources = resource::Entity::find()
            .filter(resource::Column::Identifier.is_in(words(&app.resources)))
            .all(self.reader("find_app_resources")?)
            .await?;
        AppRecord::new(app, resources).map(|app| Some(Arc::new(app)))
    }

    /// All apps, by `client_id`.
    pub async fn list_apps(&self) -> Result<Vec<Model>, StoreError> {
        Ok(Entity::find().order_by_asc(Column::ClientId).all(self.reader("list_apps")?).await?)
    }

    /// The app `client_id`, as the database has it.
    pub async fn find_app(&self, client_id: &str) -> Result<Option<Model>, StoreError> {
        Ok(Entity::find_by_id(client_id).one(self.reader("find_app")?).await?)
    }

    /// Adds an app; `Exists` when there is one of that name, `Referred` when its default resource is not there.
    pub async fn insert_app(&self, now: i64, row: Model) -> Result<(), StoreError> {
        let mut change = self.change("insert_app").await?;
        let client_id = row.client_id.clone();
        row.into_active_model().insert(&change.txn).await?;
        change.record(now, ChangeKind::App, &client_id).await?;
        change.commit().await
    }

    /// Changes the app as `wish` says, of what it is when the turn comes; `Gone` when there is none of that name. Codes
    /// that wait for an app die when it is disabled.
    pub async fn update_app<E: From<StoreError>>(
        &self,
        now: i64,
        client_id: &str,
        wish: impl FnOnce(Model) -> Result<Model, E>,
    ) -> Result<Model, E> {
        let mut change = self.change("update_app").await?;
        let old = Entity::find_by_id(client_id).one(&change.txn).await.map_err(StoreError::from)?;
        let old = old.ok_or(StoreError::Gone)?;
        let was_disabled = old.disabled_at.is_some();
        let new = wish(old)?;
        let update = ActiveModel::from(new.clone()).reset_all().update(&change.txn);
        update.await.map_err(StoreError::from)?;
        if new.disabled_at.is_some() && !was_disabled {
            let own = token_family::Column::ClientId.eq(client_id);
            expire_codes(&change.txn, now, own).await.map_err(StoreError::from)?;
        }
        change.record(now, ChangeKind::App, client_id).await?;
        change.commit().await?;
        Ok(new)
    }
}
