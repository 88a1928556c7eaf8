//! A login, written down: the user, the identity and the session in one transaction.

use entity::{identity, session, token_family, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

use super::logout::is_signed_out;
use super::session::end_session;
use super::timed::Transaction;
use super::{ChangeKind, Store, StoreError};

/// A login that a provider vouches for.
#[derive(Clone, Debug)]
pub struct Login {
    /// The identity as it is when it is new: its `user_id` is the new user's.
    pub identity: identity::Model,
    /// What it told of the person, as JSON.
    pub claims: String,
    /// The providers that may link a user to another's by a verified address; this login's is among them when it may.
    pub linking_providers: Vec<String>,
    /// The user who links this identity, when one does.
    pub links_to: Option<String>,
    /// The session as it shall be; `user_id` and `identity_id` are filled in.
    pub session: session::Model,
    /// The session that it takes the place of.
    pub replaces: Option<String>,
    /// The last notice of a sign-out at a provider before this one was asked: see [`Store::last_provider_logout`].
    pub logouts_seen: i64,
}

/// Why there is no session.
#[derive(Debug, thiserror::Error)]
pub enum NotLoggedIn {
    /// The user may not sign in.
    #[error("the user {0} is disabled")]
    Disabled(String),
    /// The identity that shall be linked is another user's.
    #[error("the identity is another user's")]
    OtherUser,
    /// The person has signed out at the provider meanwhile.
    #[error("signed out at the provider meanwhile")]
    SignedOut,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Finds or makes the user of an identity, remembers what the provider told, and begins a session.
    pub async fn record_login(&self, now: i64, login: Login) -> Result<session::Model, NotLoggedIn> {
        let mut change = self.change("record_login").await?;
        let sid = login.session.provider_sid.as_deref();
        if is_signed_out(&change.txn, login.logouts_seen, &login.identity, sid).await? {
            return Err(NotLoggedIn::SignedOut);
        }
        let user_id = user_of(&change.txn, now, &login).await?;
        let known = known_identity(&change.txn, &login.identity).await?;
        let identity_id = known.map_or_else(|| login.identity.id.clone(), |known| known.id);
        let session = session::Model { user_id: user_id.clone(), identity_id, ..login.session };
        let insert = session::Entity::insert(session.clone().into_active_model());
        insert.exec_without_returning(&change.txn).await.map_err(StoreError::from)?;
        if let Some(old) = &login.replaces {
            // First the session, then what hangs on it: in the order of whoever ends it meanwhile.
            session::Entity::find_by_id(old).lock_exclusive().one(&change.txn).await.map_err(StoreError::from)?;
            move_families(&change.txn, old, &session).await?;
            end_session(&change.txn, now, old, None).await?;
        }
        change.record(now, ChangeKind::User, &user_id).await?;
        change.commit().await?;
        Ok(session)
    }
}

/// What the same person's apps hold goes on under the new session.
async fn move_families(txn: &Transaction, old: &str, new: &session::Model) -> Result<(), StoreError> {
    use token_family::Column;
    token_family::Entity::update_many()
        .col_expr(Column::SessionId, Expr::value(new.id.as_str()))
        .filter(Column::SessionId.eq(old))
        .filter(Column::UserId.eq(new.user_id.as_str()))
        .exec(txn)
        .await?;
    Ok(())
}

/// Who this is: the identity's user, the one who links it, the one with the same verified address, or somebody new.
async fn user_of(txn: &Transaction, now: i64, login: &Login) -> Result<String, NotLoggedIn> {
    let known = known_identity(txn, &login.identity).await?;
    let user_id = match (&known, &login.links_to) {
        (Some(known), Some(links_to)) if known.user_id != *links_to => return Err(NotLoggedIn::OtherUser),
        (Some(known), _) => Some(known.user_id.clone()),
        (None, Some(links_to)) => Some(links_to.clone()),
        (None, None) => user_of_address(txn, login).await?,
    };
    let user_id = if let Some(user_id) = user_id {
        let row = user::Entity::find_by_id(&user_id).one(txn).await.map_err(StoreError::from)?;
        let row = row.ok_or(StoreError::Gone)?;
        if row.disabled_at.is_some() {
            return Err(NotLoggedIn::Disabled(user_id));
        }
        // Another way to sign in is no other person: who links it stays who they are.
        let is_linking = known.is_none() && login.links_to.is_some();
        let claims = if is_linking { row.claims } else { login.claims.clone() };
        user::Entity::update_many()
            .col_expr(user::Column::Claims, Expr::value(claims))
            .col_expr(user::Column::LastLoginAt, Expr::value(now))
            .filter(user::Column::Id.eq(user_id.as_str()))
            .exec(txn)
            .await
            .map_err(StoreError::from)?;
        user_id
    } else {
        let row = user::Model {
            id: login.identity.user_id.clone(),
            claims: login.claims.clone(),
            created_at: now,
            last_login_at: now,
            disabled_at: None,
        };
        let insert = user::Entity::insert(row.into_active_model());
        insert.exec_without_returning(txn).await.map_err(StoreError::from)?;
        login.identity.user_id.clone()
    };
    remember(txn, now, known, &user_id, &login.identity).await?;
    Ok(user_id)
}

async fn remember(
    txn: &Transaction,
    now: i64,
    known: Option<identity::Model>,
    user_id: &str,
    told: &identity::Model,
) -> Result<(), StoreError> {
    use identity::Column;
    let Some(known) = known else {
        let row = identity::Model { user_id: user_id.to_owned(), ..told.clone() };
        identity::Entity::insert(row.into_active_model()).exec_without_returning(txn).await?;
        return Ok(());
    };
    identity::Entity::update_many()
        .col_expr(Column::Provider, Expr::value(told.provider.as_str()))
        .col_expr(Column::Email, Expr::value(told.email.clone()))
        .col_expr(Column::IsEmailVerified, Expr::value(told.is_email_verified))
        .col_expr(Column::LastLoginAt, Expr::value(now))
        .filter(Column::Id.eq(known.id))
        .exec(txn)
        .await?;
    Ok(())
}

/// The identity of that issuer and subject, byte for byte.
async fn known_identity(txn: &Transaction, told: &identity::Model) -> Result<Option<identity::Model>, StoreError> {
    let known = identity::Entity::find()
        .filter(identity::Column::Issuer.eq(told.issuer.as_str()))
        .filter(identity::Column::Subject.eq(told.subject.as_str()))
        .one(txn)
        .await?;
    Ok(known)
}

/// The one user whose address is the same, verified by this provider and by another, both of which the operator trusts
/// with that. Of several nobody can tell which is meant.
async fn user_of_address(txn: &Transaction, login: &Login) -> Result<Option<String>, StoreError> {
    let told = &login.identity;
    let Some(email) = told.email.as_deref().filter(|_| told.is_email_verified) else { return Ok(None) };
    if !login.linking_providers.contains(&told.provider) {
        return Ok(None);
    }
    let others = identity::Entity::find()
        .filter(identity::Column::Email.eq(email))
        .filter(identity::Column::IsEmailVerified.eq(true))
        .filter(identity::Column::Provider.is_in(login.linking_providers.iter().map(String::as_str)))
        .all(txn)
        .await?;
    let mut users: Vec<String> = others.into_iter().map(|other| other.user_id).collect();
    users.sort_unstable();
    users.dedup();
    Ok(if let [only] = users.as_slice() { Some(only.clone()) } else { None })
}
