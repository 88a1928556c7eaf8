//! A provider says that somebody has signed out there (OpenID Connect Back-Channel Logout 1.0): what they began with it
//! ends here as well.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::spend::seconds;
use super::{Declined, Flows, Refusal};
use crate::credential::fingerprint;
use crate::limit;
use crate::store::{SignedOut, StoreError};
use crate::upstream::{LogoutToken, UpstreamError};

impl Flows {
    /// Ends the sessions that `logout_token` of the provider called `name` is about. Each token counts once.
    pub async fn provider_logout(&self, name: &str, logout_token: &str) -> Result<(), Refusal> {
        // Nobody comes in by a provider that is switched off; to go is always allowed.
        let row = self.store.find_provider(name).await?.ok_or(Refusal::BadLogoutToken("no such provider"))?;
        let provider = self.provider(&row).map_err(|declined| match declined {
            Declined::Store(error) => error.into(),
            _ => Refusal::Internal("a provider's row can't be used"),
        })?;
        let now = self.clock.now();
        let read = self.upstream.read_logout_token(&provider, logout_token, now).await;
        let LogoutToken { subject, sid, jti, expires_at } = read.map_err(|error| match error {
            UpstreamError::IdToken(_) | UpstreamError::Setup(_) => Refusal::BadLogoutToken("not good"),
            _ => Refusal::Unavailable("the provider's keys can't be had"),
        })?;
        let who = SignedOut { issuer: &provider.issuer, subject: subject.as_deref(), sid: sid.as_deref() };
        let notice = URL_SAFE_NO_PAD.encode(fingerprint(&format!("logout {} {jti}", provider.issuer)));
        // As long as it could be shown again and be believed.
        let until = expires_at.saturating_add(seconds(limit::UPSTREAM_SKEW));
        match self.store.end_provider_sessions(now, who, &notice, until).await {
            Ok(ended) => {
                tracing::info!(provider = %row.name, ended, "somebody signed out at their provider");
                Ok(())
            }
            Err(StoreError::Exists) => Err(Refusal::BadLogoutToken("shown before")),
            Err(error) => Err(error.into()),
        }
    }
}
