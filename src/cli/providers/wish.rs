//! What a provider shall be, as the command line says it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::Failure;
use crate::cli::secret_input::read_secret;
use crate::config::Secret;
use crate::flow::{Flows, ProviderWish, provider_terms};
use crate::policy::admission::Admission;
use crate::upstream::{ClaimMapping, Preset};

/// A provider to be made.
#[derive(Debug, Args)]
pub(in crate::cli) struct Create {
    /// Its short name, as it stands in addresses: a-z, 0-9 and `-`.
    name: String,
    /// Which kind it is: openid, google, microsoft, okta, keycloak, gitlab or github.
    #[arg(long, default_value = "openid")]
    preset: String,
    /// What we are called there.
    #[arg(long, value_name = "ID")]
    client_id: String,
    #[command(flatten)]
    wish: Wish,
}

/// A provider to be changed.
#[derive(Debug, Args)]
pub(in crate::cli) struct Update {
    /// Its short name.
    name: String,
    /// What we are called there.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// Forgets our secret there: we are a public client.
    #[arg(long, conflicts_with = "client_secret_file")]
    no_client_secret: bool,
    #[command(flatten)]
    wish: Wish,
}

/// What can be said of every provider.
#[derive(Debug, Args)]
struct Wish {
    /// What people read on its button.
    #[arg(long)]
    title: Option<String>,
    /// Its issuer, as it stands in its tokens; the preset's when it has one.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// A file that holds our secret there; `-` is standard input. `HALLPASS_CLIENT_SECRET` when absent.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// What we ask there; may be repeated. The preset's unless one is named. On an update, these replace the old ones.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Which of its claims is which of ours, such as `email=mail`; nothing behind the `=` is none. May be repeated.
    #[arg(long = "claim", value_name = "OURS=THEIRS", value_parser = crate::cli::name_and_value)]
    claims: Vec<(String, String)>,
    /// One more parameter of the authorization request, such as `hd=example.com`; may be repeated. On an update, these
    /// replace the old ones; an empty text is none.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    #[command(flatten)]
    admission: AdmissionWish,
}

/// Who may come in and what they become.
#[derive(Debug, Args)]
struct AdmissionWish {
    /// A domain of e-mail addresses that may come in, verified ones; may be repeated. Any unless one is named. On an
    /// update, these replace the old ones; an empty text is any.
    #[arg(long = "allowed-domain", value_name = "DOMAIN")]
    allowed_domains: Vec<String>,
    /// Whether an e-mail address must be there and verified.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    require_verified_email: Option<bool>,
    /// Whether an identity is linked to the user who has the same address, when both providers verified it.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    link_by_email: Option<bool>,
    /// A role for who is in a group there, such as `admins=owner`; may be repeated. On an update, these replace the old
    /// ones; an empty text is none.
    #[arg(long = "role", value_name = "GROUP=ROLE", value_parser = pair)]
    roles: Vec<(String, String)>,
}

impl Create {
    /// Its name, and what it shall be.
    pub(super) fn into_wish(self) -> Result<(String, ProviderWish), Failure> {
        let claims = self.preset.parse::<Preset>().map_or_else(|_| ClaimMapping::default(), Preset::claims);
        let wish = self.wish.onto(claims, Admission::default())?;
        Ok((self.name, ProviderWish { preset: Some(self.preset), client_id: Some(self.client_id), ..wish }))
    }
}

impl Update {
    /// Its name, and what it shall be.
    pub(super) async fn into_wish(self, flows: &Flows) -> Result<(String, ProviderWish), Failure> {
        let (old, admission) = provider_terms(&flows.find_provider(&self.name).await?)?;
        let mut wish = self.wish.onto(old.claims, admission)?;
        if self.no_client_secret {
            wish.client_secret = Some(Secret::default());
        }
        Ok((self.name, ProviderWish { client_id: self.client_id, ..wish }))
    }
}

impl Wish {
    /// What is said, on top of what holds otherwise.
    fn onto(self, mut claims: ClaimMapping, admission: Admission) -> Result<ProviderWish, Failure> {
        for (ours, theirs) in &self.claims {
            claims.set(ours, theirs).map_err(Failure::usage)?;
        }
        Ok(ProviderWish {
            title: self.title,
            issuer: self.issuer,
            client_secret: client_secret(self.client_secret_file.as_deref())?,
            scopes: Some(self.scopes).filter(|scopes| !scopes.is_empty()),
            claims: Some(claims),
            admission: Some(self.admission.onto(admission)),
            authorize_params: Some(self.params).filter(|params| !params.is_empty()).map(without_empty),
            ..ProviderWish::default()
        })
    }
}

impl AdmissionWish {
    fn onto(self, old: Admission) -> Admission {
        let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let has_roles = !self.roles.is_empty();
        for (group, role) in without_empty(self.roles) {
            roles.entry(group).or_default().push(role);
        }
        let domains = Some(self.allowed_domains).filter(|domains| !domains.is_empty());
        Admission {
            allowed_domains: domains.map_or(old.allowed_domains, |domains| {
                domains.into_iter().filter(|domain| !domain.is_empty()).collect()
            }),
            requires_verified_email: self.require_verified_email.unwrap_or(old.requires_verified_email),
            links_by_email: self.link_by_email.unwrap_or(old.links_by_email),
            roles: if has_roles { roles } else { old.roles },
        }
    }
}

/// Our secret at the provider: from a file, from standard input, from the environment; `None` when nobody says.
fn client_secret(file: Option<&Path>) -> Result<Option<Secret>, Failure> {
    let text = match file {
        Some(path) if path == Path::new("-") => read_secret(None, "the client secret")?,
        Some(path) => read_secret(Some(path), "the client secret")?,
        None => match (std::env::var("HALLPASS_CLIENT_SECRET"), std::env::var_os("HALLPASS_CLIENT_SECRET_FILE")) {
            (Ok(text), _) => text.trim().to_owned().into(),
            (Err(_), Some(path)) => read_secret(Some(Path::new(&path)), "the client secret")?,
            (Err(_), None) => return Ok(None),
        },
    };
    if text.is_empty() {
        return Err(Failure::usage("the client secret is empty"));
    }
    Ok(Some(Secret::from((*text).clone())))
}

/// `name=value`, or an empty text that stands for none.
fn pair(text: &str) -> Result<(String, String), String> {
    if text.is_empty() { Ok((String::new(), String::new())) } else { crate::cli::name_and_value(text) }
}

fn without_empty(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs.into_iter().filter(|(name, _)| !name.is_empty()).collect()
}
