//! Resources: made, changed, removed by an operator.

use std::collections::BTreeMap;
use std::time::Duration;

use hallpass_verifier::Profile;

use super::declined::check_text;
use super::{Declined, Flows};
use crate::config::{Span, nearest};
use crate::limit;
use crate::policy::audience;
use crate::policy::person::Claim;
use crate::policy::scope::Scopes;
use crate::store::{StoreError, resource_row};

/// What a resource shall be; what is `None` stays, or gets its default.
#[derive(Clone, Debug, Default)]
pub struct ResourceWish {
    /// What people call it.
    pub name: Option<String>,
    /// The scopes it knows.
    pub scopes: Option<Vec<String>>,
    /// `standard`, `compat` or `modern`.
    pub profile: Option<String>,
    /// How long its tokens live.
    pub token_lifetime: Option<Span>,
    /// Which claims of a person its tokens carry.
    pub claims: Option<Vec<String>>,
    /// What its scopes mean, for people.
    pub scope_words: Option<BTreeMap<String, String>>,
    /// Whether tokens are made for it.
    pub is_disabled: Option<bool>,
    /// Whether `hallpass.toml` declares it.
    pub is_declared: Option<bool>,
}

impl Flows {
    /// All resources.
    pub async fn list_resources(&self) -> Result<Vec<resource_row::Model>, Declined> {
        Ok(self.store.list_resources().await?)
    }

    /// The resource called `identifier`, or the one that was probably meant.
    pub async fn find_resource(&self, identifier: &str) -> Result<resource_row::Model, Declined> {
        if let Some(row) = self.store.find_resource(identifier).await? {
            return Ok(row);
        }
        let rows = self.store.list_resources().await?;
        let nearest = nearest(identifier, rows.iter().map(|row| &*row.identifier));
        Err(Declined::NoSuch { what: "resource", name: identifier.to_owned(), nearest })
    }

    /// Makes a resource.
    pub async fn create_resource(
        &self,
        identifier: &str,
        wish: &ResourceWish,
    ) -> Result<resource_row::Model, Declined> {
        let now = self.clock.now();
        let row = apply(new(identifier, now)?, wish, now)?;
        self.prepare(&row).await?;
        match self.store.insert_resource(now, row.clone()).await {
            Ok(()) => Ok(row),
            Err(StoreError::Exists) => Err(Declined::Exists { what: "resource", name: identifier.to_owned() }),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes a resource. Tokens made before keep what they say.
    pub async fn update_resource(
        &self,
        identifier: &str,
        wish: &ResourceWish,
    ) -> Result<resource_row::Model, Declined> {
        let now = self.clock.now();
        self.prepare(&apply(self.find_resource(identifier).await?, wish, now)?).await?;
        self.store.update_resource(now, identifier, |row| apply(row, wish, now)).await
    }

    /// Removes a resource that nothing names any more.
    pub async fn delete_resource(&self, identifier: &str) -> Result<(), Declined> {
        let row = self.find_resource(identifier).await?;
        match self.store.delete_resource(self.clock.now(), &row.identifier).await {
            Err(StoreError::Referred) => Err(Declined::InUse { name: row.identifier }),
            outcome => Ok(outcome?),
        }
    }

    /// A key of the resource's kind must sign before the first token for it is asked for.
    async fn prepare(&self, row: &resource_row::Model) -> Result<(), Declined> {
        let profile = row.profile.parse().map_err(|_| StoreError::Corrupt("resource"))?;
        self.prepare_profile(profile).await
    }
}

/// A resource as it is when nothing is wished.
pub(super) fn new(identifier: &str, now: i64) -> Result<resource_row::Model, Declined> {
    if !audience::is_identifier(identifier) {
        let words = "a resource's identifier is an absolute URI without fragment, such as https://orders.example";
        return Err(Declined::Invalid(words.to_owned()));
    }
    Ok(resource_row::Model {
        identifier: identifier.to_owned(),
        name: identifier.to_owned(),
        scopes: String::new(),
        profile: Profile::default().as_str().to_owned(),
        token_lifetime: seconds(limit::TOKEN_LIFETIME),
        claims: String::new(),
        scope_words: "{}".to_owned(),
        is_declared: false,
        created_at: now,
        disabled_at: None,
    })
}

/// The row with the wish granted, if it can be.
pub(super) fn apply(
    mut row: resource_row::Model,
    wish: &ResourceWish,
    now: i64,
) -> Result<resource_row::Model, Declined> {
    if let Some(name) = &wish.name {
        row.name = check_text("name", name)?;
    }
    if let Some(scopes) = &wish.scopes {
        row.scopes = read_scopes(scopes)?.to_string();
    }
    if let Some(profile) = &wish.profile {
        let profile: Profile = profile.parse().map_err(|_| {
            let nearest = nearest(profile, Profile::ALL.iter().map(|known| known.as_str()));
            Declined::NoSuch { what: "profile", name: profile.clone(), nearest }
        })?;
        profile.as_str().clone_into(&mut row.profile);
    }
    if let Some(lifetime) = wish.token_lifetime {
        if !(limit::TOKEN_LIFETIME_MIN..=limit::TOKEN_LIFETIME_MAX).contains(&lifetime.get()) {
            let (min, max) = (Span::from(limit::TOKEN_LIFETIME_MIN), Span::from(limit::TOKEN_LIFETIME_MAX));
            return Err(Declined::Invalid(format!("a token lives between {min} and {max}, not {lifetime}")));
        }
        row.token_lifetime = seconds(lifetime.get());
    }
    if let Some(names) = &wish.claims {
        if let Some(name) = names.iter().find(|name| Claim::find(name).is_none()) {
            let nearest = nearest(name, Claim::ALL.iter().map(|known| known.as_str()));
            return Err(Declined::NoSuch { what: "claim", name: name.clone(), nearest });
        }
        row.claims = read_scopes(names)?.to_string();
    }
    if let Some(words) = &wish.scope_words {
        for (scope, words) in words {
            check_text(&format!("description of `{scope}`"), words)?;
        }
        row.scope_words = serde_json::to_string(words).unwrap_or_else(|_| row.scope_words.clone());
    }
    if let Some(is_disabled) = wish.is_disabled {
        row.disabled_at = is_disabled.then(|| row.disabled_at.unwrap_or(now));
    }
    row.is_declared = wish.is_declared.unwrap_or(row.is_declared);
    Ok(row)
}

/// A list of scopes, each of which is one.
pub(super) fn read_scopes(names: &[String]) -> Result<Scopes, Declined> {
    if let Some(name) = names.iter().find(|name| name.is_empty() || name.contains(' ')) {
        return Err(Declined::Invalid(format!("`{name}` is no scope")));
    }
    names.join(" ").parse().map_err(|error| Declined::Invalid(format!("{error}")))
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}
