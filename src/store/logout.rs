//! Signed out at the provider: what was begun there ends here.

use entity::{identity, revoked_token, session};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::session::end_session;
use super::{Store, StoreError};

/// Who has signed out, as their provider names them.
#[derive(Clone, Copy, Debug)]
pub struct SignedOut<'a> {
    /// The provider's issuer.
    pub issuer: &'a str,
    /// The person there, if named.
    pub subject: Option<&'a str>,
    /// The session there, if named: then no other ends.
    pub sid: Option<&'a str>,
}

impl Store {
    /// Ends the sessions that were begun so, and remembers `notice` until `expires_at`: a notice counts once, and `Exists`
    /// says that it has. Returns how many ended.
    pub async fn end_provider_sessions(
        &self,
        now: i64,
        who: SignedOut<'_>,
        notice: &str,
        expires_at: i64,
    ) -> Result<usize, StoreError> {
        let txn = self.begin("end_provider_sessions").await?;
        let row = revoked_token::ActiveModel { jti: Set(notice.to_owned()), expires_at: Set(expires_at) };
        revoked_token::Entity::insert(row).exec_without_returning(&txn).await?;
        let mut own = session::Entity::find().filter(session::Column::EndedAt.is_null());
        if let Some(subject) = who.subject {
            let known = identity::Entity::find()
                .filter(identity::Column::Issuer.eq(who.issuer))
                .filter(identity::Column::Subject.eq(subject))
                .one(&txn)
                .await?;
            // Who never came in here has nothing to end.
            let id = known.map_or_else(String::new, |known| known.id);
            own = own.filter(session::Column::IdentityId.eq(id));
        }
        if let Some(sid) = who.sid {
            let named = session::Column::ProviderSid.eq(sid);
            // Of somebody who is named, a session whose name nobody knows may be the one.
            let unknown = who.subject.map(|_| session::Column::ProviderSid.is_null());
            own = own.filter(Condition::any().add(named).add_option(unknown));
        }
        let own = own.order_by_asc(session::Column::Id).lock_exclusive();
        let mut ended = 0;
        for session in own.all(&txn).await? {
            let identity = identity::Entity::find_by_id(&session.identity_id).one(&txn).await?;
            // Another provider may call its session the same.
            if identity.is_some_and(|identity| identity.issuer == who.issuer) {
                ended += usize::from(end_session(&txn, now, &session.id, None).await?);
            }
        }
        txn.commit().await?;
        Ok(ended)
    }
}
