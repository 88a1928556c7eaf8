//! `/account/apps`: what somebody allowed to whom.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{account, allowed, done, signed_in, trouble};
use crate::http::journey::{app_shown, login};
use crate::http::pages::Shown;
use crate::http::pages::view::{ConnectedApp, ConnectedApps, Notice};
use crate::http::stopped::Stopped;
use crate::http::visitor::Visitor;
use crate::policy::scope::Scopes;

pub(super) async fn show(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let account = account(&visitor, &request, &owner).await?;
    let connected = visitor.flows.list_connected_apps(&owner.user.id).await;
    let connected = connected.map_err(|declined| visitor.stop(trouble(declined)))?;
    let apps = connected.into_iter().map(|connected| {
        let scopes = Scopes::trusted(&connected.grant.scopes);
        let reached = connected.app.resources.iter().filter(|own| scopes.iter().any(|scope| own.scopes.has(scope)));
        ConnectedApp {
            app: app_shown(&connected.app),
            resources: reached.map(|resource| Shown::from(&*resource.name)).collect(),
            scopes: allowed(&scopes, Some(&*connected.app)),
            granted_at: connected.grant.created_at,
            used_at: Some(connected.grant.last_used_at),
        }
    });
    visitor.page(StatusCode::OK, &ConnectedApps { frame: visitor.frame(), account, apps: apps.collect() })
}

/// Takes it back: the app's codes and tokens die with it.
pub(super) async fn withdraw(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let form = login::read_own_form(&visitor, &owner, &request, payload).await?;
    let withdrawn = visitor.flows.withdraw_app(&owner.user.id, form.one("client_id").unwrap_or_default()).await;
    let was_there = withdrawn.map_err(|declined| visitor.stop(trouble(declined)))?;
    Ok(done(&visitor, "/apps", if was_there { Notice::AppWithdrawn } else { Notice::Gone }))
}
