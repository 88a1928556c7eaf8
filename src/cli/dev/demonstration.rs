//! The demonstration: a key is made and becomes a token, over HTTP like anyone's.

use hallpass_verifier::{Claims, Verifier};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::{APP, CLI_APP, RESOURCE, WEB_APP, there};
use crate::cli::{Failure, fetch};
use crate::credential::Environment;
use crate::flow::{AppWish, Declined, Flows, KeyWish, ResourceWish, RevokeWish, Vault, standing};
use crate::policy::lifetime::Expiry;
use crate::policy::standing::Standing;

const SCOPES: [(&str, &str); 2] = [("orders:read", "See your orders"), ("orders:write", "Place and change orders")];

/// The key, the token it bought, and what a service would read in it.
pub(super) struct Demonstration {
    pub(super) key: String,
    pub(super) reply: Value,
    pub(super) claims: Claims,
}

fn scopes() -> Vec<String> {
    SCOPES.map(|(scope, _)| scope.to_owned()).to_vec()
}

/// Finds or makes the demo resource and apps.
pub(super) async fn furnish(flows: &Flows) -> Result<(), Failure> {
    if let Err(Declined::NoSuch { .. }) = flows.find_resource(RESOURCE).await {
        let wish = ResourceWish {
            name: Some("Orders (demo)".to_owned()),
            scopes: Some(scopes()),
            scope_words: Some(SCOPES.map(|(scope, words)| (scope.to_owned(), words.to_owned())).into()),
            claims: Some(["name", "email", "roles"].map(str::to_owned).to_vec()),
            ..ResourceWish::default()
        };
        there(flows.create_resource(RESOURCE, &wish).await)?;
    }
    let usual = || AppWish { scopes: Some(scopes()), resources: Some(vec![RESOURCE.to_owned()]), ..AppWish::default() };
    if let Err(Declined::NoSuch { .. }) = flows.find_app(APP).await {
        let wish = AppWish {
            name: Some("Demo".to_owned()),
            redirect_uris: Some(vec![format!("{WEB_APP}/callback")]),
            post_logout_redirect_uris: Some(vec![format!("{WEB_APP}/")]),
            home_uri: Some(Some(format!("{WEB_APP}/"))),
            allows_personal_keys: Some(true),
            ..usual()
        };
        there(flows.create_app(APP, &wish).await)?;
    }
    if let Err(Declined::NoSuch { .. }) = flows.find_app(CLI_APP).await {
        let wish = AppWish {
            name: Some("Hallpass command line".to_owned()),
            is_public: Some(true),
            redirect_uris: Some(vec!["http://127.0.0.1/callback".to_owned()]),
            ..usual()
        };
        there(flows.create_app(CLI_APP, &wish).await)?;
    }
    Ok(())
}

/// Revokes earlier demo keys, and makes a new one.
async fn new_key(flows: &Flows) -> Result<String, Failure> {
    let now = flows.clock().now();
    for (old, _) in flows.list_keys(Some(APP)).await? {
        if old.name == APP && !matches!(standing(&old, now), Standing::Revoked { .. }) {
            let wish = RevokeWish { reason: "replaced by a new demo key".to_owned(), by: "dev".to_owned() };
            match flows.revoke_key(&old.id, &wish).await {
                // Somebody else did it.
                Ok(()) | Err(Declined::Spent { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    let wish = KeyWish {
        client_id: APP.to_owned(),
        owner_id: None,
        name: APP.to_owned(),
        note: None,
        environment: Environment::Test,
        scopes: scopes(),
        resources: None,
        networks: vec![],
        rate_limit: None,
        expiry: Expiry::Default,
    };
    Ok(flows.create_key(&wish).await?.key.reveal(flows.prefix()))
}

/// Makes a key and trades it. Another `dev` of this folder that starts in the same moment would revoke it as an earlier
/// one; so they take turns.
pub(super) async fn demonstrate(flows: &Flows, vault: Vault) -> Result<Demonstration, Failure> {
    let _turn = spawn_blocking(move || vault.lock()).await.map_err(Failure::error)?.map_err(Declined::from)?;
    trade(flows, new_key(flows).await?).await
}

/// Trades the key over HTTP like anyone else, and verifies the token like any service.
async fn trade(flows: &Flows, key: String) -> Result<Demonstration, Failure> {
    let issuer = flows.issuer();
    let client = fetch::client()?;
    let form = [("grant_type", "client_credentials")];
    let request = client.post(format!("{issuer}/oauth/token")).basic_auth(APP, Some(&key)).form(&form);
    let (status, reply) = fetch::send(request).await?;
    let token = reply["access_token"].as_str().ok_or_else(|| Failure::error(format!("no token: {status} {reply}")))?;
    let verifier = Verifier::builder(issuer).audience(RESOURCE).build().map_err(Failure::error)?;
    let claims = verifier.verify(token).await.map_err(Failure::error)?;
    Ok(Demonstration { key, reply, claims })
}
