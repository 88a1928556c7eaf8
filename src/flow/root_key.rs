//! Replacing the root key: a new one in its place, then everything sealed anew. Killed anywhere, it goes on when it is
//! started again: both root keys are live until nothing needs the old one.

use super::{Declined, Flows};

/// What a rotation of the root key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// The root key that now seals everything.
    pub root_key_id: String,
    /// How many secrets were sealed anew.
    pub count: usize,
    /// Whether an interrupted rotation was finished instead of a new one begun.
    pub is_resumed: bool,
}

impl Flows {
    /// Puts a new root key in place, unless an earlier rotation is unfinished, and seals everything with it.
    /// `progress` is told how many are done, of how many.
    pub async fn rotate_root_key(&self, progress: impl Fn(usize, usize)) -> Result<Resealed, Declined> {
        // Held to the end: of two rotations at once, the second would throw away the key that the first still needs.
        let _turn = self.vault.lock()?;
        let mut keys = self.vault.root_keys()?;
        let is_resumed = !self.store.list_sealed_by_others(keys.current.id()).await?.is_empty();
        if !is_resumed {
            keys = self.vault.replace()?;
        }
        let mut count = 0;
        // A server may have sealed something with the old key while we went through; then there is another round.
        loop {
            let rows = self.store.list_sealed_by_others(keys.current.id()).await?;
            if rows.is_empty() {
                break;
            }
            let all = count + rows.len();
            for row in rows {
                let plain = keys
                    .unseal(row.purpose(), &row.id, &row.sealed)
                    .map_err(|error| Declined::Secret(format!("{}: {error}", row.id)))?;
                let sealed = keys.seal(row.purpose(), &row.id, &plain);
                self.store.mark_resealed(self.clock.now(), &row, sealed).await?;
                count += 1;
                progress(count, all);
            }
        }
        Ok(Resealed { root_key_id: keys.current.id().to_owned(), count, is_resumed })
    }
}
