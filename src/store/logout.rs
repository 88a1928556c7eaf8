//! Signed out at the provider: what was begun there ends here.

use entity::provider_logout::{Column, Entity};
use entity::{identity, provider_logout, revoked_token, session};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

use super::session::end_session;
use super::timed::Transaction;
use super::{Store, StoreError};
use crate::limit;

/// In seconds.
const LOGOUT_KEPT: i64 = limit::LOGOUT_KEPT.as_secs().cast_signed();

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
        // In turn with those who sign in: who has come before this has a session, and who comes after it sees the notice.
        let change = self.change("end_provider_sessions").await?;
        let txn = &change.txn;
        let row = revoked_token::ActiveModel { jti: Set(notice.to_owned()), expires_at: Set(expires_at) };
        revoked_token::Entity::insert(row).exec_without_returning(txn).await?;
        let row = provider_logout::ActiveModel {
            issuer: Set(who.issuer.to_owned()),
            subject: Set(who.subject.map(str::to_owned)),
            sid: Set(who.sid.map(str::to_owned)),
            expires_at: Set(now + LOGOUT_KEPT),
            ..Default::default()
        };
        Entity::insert(row).exec_without_returning(txn).await?;
        let mut own = session::Entity::find().filter(session::Column::EndedAt.is_null());
        if let Some(subject) = who.subject {
            let known = identity::Entity::find()
                .filter(identity::Column::Issuer.eq(who.issuer))
                .filter(identity::Column::Subject.eq(subject))
                .one(txn)
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
        for session in own.all(txn).await? {
            let identity = identity::Entity::find_by_id(&session.identity_id).one(txn).await?;
            // Another provider may call its session the same.
            if identity.is_some_and(|identity| identity.issuer == who.issuer) {
                ended += usize::from(end_session(txn, now, &session.id, None).await?);
            }
        }
        change.commit().await?;
        Ok(ended)
    }

    /// The place of the last notice, 0 when none is remembered. Later ones have higher places.
    pub async fn last_provider_logout(&self) -> Result<i64, StoreError> {
        let last = Entity::find().order_by_desc(Column::Seq).one(self.reader("last_provider_logout")?).await?;
        Ok(last.map_or(0, |notice| notice.seq))
    }
}

/// Whether a notice after place `seq` would have ended a session that was begun so.
pub(super) async fn is_signed_out(
    txn: &Transaction,
    seq: i64,
    told: &identity::Model,
    sid: Option<&str>,
) -> Result<bool, StoreError> {
    let subject = Condition::any().add(Column::Subject.is_null()).add(Column::Subject.eq(told.subject.as_str()));
    let session = Condition::any().add(Column::Sid.is_null()).add(match sid {
        Some(sid) => Column::Sid.eq(sid),
        // It may be the one that is named.
        None => Column::Subject.is_not_null(),
    });
    let notice = Entity::find()
        .filter(Column::Seq.gt(seq))
        .filter(Column::Issuer.eq(told.issuer.as_str()))
        .filter(subject)
        .filter(session);
    Ok(notice.one(txn).await?.is_some())
}
