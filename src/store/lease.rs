//! Leases: what one node does for all, it does while it holds the lease. By the database's clock alone, since a node's
//! own may be wrong.

use std::time::Duration;

use entity::job_lease::{Column, Entity};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter};

use super::{Store, StoreError};

impl Store {
    /// Takes the lease of `job` for `holder`, or holds it on: for `span` from now. `false` while another holds it.
    pub async fn hold_lease(&self, job: &str, holder: &str, span: Duration) -> Result<bool, StoreError> {
        // Not `now()`: who waited for another's statement would be judged by when it began to wait.
        let now = match self.backend {
            DbBackend::Postgres => "floor(extract(epoch FROM clock_timestamp()))::bigint",
            _ => "unixepoch()",
        };
        let until = Expr::cust(format!("{now} + {}", span.as_secs()));
        let new = |column| Expr::col(("excluded", column));
        let own = |column| Expr::col((Entity, column));
        let is_free = own(Column::Holder).eq(new(Column::Holder)).or(own(Column::ExpiresAt).lte(Expr::cust(now)));
        let hold = Query::insert()
            .into_table(Entity)
            .columns([Column::Job, Column::Holder, Column::ExpiresAt])
            .values_panic([job.into(), holder.into(), until])
            .on_conflict(
                OnConflict::column(Column::Job)
                    .update_columns([Column::Holder, Column::ExpiresAt])
                    .action_and_where(is_free)
                    .to_owned(),
            )
            .take();
        Ok(self.writer("hold_lease")?.execute(&hold).await?.rows_affected() == 1)
    }

    /// Gives the lease of `job` back, if `holder` still has it: somebody else can take it at once.
    pub async fn return_lease(&self, job: &str, holder: &str) -> Result<(), StoreError> {
        let mine = Entity::delete_many().filter(Column::Job.eq(job)).filter(Column::Holder.eq(holder));
        mine.exec(self.writer("return_lease")?).await?;
        Ok(())
    }
}
