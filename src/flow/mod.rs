//! Flows: what the product does. With the jobs that call on them, the only rooms that combine others.
//!
//! In:    a request, read and typed; an operator's wish.
//! Out:   what was asked for, or a `Refusal` (callers) or `Declined` (operators) with the reason.
//! Never: sees a transaction, a header or a status code.

mod access_token;
mod account;
mod app;
mod authenticate;
mod authorize;
mod backup;
mod chores;
mod declare;
mod declined;
mod exchange;
mod follow;
mod form;
pub mod grant;
mod health;
mod introspect;
mod key;
mod login;
mod logout;
mod new_key;
mod pepper;
mod provider;
mod provider_logout;
mod rate;
mod refusal;
mod resource;
mod revoke;
mod ring;
mod root_key;
mod session;
mod spend;
mod target;
mod told;
mod usage;
mod user;
mod vault;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

pub use access_token::LiveToken;
pub use account::{ConnectedApp, PersonalKeyWish, choices};
pub use app::AppWish;
use arc_swap::ArcSwap;
pub use authenticate::{Authenticated, Caller, Scheme, ShownKey};
pub use authorize::{
    AuthorizeError, AuthorizeRequest, Authorized, Back, Halt, NextStep, NotAuthorized, Parameters, Prompt,
    ResponseMode, Waiting, Way,
};
pub use backup::{Backup, back_up, restore};
pub use declare::{Difference, Verb, check_declared};
pub use declined::Declined;
pub use exchange::{Issued, TokenRequest};
pub use form::Form;
pub use health::Health;
pub use key::{KeyWish, MintedKey, RevokeWish, RotateWish, standing};
pub use login::{LoggedIn, LoginFailed, LoginWish, Returned, Returning};
pub use logout::{LogoutRequest, LogoutStep};
pub use provider::{ProviderWish, provider_terms};
pub use refusal::{FormFault, Refusal};
pub use resource::ResourceWish;
pub use ring::SigningKeyRotation;
pub use root_key::Resealed;
pub use session::{SignInRules, SignedInBrowser};
pub use vault::{RootKeySource, Vault, VaultError};
pub(crate) use vault::{beside, folder_of};

use crate::clock::Clock;
use crate::config::Settings;
use crate::credential::{KeyId, Prefix};
use crate::policy::address;
use crate::policy::lifetime::ExpiryRule;
use crate::policy::rate::Rate;
use crate::store::Store;
use crate::token::Keyring;
use crate::token::schedule::Schedule;
use crate::upstream::{self, Upstream};
use pepper::Peppers;
use rate::{Rates, Traveller};
use ring::RingAge;
use usage::Uses;

/// All a handler is given. Built once, shared by all.
#[derive(Debug)]
pub struct Flows {
    clock: Clock,
    issuer: Arc<str>,
    prefix: Prefix,
    expiry: ExpiryRule,
    rotation_overlap: std::time::Duration,
    schedule: Schedule,
    sign_in: SignInRules,
    store: Store,
    upstream: Upstream,
    vault: Vault,
    peppers: ArcSwap<Peppers>,
    ring: ArcSwap<Keyring>,
    /// Held while peppers or the ring are read and put in place: who read earlier must not put it there later.
    loading: tokio::sync::Mutex<()>,
    ring_age: RingAge,
    /// When it was last tried to read the ring for a token of an unknown key.
    looked: tokio::sync::Mutex<Option<tokio::time::Instant>>,
    uses: Uses,
    rates: Rates<KeyId>,
    /// Who begins to sign in.
    journeys: Rates<Traveller>,
    /// How far the change log was followed.
    followed: AtomicI64,
    /// What this node is called among those that share the database.
    node: String,
    /// Whether this node did the chores when it last looked.
    has_chores: AtomicBool,
}

impl Flows {
    /// Wires the flows to a migrated database, and reads (or makes) the first pepper and the signing keys.
    pub async fn open(settings: &Settings, clock: Clock, store: Store, vault: Vault) -> Result<Self, Declined> {
        let flows = Self {
            issuer: settings.issuer.as_str().into(),
            prefix: settings.keys.prefix.parse().map_err(|words| Declined::Invalid(format!("keys.prefix: {words}")))?,
            expiry: ExpiryRule {
                default: settings.keys.expiry.get(),
                max: settings.keys.max_expiry.map(crate::config::Span::get),
            },
            rotation_overlap: settings.keys.rotation_overlap.get(),
            schedule: Schedule { active: settings.signing_keys.active.get() },
            sign_in: SignInRules {
                session_idle: settings.sign_in.session_idle.get(),
                session_lifetime: settings.sign_in.session_lifetime.get(),
                refresh_idle: settings.sign_in.refresh_idle.get(),
                refresh_lifetime: settings.sign_in.refresh_lifetime.get(),
                refresh_grace: settings.sign_in.refresh_grace.get(),
                rate: Rate::new(settings.sign_in.rate),
            },
            upstream: open_upstream(settings, clock.clone())?,
            clock,
            store,
            vault,
            peppers: ArcSwap::default(),
            ring: ArcSwap::default(),
            loading: tokio::sync::Mutex::default(),
            ring_age: RingAge::new(),
            looked: tokio::sync::Mutex::default(),
            uses: Uses::default(),
            rates: Rates::default(),
            journeys: Rates::default(),
            followed: AtomicI64::new(0),
            node: chores::new_name()?,
            has_chores: AtomicBool::new(false),
        };
        flows.begin_following().await?;
        flows.prepare_peppers().await?;
        flows.load_ring().await?;
        Ok(flows)
    }

    /// The issuer, as it stands in every token.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What API keys begin with.
    #[must_use]
    pub const fn prefix(&self) -> &Prefix {
        &self.prefix
    }

    /// The longest a key may live; `None` is as long as it likes.
    #[must_use]
    pub const fn longest_key_life(&self) -> Option<std::time::Duration> {
        self.expiry.max
    }

    /// How long people stay signed in.
    #[must_use]
    pub const fn sign_in_rules(&self) -> &SignInRules {
        &self.sign_in
    }

    /// The clock that everything here goes by.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The database.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }
}

/// What speaks to providers, as the operator allows it.
fn open_upstream(settings: &Settings, clock: Clock) -> Result<Upstream, Declined> {
    let networks = settings.upstream.allowed_networks.iter().map(|text| address::network(text));
    let allowed_networks = networks.collect::<Result<_, _>>();
    let invalid = |name: &str, words: &dyn std::fmt::Display| Declined::Invalid(format!("{name}: {words}"));
    let root_certificates = match &settings.upstream.ca_file {
        None => vec![],
        Some(path) => vec![std::fs::read(path).map_err(|error| invalid("upstream.ca_file", &error))?],
    };
    let rules = upstream::Settings {
        allowed_networks: allowed_networks.map_err(|error| invalid("upstream.allowed_networks", &error))?,
        root_certificates,
    };
    Upstream::new(&rules, clock).map_err(|error| invalid("upstream.ca_file", &error))
}
