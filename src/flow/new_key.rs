//! A key that was just made, from the form that made it to the page that shows it, this once: sealed, in the browser of
//! the person alone, since nobody else may ever read it again.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::spend::seconds;
use super::{Declined, Flows, MintedKey, SignedInBrowser};
use crate::credential::{ApiKey, Purpose, Sealed};
use crate::limit;
use crate::store::api_key;

impl Flows {
    /// What the browser keeps of a new key for a moment.
    pub fn seal_new_key(&self, signed_in: &SignedInBrowser, minted: &MintedKey) -> Result<String, Declined> {
        let key = minted.key.reveal(&self.prefix);
        let sealed = self.vault.seal(Purpose::NewKey, &signed_in.session.id, key.as_bytes())?;
        Ok(format!("{}.{}", sealed.root_key_id, URL_SAFE_NO_PAD.encode(sealed.bytes)))
    }

    /// The key that was made in this session, and its row; `None` when `kept` is not what was sealed for it.
    pub async fn open_new_key(
        &self,
        signed_in: &SignedInBrowser,
        kept: &str,
    ) -> Result<Option<(ApiKey, api_key::Model)>, Declined> {
        let sealed = kept.split_once('.').and_then(|(root_key_id, bytes)| {
            Some(Sealed { root_key_id: root_key_id.to_owned(), bytes: URL_SAFE_NO_PAD.decode(bytes).ok()? })
        });
        let Some(sealed) = sealed else { return Ok(None) };
        let Ok(key) = self.vault.unseal(Purpose::NewKey, &signed_in.session.id, &sealed)? else { return Ok(None) };
        let key = std::str::from_utf8(&key).ok().and_then(|text| ApiKey::parse(&self.prefix, text).ok());
        let Some(key) = key else { return Ok(None) };
        match self.find_personal_key(&signed_in.user.id, key.id().as_str()).await {
            // The browser was told to forget it; a copy of what it kept shows nothing either.
            Ok(row) if row.created_at + seconds(limit::NEW_KEY_WAITS) <= self.clock.now() => Ok(None),
            Ok(row) => Ok(Some((key, row))),
            Err(Declined::NoSuch { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
