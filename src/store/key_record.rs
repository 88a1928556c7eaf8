//! Key records: what the hot path needs of a key. A million of them are in memory, so each is kept as small as it can be:
//! what it shares with the other keys of its app is kept once, and what few keys have costs the others nothing.

use std::sync::Arc;

use entity::api_key;
use ipnet::IpNet;

use super::StoreError;
use super::interned::Interned;
use super::record::{boxed, words};
use crate::credential::{Environment, KeyId, SecretHash};
use crate::policy::rate::Rate;
use crate::policy::scope::Scopes;
use crate::policy::standing::Standing;

/// An API key, ready to be compared with what a caller shows.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    /// Its public part.
    pub id: KeyId,
    /// The person it belongs to and speaks for.
    pub owner_id: Option<Arc<str>>,
    /// HMAC-SHA-256 of its secret.
    pub secret_hash: SecretHash,
    /// What it may do.
    pub terms: Arc<KeyTerms>,
    /// When it ends by itself.
    pub expires_at: Option<i64>,
    disabled_at: Option<i64>,
    revoked_at: Option<i64>,
}

/// What a key may do, and where: most keys of an app have the same.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct KeyTerms {
    /// The app it belongs to.
    pub client_id: Arc<str>,
    /// Where it is meant to be used.
    pub environment: Environment,
    /// The pepper its secret is hashed with.
    pub pepper_id: i64,
    /// Its scopes.
    pub scopes: Scopes,
    /// Identifiers of its resources.
    pub resources: Box<[Box<str>]>,
    /// Networks it may be used from; none means any.
    pub networks: Box<[IpNet]>,
    /// How often it may be used.
    pub rate: Option<Rate>,
}

/// A key as it is kept in memory, under its id.
#[derive(Clone, Debug)]
pub(super) struct KeptKey {
    secret_hash: SecretHash,
    terms: Arc<KeyTerms>,
    /// `NEVER` for a key that does not end.
    expires_at: i64,
    rest: Option<Arc<Rest>>,
}

/// What few keys have.
#[derive(Debug)]
struct Rest {
    owner_id: Option<Arc<str>>,
    disabled_at: Option<i64>,
    revoked_at: Option<i64>,
}

const NEVER: i64 = i64::MAX;

// So much lies on the cache's shelf for each key, and the allocator rounds a shelf of four up to 320 bytes: eight more for each
// take its next size, 384.
const _: () = assert!(size_of::<(KeyId, KeptKey)>() <= 72);

impl KeyRecord {
    /// Where it stands at `now`.
    #[must_use]
    pub fn standing(&self, now: i64) -> Standing {
        Standing::at(now, self.revoked_at, self.expires_at, self.disabled_at)
    }
}

impl KeptKey {
    /// Keeps what the row says; the terms are those of another key if they are the same.
    pub(super) fn new(row: api_key::Model, terms: &Interned<KeyTerms>) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt("key");
        let rest =
            Rest { owner_id: row.owner_id.map(Into::into), disabled_at: row.disabled_at, revoked_at: row.revoked_at };
        let has_rest = rest.owner_id.is_some() || rest.disabled_at.is_some() || rest.revoked_at.is_some();
        Ok(Self {
            secret_hash: row.secret_hash.try_into().map_err(|_| corrupt())?,
            terms: terms.share(KeyTerms {
                client_id: row.client_id.into(),
                environment: row.environment.parse().map_err(|_| corrupt())?,
                pepper_id: row.pepper_id,
                scopes: Scopes::trusted(&row.scopes),
                resources: boxed(&row.resources),
                networks: words(&row.networks).map(str::parse).collect::<Result<_, _>>().map_err(|_| corrupt())?,
                rate: row.rate_limit.and_then(|rate| Rate::new(u32::try_from(rate).unwrap_or(u32::MAX))),
            }),
            expires_at: row.expires_at.unwrap_or(NEVER),
            rest: has_rest.then(|| Arc::new(rest)),
        })
    }

    /// The record of the key `id`, under which this was kept.
    pub(super) fn record(self, id: KeyId) -> KeyRecord {
        let rest = self.rest.as_deref();
        KeyRecord {
            id,
            owner_id: rest.and_then(|rest| rest.owner_id.clone()),
            disabled_at: rest.and_then(|rest| rest.disabled_at),
            revoked_at: rest.and_then(|rest| rest.revoked_at),
            expires_at: Some(self.expires_at).filter(|at| *at != NEVER),
            secret_hash: self.secret_hash,
            terms: self.terms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str) -> api_key::Model {
        api_key::Model {
            id: id.to_owned(),
            client_id: "app".to_owned(),
            owner_id: None,
            name: "a key".to_owned(),
            note: None,
            environment: "live".to_owned(),
            secret_hash: vec![7; 32],
            pepper_id: 1,
            scopes: "orders:read".to_owned(),
            resources: "https://orders.example".to_owned(),
            networks: "10.0.0.0/8".to_owned(),
            rate_limit: Some(5),
            created_at: 0,
            expires_at: Some(2_000),
            disabled_at: None,
            revoked_at: None,
            revoked_reason: None,
            revoked_by: None,
            rotated_from: None,
            rotated_to: None,
        }
    }

    fn read(row: api_key::Model, terms: &Interned<KeyTerms>) -> KeyRecord {
        let id = row.id.parse().unwrap();
        KeptKey::new(row, terms).unwrap().record(id)
    }

    #[test]
    fn keys_of_an_app_share_what_they_have_in_common() {
        let terms = Interned::default();
        let later = api_key::Model { expires_at: Some(3_000), secret_hash: vec![8; 32], ..row("BBBBBBBBBBBBBBBB") };
        let wider = api_key::Model { scopes: "orders:read orders:write".to_owned(), ..row("CCCCCCCCCCCCCCCC") };

        let [one, other, wider] = [row("AAAAAAAAAAAAAAAA"), later, wider].map(|row| read(row, &terms));

        assert!(Arc::ptr_eq(&one.terms, &other.terms));
        assert_ne!(one.terms, wider.terms, "what differs is apart");
    }

    #[test]
    fn what_the_row_says_of_its_end_and_owner_is_what_the_record_says() {
        let terms = Interned::default();
        let id = "AAAAAAAAAAAAAAAA";
        let revoked = api_key::Model { revoked_at: Some(5), disabled_at: Some(4), ..row(id) };
        let personal = api_key::Model { owner_id: Some("ada".to_owned()), expires_at: None, ..row(id) };

        let [plain, revoked, personal] = [row(id), revoked, personal].map(|row| read(row, &terms));

        assert_eq!(plain.standing(1_999), Standing::Good);
        assert_eq!(plain.standing(2_000), Standing::Expired { at: 2_000 });
        assert_eq!(revoked.standing(10), Standing::Revoked { at: 5 });
        assert_eq!(personal.standing(i64::MAX - 1), Standing::Good);
        assert_eq!((plain.owner_id, personal.owner_id.as_deref()), (None, Some("ada")));
        assert_eq!(plain.terms.networks[0].to_string(), "10.0.0.0/8");
    }
}
