//! `/account/sessions`: the browsers in which somebody is signed in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{account, done, signed_in};
use crate::http::journey::login;
use crate::http::pages::Shown;
use crate::http::pages::view::{Device, Notice, Session, Sessions};
use crate::http::stopped::Stopped;
use crate::http::visitor::Visitor;

pub(super) async fn show(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let account = account(&visitor, &request, &owner).await?;
    let rows = visitor.flows.list_own_sessions(&owner.user.id).await.map_err(|refusal| visitor.stop(refusal))?;
    let mut open: Vec<Session> = rows
        .into_iter()
        .map(|row| Session {
            is_this: row.id == owner.session.id,
            id: row.id,
            device: Device::read(&row.user_agent),
            address: Shown::from(row.address),
            signed_in_at: row.created_at,
            seen_at: row.last_seen_at,
        })
        .collect();
    open.sort_by_key(|session| !session.is_this);
    visitor.page(StatusCode::OK, &Sessions { frame: visitor.frame(), account, open })
}

/// Ends one; the one that asks too, if it says so.
pub(super) async fn end(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let form = login::read_own_form(&visitor, &owner, &request, payload).await?;
    let id = form.one("session").unwrap_or_default();
    visitor.flows.end_session(&owner.user.id, id).await.map_err(|refusal| visitor.stop(refusal))?;
    if id == owner.session.id {
        return Ok(visitor.without_session(visitor.redirect_home("/login?notice=signed-out")));
    }
    Ok(done(&visitor, "/sessions", Notice::SessionEnded))
}

/// Ends all but the one that asks.
pub(super) async fn end_others(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    login::read_own_form(&visitor, &owner, &request, payload).await?;
    visitor.flows.end_other_sessions(&owner).await.map_err(|refusal| visitor.stop(refusal))?;
    Ok(done(&visitor, "/sessions", Notice::OtherSessionsEnded))
}
