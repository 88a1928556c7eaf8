//! Providers: where people sign in, made and changed by an operator.

use serde::{Deserialize, Serialize};

use super::declined::check_text;
use super::{Declined, Flows, Halt};
use crate::config::{Secret, nearest};
use crate::credential::{Purpose, Sealed};
use crate::limit;
use crate::policy::admission::Admission;
use crate::store::{StoreError, provider_row};
use crate::upstream::{ClaimMapping, Finding, Preset, Provider};

/// What a provider shall be; what is `None` stays, or gets its default.
#[derive(Clone, Debug, Default)]
pub struct ProviderWish {
    /// What people read on its button.
    pub title: Option<String>,
    /// Which kind it is. What the old one brought along stays unless it is said.
    pub preset: Option<String>,
    /// Its issuer; the preset's when it has one.
    pub issuer: Option<String>,
    /// What we are called there.
    pub client_id: Option<String>,
    /// Our secret there.
    pub client_secret: Option<Secret>,
    /// What we ask there; the preset's unless it is said.
    pub scopes: Option<Vec<String>>,
    /// Which of its claims is which of ours; the preset's unless it is said.
    pub claims: Option<ClaimMapping>,
    /// Who may come in and what they become.
    pub admission: Option<Admission>,
    /// More parameters of the authorization request.
    pub authorize_params: Option<Vec<(String, String)>>,
    /// Whether people sign in there.
    pub is_disabled: Option<bool>,
    /// Whether `hallpass.toml` declares it.
    pub is_declared: Option<bool>,
}

/// What the `rules` of a row hold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Rules {
    #[serde(flatten)]
    pub(super) admission: Admission,
    pub(super) authorize_params: Vec<(String, String)>,
}

impl Flows {
    /// All providers.
    pub async fn list_providers(&self) -> Result<Vec<provider_row::Model>, Declined> {
        Ok(self.store.list_providers().await?)
    }

    /// The providers that people may choose from.
    pub async fn list_open_providers(&self) -> Result<Vec<provider_row::Model>, Halt> {
        let rows = self.store.list_providers().await?;
        Ok(rows.into_iter().filter(|row| row.disabled_at.is_none()).collect())
    }

    /// The provider called `name`, or the one that was probably meant.
    pub async fn find_provider(&self, name: &str) -> Result<provider_row::Model, Declined> {
        if let Some(row) = self.store.find_provider(name).await? {
            return Ok(row);
        }
        let rows = self.store.list_providers().await?;
        let nearest = nearest(name, rows.iter().map(|row| &*row.name));
        Err(Declined::NoSuch { what: "provider", name: name.to_owned(), nearest })
    }

    /// Makes a provider.
    pub async fn create_provider(&self, name: &str, wish: &ProviderWish) -> Result<provider_row::Model, Declined> {
        let row = self.apply_provider(new(name, wish, self.clock.now())?, wish)?;
        match self.store.insert_provider(row.clone()).await {
            Ok(()) => Ok(row),
            Err(StoreError::Exists) => Err(Declined::Exists { what: "provider", name: name.to_owned() }),
            Err(error) => Err(error.into()),
        }
    }

    /// Changes a provider.
    pub async fn update_provider(&self, name: &str, wish: &ProviderWish) -> Result<provider_row::Model, Declined> {
        self.find_provider(name).await?;
        self.store.update_provider(name, |row| self.apply_provider(row, wish)).await
    }

    /// Removes a provider. Who signed in there stays signed in, and can't come back that way.
    pub async fn delete_provider(&self, name: &str) -> Result<(), Declined> {
        let row = self.find_provider(name).await?;
        Ok(self.store.delete_provider(&row.name).await?)
    }

    /// Asks a provider everything that a sign-in will need, and says what is wrong.
    pub async fn test_provider(&self, name: &str) -> Result<Vec<Finding>, Declined> {
        let provider = self.provider(&self.find_provider(name).await?)?;
        Ok(self.upstream.check(&provider, &self.callback(name), self.clock.now()).await)
    }

    /// Where a provider sends people back: one address for each, so that answers can't be mixed up (RFC 9700 section
    /// 4.4.2).
    #[must_use]
    pub fn callback(&self, provider: &str) -> String {
        format!("{}/login/callback/{provider}", self.issuer)
    }

    /// The provider of a row, with its secret opened.
    pub(super) fn provider(&self, row: &provider_row::Model) -> Result<Provider, Declined> {
        let corrupt = || StoreError::Corrupt("provider");
        let secret = match (&row.sealed_secret, &row.root_key_id) {
            (Some(bytes), Some(root_key_id)) => {
                let sealed = Sealed { root_key_id: root_key_id.clone(), bytes: bytes.clone() };
                let secret = self.vault.unseal(Purpose::ProviderSecret, &row.name, &sealed)?;
                let secret = secret.map_err(|error| Declined::Secret(format!("provider {}: {error}", row.name)))?;
                Some(Secret::from(String::from_utf8(secret.to_vec()).map_err(|_| corrupt())?))
            }
            _ => None,
        };
        Ok(Provider { client_secret: secret, ..describe(row)? })
    }

    /// The row with the wish granted, the secret sealed.
    pub(super) fn apply_provider(
        &self,
        row: provider_row::Model,
        wish: &ProviderWish,
    ) -> Result<provider_row::Model, Declined> {
        let mut row = apply(row, wish, self.clock.now())?;
        if let Some(secret) = &wish.client_secret {
            let is_same = self.provider(&row).is_ok_and(|own| own.client_secret.as_ref() == Some(secret));
            if secret.is_empty() {
                (row.sealed_secret, row.root_key_id) = (None, None);
            } else if !is_same {
                let sealed = self.vault.seal(Purpose::ProviderSecret, &row.name, secret.reveal().as_bytes())?;
                (row.sealed_secret, row.root_key_id) = (Some(sealed.bytes), Some(sealed.root_key_id));
            }
        }
        Ok(row)
    }
}

/// The row with the wish granted, all but the secret.
pub(super) fn apply(
    mut row: provider_row::Model,
    wish: &ProviderWish,
    now: i64,
) -> Result<provider_row::Model, Declined> {
    let mut rules: Rules = serde_json::from_str(&row.rules).map_err(|_| StoreError::Corrupt("provider"))?;
    if let Some(preset) = &wish.preset {
        find_preset(preset)?.as_str().clone_into(&mut row.preset);
    }
    if let Some(title) = &wish.title {
        row.title = check_text("title", title)?;
    }
    if let Some(issuer) = &wish.issuer {
        issuer.clone_into(&mut row.issuer);
    }
    if let Some(client_id) = &wish.client_id {
        client_id.clone_into(&mut row.client_id);
    }
    if let Some(scopes) = &wish.scopes {
        row.scopes = scopes.join(" ");
    }
    if let Some(claims) = &wish.claims {
        row.claims = json(claims)?;
    }
    rules.admission = wish.admission.clone().unwrap_or(rules.admission);
    rules.authorize_params = wish.authorize_params.clone().unwrap_or(rules.authorize_params);
    row.rules = json(&rules)?;
    if let Some(is_disabled) = wish.is_disabled {
        row.disabled_at = is_disabled.then(|| row.disabled_at.unwrap_or(now));
    }
    row.is_declared = wish.is_declared.unwrap_or(row.is_declared);
    check(&row, &rules.admission)?;
    Ok(row)
}

/// What can't work is refused before anyone signs in, with words that mend it.
fn check(row: &provider_row::Model, admission: &Admission) -> Result<(), Declined> {
    let invalid = |words: &dyn std::fmt::Display| Declined::Invalid(format!("provider `{}`: {words}", row.name));
    let provider = describe(row)?;
    if provider.issuer.is_empty() {
        let (preset, example) = (provider.preset, provider.preset.issuer_example());
        return Err(invalid(&format!("say its issuer; for {preset} it looks like {example}")));
    }
    if provider.client_id.is_empty() {
        return Err(invalid(&"say the client id that it gave you"));
    }
    provider.check().map_err(|fault| invalid(&fault))?;
    admission.check().map_err(|words| invalid(&words))
}

/// The provider of a row, without its secret.
pub(super) fn describe(row: &provider_row::Model) -> Result<Provider, Declined> {
    let corrupt = || StoreError::Corrupt("provider");
    let rules: Rules = serde_json::from_str(&row.rules).map_err(|_| corrupt())?;
    Ok(Provider {
        name: row.name.as_str().into(),
        preset: row.preset.parse().map_err(|_| corrupt())?,
        issuer: row.issuer.clone(),
        client_id: row.client_id.clone(),
        client_secret: None,
        scopes: row.scopes.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
        claims: serde_json::from_str(&row.claims).map_err(|_| corrupt())?,
        authorize_params: rules.authorize_params,
    })
}

/// The provider of a row, without its secret, and who may come in from there.
pub fn provider_terms(row: &provider_row::Model) -> Result<(Provider, Admission), Declined> {
    let rules: Rules = serde_json::from_str(&row.rules).map_err(|_| StoreError::Corrupt("provider"))?;
    Ok((describe(row)?, rules.admission))
}

/// A provider as its preset has it.
pub(super) fn new(name: &str, wish: &ProviderWish, now: i64) -> Result<provider_row::Model, Declined> {
    let preset = find_preset(wish.preset.as_deref().unwrap_or(Preset::OpenId.as_str()))?;
    if name.len() > limit::TEXT_MAX {
        return Err(Declined::Invalid("a provider's name is too long".to_owned()));
    }
    let usual = Provider::new(name, preset, None, "", None);
    Ok(provider_row::Model {
        name: name.to_owned(),
        title: name.to_owned(),
        preset: preset.as_str().to_owned(),
        issuer: usual.issuer,
        client_id: String::new(),
        sealed_secret: None,
        root_key_id: None,
        scopes: usual.scopes.join(" "),
        claims: json(&usual.claims)?,
        rules: json(&Rules::default())?,
        is_declared: false,
        created_at: now,
        disabled_at: None,
    })
}

/// The preset of that name, or which was probably meant.
pub(super) fn find_preset(name: &str) -> Result<Preset, Declined> {
    name.parse().map_err(|_| {
        let nearest = nearest(name, Preset::ALL.iter().map(|known| known.as_str()));
        Declined::NoSuch { what: "preset", name: name.to_owned(), nearest }
    })
}

fn json(value: &impl Serialize) -> Result<String, Declined> {
    serde_json::to_string(value).map_err(|_| Declined::Invalid("this can't be kept as JSON".to_owned()))
}
