//! Declared apps.

use super::{Difference, Verb, changed};
use crate::config::{DeclaredApp, DeclaredResource};
use crate::flow::{AppWish, Declined, Flows, app};
use crate::store::{app_row, resource_row};

impl Flows {
    pub(super) async fn apply_app(
        &self,
        old: Option<&app_row::Model>,
        declared: &DeclaredApp,
        is_dry: bool,
    ) -> Result<Option<Difference>, Declined> {
        let (name, wish) = (&declared.client_id, wish(declared));
        let Some(old) = old else {
            if !is_dry {
                self.create_app(name, &wish).await?;
            }
            return Ok(Some(Difference { verb: Verb::Create, what: "app", name: name.clone(), fields: vec![] }));
        };
        let new = app::apply(old.clone(), &wish, self.clock.now())?;
        let fields = changed(&fields(old), &fields(&new));
        if fields.is_empty() {
            return Ok(None);
        }
        if !is_dry {
            self.update_app(name, &wish).await?;
        }
        Ok(Some(Difference { verb: Verb::Update, what: "app", name: name.clone(), fields }))
    }
}

/// Whether each of its resources is there, or declared as well.
pub(super) fn check_resources(
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

/// Whether it can be as it is declared.
pub(super) fn check(declared: &DeclaredApp) -> Result<(), Declined> {
    app::apply(app::new(&declared.client_id, 0)?, &wish(declared), 0).map(drop)
}

fn wish(declared: &DeclaredApp) -> AppWish {
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

fn fields(row: &app_row::Model) -> [(&'static str, String); 15] {
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
