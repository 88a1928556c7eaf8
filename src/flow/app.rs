//! Apps: made and changed by an operator.

use super::declined::check_text;
use super::resource::read_scopes;
use super::{Declined, Flows};
use crate::config::nearest;
use crate::limit;
use crate::policy::audience::is_identifier;
use crate::store::{StoreError, app_row};

/// What an app shall be; what is `None` stays, or gets its default.
#[derive(Clone, Debug, Default)]
pub struct AppWish {
    /// What people call it.
    pub name: Option<String>,
    /// What its keys may hold.
    pub scopes: Option<Vec<String>>,
    /// What its keys may ask tokens for.
    pub resources: Option<Vec<String>>,
    /// What a token is for when nobody says; `Some(None)` takes it away.
    pub default_resource: Option<Option<String>>,
    /// Whether its keys mint anything.
    pub is_disabled: Option<bool>,
    /// Whether `hallpass.toml` declares it.
    pub is_declared: Option<bool>,
}

impl Flows {
    /// All apps.
    pub async fn list_apps(&self) -> Result<Vec<app_row::Model>, Declined> {
        Ok(self.store.list_apps().await?)
    }

    /// The app `client_id`; if there is none, the one that was probably meant is named.
    pub async fn find_app(&self, client_id: &str) -> Result<app_row::Model, Declined> {
        if let Some(row) = self.store.find_app(client_id).await? {
            return Ok(row);
        }
        let rows = self.store.list_apps().await?;
        let nearest = nearest(client_id, rows.iter().map(|row| &*row.client_id));
        Err(Declined::NoSuch { what: "app", name: client_id.to_owned(), nearest })
    }

    /// Makes an app.
    pub async fn create_app(&self, client_id: &str, wish: &AppWish) -> Result<app_row::Model, Declined> {
        let now = self.clock.now();
        self.check_resources(wish).await?;
        let row = apply(new(client_id, now)?, wish, now)?;
        match self.store.insert_app(now, row.clone()).await {
            Ok(()) => Ok(row),
            Err(StoreError::Exists) => Err(Declined::Exists { what: "app", name: client_id.to_owned() }),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes an app. What it loses, its keys lose at once.
    pub async fn update_app(&self, client_id: &str, wish: &AppWish) -> Result<app_row::Model, Declined> {
        self.find_app(client_id).await?;
        self.check_resources(wish).await?;
        let now = self.clock.now();
        self.store.update_app(now, client_id, |row| apply(row, wish, now)).await
    }

    /// Each resource of the wish must be there.
    async fn check_resources(&self, wish: &AppWish) -> Result<(), Declined> {
        for identifier in wish.resources.iter().flatten() {
            self.find_resource(identifier).await?;
        }
        Ok(())
    }
}

/// An app as it is when nothing is wished.
pub(super) fn new(client_id: &str, now: i64) -> Result<app_row::Model, Declined> {
    check_client_id(client_id)?;
    Ok(app_row::Model {
        client_id: client_id.to_owned(),
        name: client_id.to_owned(),
        scopes: String::new(),
        resources: String::new(),
        default_resource: None,
        is_declared: false,
        created_at: now,
        disabled_at: None,
    })
}

/// The row with the wish granted, whether its resources are there or not.
pub(super) fn apply(mut row: app_row::Model, wish: &AppWish, now: i64) -> Result<app_row::Model, Declined> {
    if let Some(name) = &wish.name {
        row.name = check_text("name", name)?;
    }
    if let Some(scopes) = &wish.scopes {
        row.scopes = read_scopes(scopes)?.to_string();
    }
    if let Some(resources) = &wish.resources {
        row.resources = read_identifiers(resources)?;
    }
    if let Some(default) = &wish.default_resource {
        row.default_resource.clone_from(default);
    }
    if let Some(default) =
        row.default_resource.clone().filter(|default| !row.resources.split(' ').any(|own| own == default))
    {
        return Err(Declined::Outside { what: "resource", name: default, of: format!("the app `{}`", row.client_id) });
    }
    if let Some(is_disabled) = wish.is_disabled {
        row.disabled_at = is_disabled.then(|| row.disabled_at.unwrap_or(now));
    }
    row.is_declared = wish.is_declared.unwrap_or(row.is_declared);
    Ok(row)
}

/// A list of resource identifiers as it is kept, each once.
pub(super) fn read_identifiers(identifiers: &[String]) -> Result<String, Declined> {
    let mut kept: Vec<&str> = Vec::new();
    for identifier in identifiers {
        if !is_identifier(identifier) {
            return Err(Declined::Invalid(format!("`{identifier}` is no absolute URI")));
        }
        if !kept.contains(&&**identifier) {
            kept.push(identifier);
        }
    }
    if kept.len() > limit::LIST_MAX {
        return Err(Declined::Invalid(format!("more than {} resources", limit::LIST_MAX)));
    }
    Ok(kept.join(" "))
}

/// A `client_id` is also the `sub` of an app's own tokens: it must not look like a person's (RFC 9700 section 4.15),
/// and it must survive every header and URL unchanged.
fn check_client_id(client_id: &str) -> Result<(), Declined> {
    let is_good = (1..=64).contains(&client_id.len())
        && client_id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte))
        && client_id.starts_with(|first: char| first.is_ascii_lowercase())
        && !client_id.starts_with("usr_");
    if is_good {
        return Ok(());
    }
    let words = "a client_id is 1 to 64 of a-z, 0-9, `-`, `_` and `.`, begins with a letter and not with usr_";
    Err(Declined::Invalid(words.to_owned()))
}
