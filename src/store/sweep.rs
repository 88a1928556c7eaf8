//! Sweeping: what ended long ago goes.

use entity::{
    authorization_code, authorization_request, login_attempt, revoked_token, session, token_family, user_grant,
};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter};

use super::{Store, StoreError};

/// How long after its end a code may still be looked for, in seconds: another node's clock may be slow, and a redemption
/// under way.
const LATE: i64 = 10 * 60;

impl Store {
    /// Drops what nobody can go on with `now`, what ended before `long_ago`, and families that nobody has used since
    /// `idle_since`. Returns how many rows that were, without those that went along.
    pub async fn sweep_journeys(&self, now: i64, long_ago: i64, idle_since: i64) -> Result<u64, StoreError> {
        let db = self.writer("sweep_journeys");
        let mut swept = 0;
        macro_rules! sweep {
            ($table:ident, $which:expr) => {
                swept += $table::Entity::delete_many().filter($which).exec(db).await?.rows_affected;
            };
        }
        sweep!(authorization_request, authorization_request::Column::ExpiresAt.lte(now));
        sweep!(login_attempt, login_attempt::Column::ExpiresAt.lte(now));
        sweep!(revoked_token, revoked_token::Column::ExpiresAt.lte(now));
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
        let rests_on = Query::select().column(token_family::Column::GrantId).from(token_family::Entity).take();
        sweep!(
            user_grant,
            user_grant::Column::RevokedAt.lte(long_ago).and(user_grant::Column::Id.not_in_subquery(rests_on))
        );
        Ok(swept)
    }
}
