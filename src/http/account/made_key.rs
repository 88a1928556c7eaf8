//! `/account/keys/made`: a key that was just made, shown this once.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};

use super::{account, signed_in, trouble};
use crate::flow::{MintedKey, SignedInBrowser, choices};
use crate::http::pages::Shown;
use crate::http::pages::view::{KeyMade, OldKey};
use crate::http::stopped::Stopped;
use crate::http::visitor::{CookieKind, Visitor};
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, api_key};

/// Off to the page that shows it.
pub(super) fn on_the_way(
    visitor: &Visitor,
    owner: &SignedInBrowser,
    minted: &MintedKey,
) -> Result<HttpResponse, Stopped> {
    let sealed = visitor.flows.seal_new_key(owner, minted).map_err(|declined| visitor.stop(trouble(declined)))?;
    Ok(visitor.with_new_key(visitor.redirect_home("/account/keys/made"), &sealed))
}

/// The only page on which a key can be read. Loaded again, it leads to the list.
pub(super) async fn show(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let kept = visitor.one_cookie(&request, CookieKind::NewKey)?.unwrap_or_default();
    let opened = visitor.flows.open_new_key(&owner, &kept).await.map_err(|declined| visitor.stop(trouble(declined)))?;
    let Some((key, row)) = opened else {
        return Ok(visitor.without_new_key(visitor.redirect_home("/account/keys")));
    };
    let app = visitor.flows.store().find_app_record(&Arc::from(row.client_id.as_str())).await;
    let app = app.map_err(|error| visitor.stop(error))?;
    let key = key.reveal(visitor.flows.prefix());
    let page = KeyMade {
        frame: visitor.frame(),
        account: account(&visitor, &request, &owner).await?,
        name: Shown::from(&*row.name),
        curl: curl(visitor.flows.issuer(), &key, &row, app.as_deref()),
        key,
        expires_at: row.expires_at,
        old: old_key(&visitor, &owner, &row).await?,
    };
    Ok(visitor.without_new_key(visitor.page(StatusCode::OK, &page)?))
}

/// The key that it takes over from, while that is there.
async fn old_key(visitor: &Visitor, owner: &SignedInBrowser, row: &api_key::Model) -> Result<Option<OldKey>, Stopped> {
    let Some(old) = &row.rotated_from else { return Ok(None) };
    let old = visitor.flows.find_personal_key(&owner.user.id, old).await;
    let old = old.map_err(|declined| visitor.stop(trouble(declined)))?;
    Ok(old.expires_at.map(|ends_at| OldKey { ends_at }))
}

/// A command that trades the key: for a resource that knows one of its scopes, where it has to choose.
fn curl(issuer: &str, key: &str, row: &api_key::Model, app: Option<&AppRecord>) -> String {
    let (own, scopes) = (Scopes::trusted(&row.resources), Scopes::trusted(&row.scopes));
    let mut known = app
        .into_iter()
        .flat_map(choices)
        .filter(|(resource, has)| own.has(&resource.identifier) && has.iter().any(|scope| scopes.has(scope)));
    let resource = known.next().filter(|_| own.iter().count() > 1).map_or_else(String::new, |(resource, _)| {
        format!(" \\\n  --data-urlencode resource={}", quoted(&resource.identifier))
    });
    let credential = quoted(&format!("{}:{key}", row.client_id));
    format!("curl {issuer}/oauth/token \\\n  -u {credential} \\\n  -d grant_type=client_credentials{resource}")
}

/// One word to a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
