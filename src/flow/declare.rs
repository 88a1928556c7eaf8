//! Declared apps and resources: made as `hallpass.toml` says, and left alone when they are so already.

use std::fmt;

use super::{AppWish, Declined, Flows, ResourceWish, app, resource};
use crate::config::{DeclaredApp, DeclaredResource, Settings};
use crate::store::{app_row, resource_row};

/// One thing that differs between what is declared and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What is done about it.
    pub verb: Verb,
    /// `app` or `resource`.
    pub what: &'static str,
    /// Which.
    pub name: String,
    /// Field by field: what it was, and what it becomes.
    pub fields: Vec<(&'static str, String, String)>,
}

/// What is done about a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It was declared once and is not any more: it stays, and is the command line's again.
    Release,
}

impl Flows {
    /// Makes apps and resources as `settings` declare them, or with `is_dry` only says what would be done. The second
    /// time there is nothing to do.
    pub async fn apply_declared(&self, settings: &Settings, is_dry: bool) -> Result<Vec<Difference>, Declined> {
        check_declared(settings)?;
        let mut differences = Vec::new();
        let (resources, apps) = (self.store.list_resources().await?, self.store.list_apps().await?);
        for declared in &settings.resources {
            let old = resources.iter().find(|row| row.identifier == declared.identifier);
            differences.extend(self.apply_resource(old, declared, is_dry).await?);
        }
        for declared in &settings.apps {
            check_resources(declared, &resources, &settings.resources)?;
            let old = apps.iter().find(|row| row.client_id == declared.client_id);
            differences.extend(self.apply_app_declared(old, declared, is_dry).await?);
        }
        let is_declared =
            |identifier: &str| settings.resources.iter().any(|declared| declared.identifier == identifier);
        for old in resources.iter().filter(|old| old.is_declared && !is_declared(&old.identifier)) {
            differences.push(release("resource", &old.identifier));
            if !is_dry {
                let wish = ResourceWish { is_declared: Some(false), ..ResourceWish::default() };
                self.update_resource(&old.identifier, &wish).await?;
            }
        }
        let is_declared = |client_id: &str| settings.apps.iter().any(|declared| declared.client_id == client_id);
        for old in apps.iter().filter(|old| old.is_declared && !is_declared(&old.client_id)) {
            differences.push(release("app", &old.client_id));
            if !is_dry {
                let wish = AppWish { is_declared: Some(false), ..AppWish::default() };
                self.update_app(&old.client_id, &wish).await?;
            }
        }
        Ok(differences)
    }

    async fn apply_resource(
        &self,
        old: Option<&resource_row::Model>,
        declared: &DeclaredResource,
        is_dry: bool,
    ) -> Result<Option<Difference>, Declined> {
        let (name, wish) = (&declared.identifier, resource_wish(declared));
        let Some(old) = old else {
            if !is_dry {
                self.create_resource(name, &wish).await?;
            }
            return Ok(Some(Difference { verb: Verb::Create, what: "resource", name: name.clone(), fields: vec![] }));
        };
        let new = resource::apply(old.clone(), &wish, self.clock.now())?;
        let fields = changed(&resource_fields(old), &resource_fields(&new));
        if fields.is_empty() {
            return Ok(None);
        }
        if !is_dry {
            self.update_resource(name, &wish).await?;
        }
        Ok(Some(Difference { verb: Verb::Update, what: "resource", name: name.clone(), fields }))
    }

    async fn apply_app_declared(
        &self,
        old: Option<&app_row::Model>,
        declared: &DeclaredApp,
        is_dry: bool,
    ) -> Result<Option<Difference>, Declined> {
        let (name, wish) = (&declared.client_id, app_wish(declared));
        let Some(old) = old else {
            if !is_dry {
                self.create_app(name, &wish).await?;
            }
            return Ok(Some(Difference { verb: Verb::Create, what: "app", name: name.clone(), fields: vec![] }));
        };
        let new = app::apply(old.clone(), &wish, self.clock.now())?;
        let fields = changed(&app_fields(old), &app_fields(&new));
        if fields.is_empty() {
            return Ok(None);
        }
        if !is_dry {
            self.update_app(name, &wish).await?;
        }
        Ok(Some(Difference { verb: Verb::Update, what: "app", name: name.clone(), fields }))
    }
}

/// Whether all that `settings` declare can be, one by one: nothing is done by halves because the last one can't.
pub fn check_declared(settings: &Settings) -> Result<(), Declined> {
    let twice = |what, name: &String| Err(Declined::Exists { what, name: name.clone() });
    for (at, declared) in settings.resources.iter().enumerate() {
        if settings.resources[..at].iter().any(|other| other.identifier == declared.identifier) {
            return twice("resource", &declared.identifier);
        }
        resource::apply(resource::new(&declared.identifier, 0)?, &resource_wish(declared), 0)?;
    }
    for (at, declared) in settings.apps.iter().enumerate() {
        if settings.apps[..at].iter().any(|other| other.client_id == declared.client_id) {
            return twice("app", &declared.client_id);
        }
        app::apply(app::new(&declared.client_id, 0)?, &app_wish(declared), 0)?;
    }
    Ok(())
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.verb {
            Verb::Create => '+',
            Verb::Update => '~',
            Verb::Release => '-',
        };
        write!(f, "{mark} {} {}", self.what, self.name)?;
        if self.verb == Verb::Release {
            f.write_str("  (no longer declared; left as it is)")?;
        }
        for (field, old, new) in &self.fields {
            write!(f, "\n    {field}: {old} → {new}")?;
        }
        Ok(())
    }
}

fn release(what: &'static str, name: &str) -> Difference {
    Difference { verb: Verb::Release, what, name: name.to_owned(), fields: vec![] }
}

fn check_resources(
    app: &DeclaredApp,
    there: &[resource_row::Model],
    declared: &[DeclaredResource],
) -> Result<(), Declined> {
    let is_there = |name: &str| {
        there.iter().any(|row| row.identifier == name) || declared.iter().any(|resource| resource.identifier == name)
    };
    match app.resources.iter().find(|name| !is_there(name)) {
        None => Ok(()),
        Some(name) => {
            let names = declared.iter().map(|resource| &*resource.identifier);
            let nearest = crate::config::nearest(name, names.chain(there.iter().map(|row| &*row.identifier)));
            Err(Declined::NoSuch { what: "resource", name: name.clone(), nearest })
        }
    }
}

fn resource_wish(declared: &DeclaredResource) -> ResourceWish {
    ResourceWish {
        name: Some(declared.name.clone().unwrap_or_else(|| declared.identifier.clone())),
        scopes: Some(declared.scopes.clone()),
        profile: Some(declared.profile.clone().unwrap_or_else(|| "standard".to_owned())),
        token_lifetime: Some(declared.token_lifetime.unwrap_or_else(|| crate::limit::TOKEN_LIFETIME.into())),
        claims: Some(declared.claims.clone()),
        scope_words: Some(declared.scope_words.clone()),
        is_disabled: None,
        is_declared: Some(true),
    }
}

fn app_wish(declared: &DeclaredApp) -> AppWish {
    AppWish {
        name: Some(declared.name.clone().unwrap_or_else(|| declared.client_id.clone())),
        scopes: Some(declared.scopes.clone()),
        resources: Some(declared.resources.clone()),
        default_resource: Some(declared.default_resource.clone()),
        is_public: Some(declared.public),
        redirect_uris: Some(declared.redirect_uris.clone()),
        post_logout_redirect_uris: Some(declared.post_logout_redirect_uris.clone()),
        grant_types: declared.grant_types.clone(),
        is_first_party: Some(declared.first_party),
        may_skip_pkce: Some(declared.skip_pkce),
        id_token_alg: Some(declared.id_token_alg.clone().unwrap_or_else(|| "RS256".to_owned())),
        home_uri: Some(declared.home_uri.clone()),
        roles: Some(declared.roles.clone()),
        allows_personal_keys: Some(declared.personal_keys),
        is_disabled: None,
        is_declared: Some(true),
    }
}

type Fields = [(&'static str, String)];

fn changed(old: &Fields, new: &Fields) -> Vec<(&'static str, String, String)> {
    let pairs = old.iter().zip(new).filter(|(old, new)| old != new);
    pairs.map(|((field, old), (_, new))| (*field, old.clone(), new.clone())).collect()
}

fn resource_fields(row: &resource_row::Model) -> [(&'static str, String); 7] {
    [
        ("name", row.name.clone()),
        ("scopes", row.scopes.clone()),
        ("profile", row.profile.clone()),
        ("token_lifetime", format!("{} s", row.token_lifetime)),
        ("claims", row.claims.clone()),
        ("scope_words", row.scope_words.clone()),
        ("declared", row.is_declared.to_string()),
    ]
}

fn app_fields(row: &app_row::Model) -> [(&'static str, String); 15] {
    [
        ("name", row.name.clone()),
        ("scopes", row.scopes.clone()),
        ("resources", row.resources.clone()),
        ("default_resource", row.default_resource.clone().unwrap_or_else(|| "-".to_owned())),
        ("public", row.is_public.to_string()),
        ("redirect_uris", row.redirect_uris.clone()),
        ("post_logout_redirect_uris", row.post_logout_redirect_uris.clone()),
        ("grant_types", row.grant_types.clone()),
        ("first_party", row.is_first_party.to_string()),
        ("skip_pkce", row.may_skip_pkce.to_string()),
        ("id_token_alg", row.id_token_alg.clone()),
        ("home_uri", row.home_uri.clone().unwrap_or_else(|| "-".to_owned())),
        ("roles", row.roles.clone()),
        ("personal_keys", row.allows_personal_keys.to_string()),
        ("declared", row.is_declared.to_string()),
    ]
}
