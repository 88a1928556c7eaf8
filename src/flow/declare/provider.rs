//! Declared providers. Their secrets are read from where the file says, and never shown.

use super::{Difference, Verb, changed};
use crate::config::{DeclaredProvider, Secret};
use crate::flow::provider::{self, Rules, find_preset};
use crate::flow::{Declined, Flows, ProviderWish};
use crate::policy::admission::Admission;
use crate::store::{StoreError, provider_row};

impl Flows {
    pub(super) async fn apply_provider_declared(
        &self,
        old: Option<&provider_row::Model>,
        declared: &DeclaredProvider,
        is_dry: bool,
    ) -> Result<Option<Difference>, Declined> {
        let (name, wish) = (&declared.name, wish(declared)?);
        let Some(old) = old else {
            if !is_dry {
                self.create_provider(name, &wish).await?;
            }
            return Ok(Some(Difference { verb: Verb::Create, what: "provider", name: name.clone(), fields: vec![] }));
        };
        let new = self.apply_provider(old.clone(), &wish)?;
        let mut differing = changed(&fields(old)?, &fields(&new)?);
        if old.sealed_secret != new.sealed_secret {
            let shown = if old.sealed_secret.is_some() { ("***", "*** (another)") } else { ("-", "***") };
            differing.push(("client_secret", shown.0.to_owned(), shown.1.to_owned()));
        }
        if differing.is_empty() {
            return Ok(None);
        }
        if !is_dry {
            self.update_provider(name, &wish).await?;
        }
        Ok(Some(Difference { verb: Verb::Update, what: "provider", name: name.clone(), fields: differing }))
    }
}

/// Whether it can be as it is declared, its secret included. Asks nobody.
pub(super) fn check(declared: &DeclaredProvider) -> Result<(), Declined> {
    let wish = wish(declared)?;
    provider::apply(provider::new(&declared.name, &wish, 0)?, &wish, 0).map(drop)
}

fn wish(declared: &DeclaredProvider) -> Result<ProviderWish, Declined> {
    let invalid = |words: &dyn std::fmt::Display| Declined::Invalid(words.to_string());
    let preset = find_preset(declared.preset.as_deref().unwrap_or("openid"))?;
    let usual_scopes = || preset.scopes().iter().map(|scope| (*scope).to_owned()).collect();
    let mut claims = preset.claims();
    for (ours, theirs) in &declared.claims {
        claims.set(ours, theirs).map_err(|error| invalid(&format!("provider `{}`: {error}", declared.name)))?;
    }
    Ok(ProviderWish {
        title: Some(declared.title.clone().unwrap_or_else(|| declared.name.clone())),
        preset: Some(preset.as_str().to_owned()),
        issuer: declared.issuer.clone().or_else(|| Some(preset.issuer().unwrap_or_default().to_owned())),
        client_id: Some(declared.client_id.clone()),
        // One that was set on the command line stays where the file does not say where another is.
        client_secret: read_secret(declared)?,
        scopes: Some(declared.scopes.clone().unwrap_or_else(usual_scopes)),
        claims: Some(claims),
        admission: Some(Admission {
            allowed_domains: declared.allowed_domains.clone(),
            requires_verified_email: declared.require_verified_email,
            links_by_email: declared.link_by_email,
            roles: declared.roles.clone(),
        }),
        authorize_params: Some(declared.params.clone().into_iter().collect()),
        is_disabled: None,
        is_declared: Some(true),
    })
}

fn read_secret(declared: &DeclaredProvider) -> Result<Option<Secret>, Declined> {
    declared.client_secret().map_err(|error| Declined::Invalid(error.to_string()))
}

fn fields(row: &provider_row::Model) -> Result<[(&'static str, String); 12], Declined> {
    let corrupt = || StoreError::Corrupt("provider");
    let provider = provider::describe(row)?;
    let Rules { admission, authorize_params } = serde_json::from_str(&row.rules).map_err(|_| corrupt())?;
    let pairs = |pairs: Vec<String>| if pairs.is_empty() { "-".to_owned() } else { pairs.join(" ") };
    let claims = provider.claims.pairs().map(|(ours, theirs)| format!("{ours}={}", theirs.unwrap_or_default()));
    let roles = admission.roles.iter().map(|(group, roles)| format!("{group}={}", roles.join(",")));
    Ok([
        ("title", row.title.clone()),
        ("preset", row.preset.clone()),
        ("issuer", row.issuer.clone()),
        ("client_id", row.client_id.clone()),
        ("scopes", row.scopes.clone()),
        ("claims", claims.join(" ")),
        ("params", pairs(authorize_params.iter().map(|(name, value)| format!("{name}={value}")).collect())),
        ("allowed_domains", pairs(admission.allowed_domains.clone())),
        ("require_verified_email", admission.requires_verified_email.to_string()),
        ("link_by_email", admission.links_by_email.to_string()),
        ("roles", pairs(roles.collect())),
        ("declared", row.is_declared.to_string()),
    ])
}
