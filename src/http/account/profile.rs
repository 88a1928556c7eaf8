//! `/account`: who somebody is here, and how they sign in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{account, done, signed_in, trouble};
use crate::flow::LoginWish;
use crate::http::journey::{login, provider_shown};
use crate::http::pages::Shown;
use crate::http::pages::view::{Identity, Notice, Profile, ProviderKind};
use crate::http::stopped::Stopped;
use crate::http::visitor::Visitor;
use crate::store::{StoreError, identity_row, provider_row};

pub(super) async fn show(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let account = account(&visitor, &request, &owner).await?;
    let stop = |declined| visitor.stop(trouble(declined));
    let identities = visitor.flows.list_own_identities(&owner.user.id).await.map_err(stop)?;
    let providers = visitor.flows.list_providers().await.map_err(stop)?;
    let open = providers.iter().filter(|row| row.disabled_at.is_none());
    let page = Profile {
        frame: visitor.frame(),
        account,
        identities: identities.into_iter().map(|row| identity_shown(row, &providers)).collect(),
        providers: open.map(provider_shown).collect(),
    };
    visitor.page(StatusCode::OK, &page)
}

fn identity_shown(row: identity_row::Model, providers: &[provider_row::Model]) -> Identity {
    let provider = providers.iter().find(|provider| provider.name == row.provider);
    Identity {
        id: row.id,
        provider: Shown::from(provider.map_or(&*row.provider, |provider| &*provider.title)),
        kind: ProviderKind::read(provider.map_or("", |provider| &*provider.preset)),
        who: Shown::from(row.email.unwrap_or(row.subject)),
        linked_at: row.created_at,
        signed_in_at: Some(row.last_login_at),
    }
}

/// Off to another provider, to sign in that way too from now on.
pub(super) async fn link(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let form = login::read_own_form(&visitor, &owner, &request, payload).await?;
    let provider = form.one("provider").unwrap_or_default();
    let wish = LoginWish { provider, waiting: None, links_to: Some(&owner), from: visitor.from, is_signed_in: true };
    login::leave(&visitor, &wish).await
}

/// One way to sign in less.
pub(super) async fn unlink(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let form = login::read_own_form(&visitor, &owner, &request, payload).await?;
    let outcome = visitor.flows.unlink_identity(&owner, form.one("identity").unwrap_or_default()).await;
    let notice = match outcome {
        Ok(()) => Notice::IdentityUnlinked,
        Err(StoreError::Gone) => Notice::Gone,
        Err(StoreError::Referred) => Notice::LastIdentity,
        Err(error) => return Err(visitor.stop(error)),
    };
    Ok(done(&visitor, "", notice))
}
