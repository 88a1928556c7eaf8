//! Sweeping: what ended long ago goes.

use entity::{
    authorization_code, authorization_request, login_attempt, provider_logout, revoked_token, session, token_family,
    user_grant,
};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter, QueryTrait, Statement,
};

use super::{Store, StoreError};

/// How long after its end a code may still be looked for, in seconds: another node's clock may be slow, and a redemption
/// under way.
const LATE: i64 = 10 * 60;

impl Store {
    /// Drops what nobody can go on with `now`, what ended before `long_ago`, and families that nobody has used since
    /// `idle_since`. Returns how many rows that were, without those that went along.
    pub async fn sweep_journeys(&self, now: i64, long_ago: i64, idle_since: i64) -> Result<u64, StoreError> {
        let db = self.writer("sweep_journeys")?;
        let mut swept = 0;
        for statement in sweeps(self.backend, now, long_ago, idle_since) {
            swept += db.execute_raw(statement).await?.rows_affected();
        }
        Ok(swept)
    }
}

/// The statements of a sweep, in their order.
fn sweeps(backend: DbBackend, now: i64, long_ago: i64, idle_since: i64) -> Vec<Statement> {
    let mut sweeps = Vec::new();
    macro_rules! sweep {
        ($table:ident, $which:expr) => {
            sweeps.push($table::Entity::delete_many().filter($which).build(backend));
        };
    }
    sweep!(authorization_request, authorization_request::Column::ExpiresAt.lte(now));
    sweep!(login_attempt, login_attempt::Column::ExpiresAt.lte(now));
    sweep!(revoked_token, revoked_token::Column::ExpiresAt.lte(now));
    sweep!(provider_logout, provider_logout::Column::ExpiresAt.lte(now));
    sweep!(authorization_code, authorization_code::Column::ExpiresAt.lte(long_ago));
    let ended = |end, ended| Condition::any().add(end).add(ended);
    // A code that nobody fetched takes its family along.
    let unfetched = Query::select()
        .column(authorization_code::Column::FamilyId)
        .from(authorization_code::Entity)
        .and_where(authorization_code::Column::SpentAt.is_null())
        .and_where(authorization_code::Column::ExpiresAt.lte(now - LATE))
        .take();
    sweep!(token_family, token_family::Column::Id.in_subquery(unfetched));
    sweep!(
        token_family,
        ended(token_family::Column::ExpiresAt.lte(long_ago), token_family::Column::RevokedAt.lte(long_ago))
            .add(token_family::Column::LastUsedAt.lte(idle_since))
    );
    sweep!(session, ended(session::Column::ExpiresAt.lte(long_ago), session::Column::EndedAt.lte(long_ago)));
    let rests_on_it = Query::select()
        .column(token_family::Column::Id)
        .from(token_family::Entity)
        .and_where(
            Expr::col((token_family::Entity, token_family::Column::GrantId))
                .equals((user_grant::Entity, user_grant::Column::Id)),
        )
        .take();
    sweep!(user_grant, user_grant::Column::RevokedAt.lte(long_ago).and(Expr::exists(rests_on_it).not()));
    sweeps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What may be read whole: what lives for an hour at most.
    const SMALL: [&str; 4] = ["authorization_request", "login_attempt", "provider_logout", "revoked_token"];

    #[tokio::test]
    async fn no_large_table_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Store::url_of(&folder.path().join("plans.db")), 0).await.unwrap();
        store.migrate().await.unwrap();

        for mut statement in sweeps(store.backend, 3, 2, 1) {
            statement.sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
            let plan = store.write.query_all_raw(statement.clone()).await.unwrap();
            let steps: Vec<String> = plan.iter().map(|step| step.try_get("", "detail").unwrap()).collect();

            let reads_whole =
                |step: &String| step.starts_with("SCAN ") && !SMALL.iter().any(|small| step.ends_with(small));
            assert!(!steps.iter().any(reads_whole), "{}: {steps:?}", statement.sql);
        }
        store.close().await;
    }
}
