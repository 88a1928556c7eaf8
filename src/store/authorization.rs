//! Authorization requests: kept while a person signs in and decides.

use entity::authorization_request::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::{Store, StoreError};

impl Store {
    /// Adds a request.
    pub async fn open_request(&self, row: Model) -> Result<(), StoreError> {
        Entity::insert(row.into_active_model()).exec_without_returning(self.writer("open_request")?).await?;
        Ok(())
    }

    /// The request `id` of this browser, if it can still be answered.
    pub async fn find_request(&self, now: i64, id: &str, browser_hash: &[u8]) -> Result<Option<Model>, StoreError> {
        let row = Entity::find_by_id(id)
            .filter(Column::BrowserHash.eq(browser_hash.to_vec()))
            .filter(Column::ExpiresAt.gt(now))
            .one(self.reader("find_request")?)
            .await?;
        Ok(row)
    }

    /// Keeps a request as it has become.
    pub async fn mark_request_changed(&self, id: &str, parameters: &str) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::Parameters, Expr::value(parameters))
            .filter(Column::Id.eq(id))
            .exec(self.writer("mark_request_changed")?)
            .await?;
        Ok(())
    }

    /// Takes the request `id`, to answer it: of two who would, one does.
    pub async fn take_request(&self, id: &str) -> Result<Option<Model>, StoreError> {
        let taken =
            Entity::delete_many().filter(Column::Id.eq(id)).exec_with_returning(self.writer("take_request")?).await?;
        Ok(taken.into_iter().next())
    }
}
