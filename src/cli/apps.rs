//! `hallpass apps`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::output::{Output, list, maybe_moment, moment};
use super::{Failure, Global};
use crate::flow::AppWish;
use crate::store::app_row;

/// Apps: OAuth clients that hold keys.
#[derive(Debug, Subcommand)]
pub(super) enum Apps {
    /// Lists all apps.
    List,
    /// Shows one app.
    Show {
        /// Its `client_id`.
        client_id: String,
    },
    /// Makes an app.
    Create {
        /// Its `client_id`: a-z, 0-9, `-`, `_` and `.`.
        client_id: String,
        #[command(flatten)]
        wish: Wish,
    },
    /// Changes an app; what it loses, its keys lose at once.
    Update {
        /// Its `client_id`.
        client_id: String,
        #[command(flatten)]
        wish: Wish,
    },
    /// Switches an app off: none of its keys mints anything.
    Disable {
        /// Its `client_id`.
        client_id: String,
    },
    /// Switches an app on again.
    Enable {
        /// Its `client_id`.
        client_id: String,
    },
}

/// What an app shall be.
#[derive(Debug, Args)]
pub(super) struct Wish {
    /// What people call it.
    #[arg(long)]
    name: Option<String>,
    /// A scope its keys may hold; may be repeated. On an update, these replace the old ones.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// A resource its keys may ask tokens for; may be repeated. On an update, these replace the old ones.
    #[arg(long = "resource", value_name = "IDENTIFIER")]
    resources: Vec<String>,
    /// The resource a token is for when a request names none; empty for none.
    #[arg(long, value_name = "IDENTIFIER")]
    default_resource: Option<String>,
    #[command(flatten)]
    sign_in: SignInWish,
}

/// What an app shall be to the people who sign in to it.
#[derive(Debug, Args)]
struct SignInWish {
    /// Whether it can keep no secret: it holds no keys, and proves itself by PKCE alone.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    public: Option<bool>,
    /// Where people may be sent back to it; may be repeated. On an update, these replace the old ones.
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// Where people may be sent after they signed out; may be repeated. On an update, these replace the old ones.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// What it may trade for tokens; may be repeated. What fits the rest unless it is said.
    #[arg(long = "grant-type", value_name = "GRANT")]
    grant_types: Vec<String>,
    /// Whether it is your own: nobody is asked to allow it anything.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    first_party: Option<bool>,
    /// Whether it may rely on `nonce` instead of PKCE, for old `OpenID` libraries.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    skip_pkce: Option<bool>,
    /// How its ID tokens are signed: RS256, ES256 or `EdDSA`.
    #[arg(long, value_name = "ALG")]
    id_token_alg: Option<String>,
    /// Its home page; empty for none.
    #[arg(long, value_name = "URI")]
    home_uri: Option<String>,
    /// A role that lets people sign in to it; may be repeated. Everyone may unless one is named.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// Whether people may make keys of their own for it.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    personal_keys: Option<bool>,
}

impl From<Wish> for AppWish {
    fn from(wish: Wish) -> Self {
        let said = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
        let maybe = |text: Option<String>| text.map(|text| Some(text).filter(|text| !text.is_empty()));
        let sign_in = wish.sign_in;
        Self {
            name: wish.name,
            scopes: said(wish.scopes),
            resources: said(wish.resources),
            default_resource: maybe(wish.default_resource),
            is_public: sign_in.public,
            redirect_uris: said(sign_in.redirect_uris),
            post_logout_redirect_uris: said(sign_in.post_logout_redirect_uris),
            grant_types: said(sign_in.grant_types),
            is_first_party: sign_in.first_party,
            may_skip_pkce: sign_in.skip_pkce,
            id_token_alg: sign_in.id_token_alg,
            home_uri: maybe(sign_in.home_uri),
            roles: said(sign_in.roles),
            allows_personal_keys: sign_in.personal_keys,
            ..Self::default()
        }
    }
}

impl Apps {
    pub(super) async fn run(self, global: &Global, output: Output) -> Result<(), Failure> {
        let flows = global.flows().await?;
        let switch = |is_disabled| AppWish { is_disabled: Some(is_disabled), ..AppWish::default() };
        let row = match self {
            Self::List => {
                let rows: Vec<Value> = flows.list_apps().await?.iter().map(json_of).collect();
                let columns = ["client_id", "name", "scopes", "resources", "disabled_at"];
                output.print_table(&columns, &rows, "no apps yet: hallpass apps create <client_id>")?;
                return Ok(());
            }
            Self::Show { client_id } => flows.find_app(&client_id).await?,
            Self::Create { client_id, wish } => flows.create_app(&client_id, &wish.into()).await?,
            Self::Update { client_id, wish } => flows.update_app(&client_id, &wish.into()).await?,
            Self::Disable { client_id } => flows.update_app(&client_id, &switch(true)).await?,
            Self::Enable { client_id } => flows.update_app(&client_id, &switch(false)).await?,
        };
        output.print_members(&json_of(&row))
    }
}

fn json_of(row: &app_row::Model) -> Value {
    json!({
        "client_id": row.client_id,
        "name": row.name,
        "scopes": list(&row.scopes),
        "resources": list(&row.resources),
        "default_resource": row.default_resource,
        "public": row.is_public,
        "redirect_uris": list(&row.redirect_uris),
        "post_logout_redirect_uris": list(&row.post_logout_redirect_uris),
        "grant_types": list(&row.grant_types),
        "first_party": row.is_first_party,
        "skip_pkce": row.may_skip_pkce,
        "id_token_alg": row.id_token_alg,
        "home_uri": row.home_uri,
        "roles": list(&row.roles),
        "personal_keys": row.allows_personal_keys,
        "declared": row.is_declared,
        "created_at": moment(row.created_at),
        "disabled_at": maybe_moment(row.disabled_at),
    })
}
