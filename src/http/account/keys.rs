//! `/account/keys`: somebody's own API keys.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{account, allowed, done, made_key, signed_in, trouble};
use crate::flow::{Declined, Form, SignedInBrowser, standing};
use crate::http::journey::login;
use crate::http::pages::Shown;
use crate::http::pages::view::{Notice, PersonalKey, PersonalKeys, RevokeKey, Use};
use crate::http::stopped::Stopped;
use crate::http::visitor::Visitor;
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, api_key, key_usage};

pub(super) async fn show(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let account = account(&visitor, &request, &owner).await?;
    let stop = |declined| visitor.stop(trouble(declined));
    let rows = visitor.flows.list_personal_keys(&owner.user.id).await.map_err(stop)?;
    let apps = visitor.flows.list_personal_key_apps(&owner.user).await.map_err(stop)?;
    let successors: Vec<(String, i64)> = rows.iter().map(|(row, _)| (row.id.clone(), row.created_at)).collect();
    let now = visitor.flows.clock().now();
    let mut keys = Vec::with_capacity(rows.len());
    for (row, usage) in rows {
        let app = visitor.flows.store().find_app_record(&Arc::from(row.client_id.as_str())).await;
        let app = app.map_err(|error| visitor.stop(error))?;
        keys.push(key_shown(&row, usage, app.as_deref(), &successors, now));
    }
    visitor.page(StatusCode::OK, &PersonalKeys { frame: visitor.frame(), account, keys, may_make: !apps.is_empty() })
}

fn key_shown(
    row: &api_key::Model,
    usage: Option<key_usage::Model>,
    app: Option<&AppRecord>,
    successors: &[(String, i64)],
    now: i64,
) -> PersonalKey {
    let successor = successors.iter().find(|(id, _)| Some(id) == row.rotated_to.as_ref());
    PersonalKey {
        id: row.id.clone(),
        name: Shown::from(&*row.name),
        app: Shown::from(app.map_or(&*row.client_id, |app| &*app.name)),
        scopes: allowed(&Scopes::trusted(&row.scopes), app),
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_use: usage.map(|usage| Use { at: usage.last_used_at, address: Shown::from(usage.last_used_from) }),
        standing: standing(row, now),
        replaced_at: successor.map(|(_, created_at)| *created_at),
    }
}

/// Makes a successor, which is shown this once.
pub(super) async fn rotate(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let form = login::read_own_form(&visitor, &owner, &request, payload).await?;
    let minted = match visitor.flows.rotate_personal_key(&owner.user, form.one("key").unwrap_or_default()).await {
        Ok(minted) => minted,
        Err(declined) => return gone_or(&visitor, declined),
    };
    made_key::on_the_way(&visitor, &owner, &minted)
}

pub(super) async fn disable(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    switch(visitor, request, payload, true).await
}

pub(super) async fn enable(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    switch(visitor, request, payload, false).await
}

async fn switch(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
    is_disabled: bool,
) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let form = login::read_own_form(&visitor, &owner, &request, payload).await?;
    let id = form.one("key").unwrap_or_default();
    match visitor.flows.disable_personal_key(&owner.user.id, id, is_disabled).await {
        Ok(()) => Ok(done(&visitor, "/keys", if is_disabled { Notice::KeyDisabled } else { Notice::KeyEnabled })),
        Err(declined) => gone_or(&visitor, declined),
    }
}

/// `GET /account/keys/revoke?key=…`: it can't be undone, so it is asked twice.
pub(super) async fn ask_revoke(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let query = login::read_query(&visitor, &request)?;
    let Ok(row) = own_key(&visitor, &owner, &query).await else { return Ok(done(&visitor, "/keys", Notice::Gone)) };
    let account = account(&visitor, &request, &owner).await?;
    let rows =
        visitor.flows.list_personal_keys(&owner.user.id).await.map_err(|declined| visitor.stop(trouble(declined)))?;
    let usage = rows.into_iter().find(|(own, _)| own.id == row.id).and_then(|(_, usage)| usage);
    let used_at = usage.map(|usage| usage.last_used_at);
    let page = RevokeKey { frame: visitor.frame(), account, id: row.id, name: Shown::from(row.name), used_at };
    visitor.page(StatusCode::OK, &page)
}

pub(super) async fn revoke(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let form = login::read_own_form(&visitor, &owner, &request, payload).await?;
    match visitor.flows.revoke_personal_key(&owner.user.id, form.one("key").unwrap_or_default()).await {
        Ok(()) => Ok(done(&visitor, "/keys", Notice::KeyRevoked)),
        Err(declined) => gone_or(&visitor, declined),
    }
}

async fn own_key(visitor: &Visitor, owner: &SignedInBrowser, form: &Form) -> Result<api_key::Model, Declined> {
    visitor.flows.find_personal_key(&owner.user.id, form.one("key").unwrap_or_default()).await
}

/// A key that is not there, not theirs or spent is gone; all else is our trouble.
fn gone_or(visitor: &Visitor, declined: Declined) -> Result<HttpResponse, Stopped> {
    match declined {
        Declined::NoSuch { .. } | Declined::Spent { .. } => Ok(done(visitor, "/keys", Notice::Gone)),
        other => Err(visitor.stop(trouble(other))),
    }
}
