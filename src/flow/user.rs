//! Users and their sessions, for an operator.

use super::spend::seconds;
use super::{Declined, Flows};
use crate::config::nearest;
use crate::limit;
use crate::store::{StoreError, identity_row, session_row, user_row};

impl Flows {
    /// All users, who signed in last first, each with how they sign in.
    pub async fn list_users(&self) -> Result<Vec<(user_row::Model, Vec<identity_row::Model>)>, Declined> {
        let mut identities = self.store.list_identities(None).await?;
        let users = self.store.list_users().await?;
        let with_identities = users.into_iter().map(|user| {
            let own = identities.extract_if(.., |identity| identity.user_id == user.id).collect();
            (user, own)
        });
        Ok(with_identities.collect())
    }

    /// The user `id`, with how they sign in.
    pub async fn find_user(&self, id: &str) -> Result<(user_row::Model, Vec<identity_row::Model>), Declined> {
        if let Some(row) = self.store.find_user(id).await? {
            let identities = self.store.list_identities(Some(id)).await?;
            return Ok((row, identities));
        }
        let rows = self.store.list_users().await?;
        let nearest = nearest(id, rows.iter().map(|row| &*row.id));
        Err(Declined::NoSuch { what: "user", name: id.to_owned(), nearest })
    }

    /// Lets a user in no more, or again. When this returns, their sessions and tokens have ended and their keys mint
    /// nothing on this node; elsewhere a second later.
    pub async fn disable_user(&self, id: &str, is_disabled: bool) -> Result<(), Declined> {
        let (row, _) = self.find_user(id).await?;
        Ok(self.store.mark_user_disabled(self.clock.now(), &row.id, is_disabled).await?)
    }

    /// The sessions that have not ended, of one user or of all, used lately or not.
    pub async fn list_sessions(&self, user_id: Option<&str>) -> Result<Vec<session_row::Model>, Declined> {
        if let Some(user_id) = user_id {
            self.find_user(user_id).await?;
        }
        Ok(self.store.list_sessions(self.clock.now(), user_id).await?)
    }

    /// The session `id`, living or not.
    pub async fn find_session(&self, id: &str) -> Result<session_row::Model, Declined> {
        if let Some(row) = self.store.find_session(id).await? {
            return Ok(row);
        }
        let rows = self.store.list_sessions(self.clock.now(), None).await?;
        let nearest = nearest(id, rows.iter().map(|row| &*row.id));
        Err(Declined::NoSuch { what: "session", name: id.to_owned(), nearest })
    }

    /// Ends a session, whoever's it is, with the tokens that do not outlive it. One that has ended already is as good.
    pub async fn end_any_session(&self, id: &str) -> Result<(), Declined> {
        let row = self.find_session(id).await?;
        match self.store.mark_session_ended(self.clock.now(), &row.id, None).await {
            Ok(()) | Err(StoreError::Gone) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Drops what nobody can go on with, and what ended long ago.
    pub async fn sweep_journeys(&self) -> Result<u64, Declined> {
        let now = self.clock.now();
        let long_ago = now - seconds(limit::ENDED_KEPT);
        Ok(self.store.sweep_journeys(now, long_ago, long_ago - seconds(self.sign_in.refresh_idle)).await?)
    }
}
