//! Declared apps, resources and providers: made as `hallpass.toml` says, and left alone when they are so already.

mod app;
mod provider;
mod resource;

use std::collections::HashSet;
use std::fmt;

use super::{AppWish, Declined, Flows, ProviderWish, ResourceWish};
use crate::config::Settings;

/// One thing that differs between what is declared and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What is done about it.
    pub verb: Verb,
    /// `app`, `resource` or `provider`.
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
    /// Makes apps, resources and providers as `settings` declare them, or with `is_dry` only says what would be done.
    /// The second time there is nothing to do. No provider is asked anything.
    pub async fn apply_declared(&self, settings: &Settings, is_dry: bool) -> Result<Vec<Difference>, Declined> {
        check_declared(settings)?;
        match self.try_declared(settings, is_dry).await {
            // Another node that starts in the same moment made it first.
            Err(Declined::Exists { .. }) => self.try_declared(settings, is_dry).await,
            outcome => outcome,
        }
    }

    async fn try_declared(&self, settings: &Settings, is_dry: bool) -> Result<Vec<Difference>, Declined> {
        let mut differences = Vec::new();
        let (resources, apps) = (self.store.list_resources().await?, self.store.list_apps().await?);
        let providers = self.store.list_providers().await?;
        for declared in &settings.resources {
            let old = resources.iter().find(|row| row.identifier == declared.identifier);
            differences.extend(self.apply_resource(old, declared, is_dry).await?);
        }
        for declared in &settings.apps {
            app::check_resources(declared, &resources, &settings.resources)?;
            let old = apps.iter().find(|row| row.client_id == declared.client_id);
            differences.extend(self.apply_app(old, declared, is_dry).await?);
        }
        for declared in &settings.providers {
            let old = providers.iter().find(|row| row.name == declared.name);
            differences.extend(self.apply_provider_declared(old, declared, is_dry).await?);
        }
        let identifiers: Vec<&str> = settings.resources.iter().map(|declared| &*declared.identifier).collect();
        for old in resources.iter().filter(|old| old.is_declared && !identifiers.contains(&&*old.identifier)) {
            differences.push(release("resource", &old.identifier));
            if !is_dry {
                let wish = ResourceWish { is_declared: Some(false), ..ResourceWish::default() };
                self.update_resource(&old.identifier, &wish).await?;
            }
        }
        let client_ids: Vec<&str> = settings.apps.iter().map(|declared| &*declared.client_id).collect();
        for old in apps.iter().filter(|old| old.is_declared && !client_ids.contains(&&*old.client_id)) {
            differences.push(release("app", &old.client_id));
            if !is_dry {
                let wish = AppWish { is_declared: Some(false), ..AppWish::default() };
                self.update_app(&old.client_id, &wish).await?;
            }
        }
        let names: Vec<&str> = settings.providers.iter().map(|declared| &*declared.name).collect();
        for old in providers.iter().filter(|old| old.is_declared && !names.contains(&&*old.name)) {
            differences.push(release("provider", &old.name));
            if !is_dry {
                let wish = ProviderWish { is_declared: Some(false), ..ProviderWish::default() };
                self.update_provider(&old.name, &wish).await?;
            }
        }
        Ok(differences)
    }
}

/// Whether all that `settings` declare can be, one by one: nothing is done by halves because the last one can't.
pub fn check_declared(settings: &Settings) -> Result<(), Declined> {
    check_once("resource", settings.resources.iter().map(|declared| &*declared.identifier))?;
    check_once("app", settings.apps.iter().map(|declared| &*declared.client_id))?;
    check_once("provider", settings.providers.iter().map(|declared| &*declared.name))?;
    settings.resources.iter().try_for_each(resource::check)?;
    settings.apps.iter().try_for_each(app::check)?;
    settings.providers.iter().try_for_each(provider::check)
}

fn check_once<'a>(what: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), Declined> {
    let mut seen = HashSet::new();
    match names.into_iter().find(|name| !seen.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(Declined::Exists { what, name: name.to_owned() }),
    }
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

type Fields = [(&'static str, String)];

fn changed(old: &Fields, new: &Fields) -> Vec<(&'static str, String, String)> {
    let pairs = old.iter().zip(new).filter(|(old, new)| old != new);
    pairs.map(|((field, old), (_, new))| (*field, old.clone(), new.clone())).collect()
}
