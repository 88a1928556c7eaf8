//! Records: what the hot path needs of an app and of a person, read from the rows once and kept in memory.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use entity::{app, resource, user};
use hallpass_verifier::{Algorithm, Profile};

use super::StoreError;
use crate::policy::person::{Claim, Person};
use crate::policy::scope::Scopes;

/// An app with the resources its keys may ask tokens for.
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
#[derive(Debug)]
pub struct AppRecord {
    /// Its `client_id`.
    pub client_id: Arc<str>,
    /// What people call it.
    pub name: Box<str>,
    /// Its home page.
    pub home_uri: Option<Box<str>>,
    /// Whether it can keep no secret.
    pub is_public: bool,
    /// Whether it is the operator's own.
    pub is_first_party: bool,
    /// Whether it may rely on `nonce` instead of PKCE.
    pub may_skip_pkce: bool,
    /// Whether people may make keys of their own for it.
    pub allows_personal_keys: bool,
    /// What it may trade for tokens.
    pub grant_types: Box<[Box<str>]>,
    /// Where people may be sent back to it.
    pub redirect_uris: Box<[Box<str>]>,
    /// Where people may be sent after they signed out.
    pub post_logout_redirect_uris: Box<[Box<str>]>,
    /// How its ID tokens are signed.
    pub id_token_algorithm: Algorithm,
    /// Who may sign in to it; none means everyone.
    pub roles: Box<[Box<str>]>,
    /// What its keys may hold at most.
    pub scopes: Scopes,
    /// The enabled ones among its resources.
    pub resources: Box<[ResourceRecord]>,
    /// Which of them a token is for when nobody says.
    pub default_resource: Option<Box<str>>,
    /// Whether its keys mint anything.
    pub is_enabled: bool,
}

/// A resource, as far as a token cares.
#[derive(Debug)]
pub struct ResourceRecord {
    /// The `aud`.
    pub identifier: Box<str>,
    /// What people call it.
    pub name: Box<str>,
    /// What it knows.
    pub scopes: Scopes,
    /// What its scopes mean, for people.
    pub scope_words: BTreeMap<String, String>,
    /// Which claims of a person its tokens carry.
    pub claims: Box<[Claim]>,
    /// How its tokens look.
    pub profile: Profile,
    /// How long they live.
    pub token_lifetime: Duration,
}

impl AppRecord {
    /// The resource called `identifier`, if the app may use it now.
    #[must_use]
    pub fn resource(&self, identifier: &str) -> Option<&ResourceRecord> {
        self.resources.iter().find(|resource| &*resource.identifier == identifier)
    }

    /// Whether it may trade `grant_type` for tokens.
    #[must_use]
    pub fn may_use(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|own| **own == *grant_type)
    }

    /// Whether a person with these roles may sign in to it.
    #[must_use]
    pub fn admits(&self, person: &Person) -> bool {
        person.has_any_role(self.roles.iter().map(|role| &**role))
    }

    pub(super) fn new(app: app::Model, resources: Vec<resource::Model>) -> Result<Self, StoreError> {
        Ok(Self {
            client_id: app.client_id.into(),
            name: app.name.into(),
            home_uri: app.home_uri.map(Into::into),
            is_public: app.is_public,
            is_first_party: app.is_first_party,
            may_skip_pkce: app.may_skip_pkce,
            allows_personal_keys: app.allows_personal_keys,
            grant_types: boxed(&app.grant_types),
            redirect_uris: boxed(&app.redirect_uris),
            post_logout_redirect_uris: boxed(&app.post_logout_redirect_uris),
            id_token_algorithm: app.id_token_alg.parse().map_err(|_| StoreError::Corrupt("app"))?,
            roles: boxed(&app.roles),
            scopes: Scopes::trusted(&app.scopes),
            resources: resources
                .into_iter()
                .filter(|resource| resource.disabled_at.is_none())
                .map(ResourceRecord::try_from)
                .collect::<Result<_, _>>()?,
            default_resource: app.default_resource.map(Into::into),
            is_enabled: app.disabled_at.is_none(),
        })
    }
}

impl TryFrom<resource::Model> for ResourceRecord {
    type Error = StoreError;

    fn try_from(row: resource::Model) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt("resource");
        Ok(Self {
            identifier: row.identifier.into(),
            name: row.name.into(),
            scopes: Scopes::trusted(&row.scopes),
            scope_words: serde_json::from_str(&row.scope_words).map_err(|_| corrupt())?,
            claims: words(&row.claims).filter_map(Claim::find).collect(),
            profile: row.profile.parse().map_err(|_| corrupt())?,
            token_lifetime: Duration::from_secs(u64::try_from(row.token_lifetime).map_err(|_| corrupt())?),
        })
    }
}

/// A person, as far as tokens and pages care.
#[derive(Debug)]
pub struct UserRecord {
    /// The `sub`.
    pub id: Arc<str>,
    /// What the last sign-in told.
    pub person: Person,
    /// Whether they may sign in and their keys mint anything.
    pub is_enabled: bool,
}

impl TryFrom<user::Model> for UserRecord {
    type Error = StoreError;

    fn try_from(row: user::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.into(),
            person: serde_json::from_str(&row.claims).map_err(|_| StoreError::Corrupt("user"))?,
            is_enabled: row.disabled_at.is_none(),
        })
    }
}

/// The words of a single-spaced list, each by itself.
pub(super) fn boxed(list: &str) -> Box<[Box<str>]> {
    words(list).map(Box::from).collect()
}

/// The words of a single-spaced list.
pub(super) fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(' ').filter(|word| !word.is_empty())
}
