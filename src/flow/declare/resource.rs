//! Declared resources.

use super::{Difference, Verb, changed};
use crate::config::DeclaredResource;
use crate::flow::{Declined, Flows, ResourceWish, resource};
use crate::store::resource_row;

impl Flows {
    pub(super) async fn apply_resource(
        &self,
        old: Option<&resource_row::Model>,
        declared: &DeclaredResource,
        is_dry: bool,
    ) -> Result<Option<Difference>, Declined> {
        let (name, wish) = (&declared.identifier, wish(declared));
        let Some(old) = old else {
            if !is_dry {
                self.create_resource(name, &wish).await?;
            }
            return Ok(Some(Difference { verb: Verb::Create, what: "resource", name: name.clone(), fields: vec![] }));
        };
        let new = resource::apply(old.clone(), &wish, self.clock.now())?;
        let fields = changed(&fields(old), &fields(&new));
        if fields.is_empty() {
            return Ok(None);
        }
        if !is_dry {
            self.update_resource(name, &wish).await?;
        }
        Ok(Some(Difference { verb: Verb::Update, what: "resource", name: name.clone(), fields }))
    }
}

/// Whether it can be as it is declared.
pub(super) fn check(declared: &DeclaredResource) -> Result<(), Declined> {
    resource::apply(resource::new(&declared.identifier, 0)?, &wish(declared), 0).map(drop)
}

fn wish(declared: &DeclaredResource) -> ResourceWish {
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

fn fields(row: &resource_row::Model) -> [(&'static str, String); 7] {
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
