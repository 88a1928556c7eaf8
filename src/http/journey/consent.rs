//! `/consent`: what an app asks for, and the person's word.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::login::{find_waiting, read_query, to_login};
use super::{app_shown, person_shown};
use crate::flow::{Halt, SignedInBrowser, Waiting};
use crate::http::form;
use crate::http::oauth::authorize;
use crate::http::pages::Shown;
use crate::http::pages::view::{Consent, Destination, IdentityAsk, OfflineAsk, ResourceAsk, ScopeAsk};
use crate::http::stopped::Stopped;
use crate::http::visitor::Visitor;
use crate::policy::identity_scope::{self, OFFLINE_ACCESS};
use crate::policy::person::{Claim, Person};
use crate::policy::scope::Scopes;
use crate::store::ResourceRecord;

/// `GET /consent?request=…`: who asks, for what, as whom, and where it will send them.
pub(in crate::http) async fn show(mut visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let query = read_query(&visitor, &request)?;
    let waiting = find_waiting(&mut visitor, &query).await?.ok_or_else(|| visitor.stop(Halt::RequestGone))?;
    let Some(signed_in) = &visitor.signed_in else {
        return Ok(to_login(&visitor, &waiting));
    };
    let page = consent_page(&visitor, &waiting, signed_in).await.map_err(|halt| visitor.stop(halt))?;
    visitor.page(StatusCode::OK, &page)
}

async fn consent_page(visitor: &Visitor, waiting: &Waiting, signed_in: &SignedInBrowser) -> Result<Consent, Halt> {
    let allowed = visitor.flows.allowed(&signed_in.user.id, &waiting.app.client_id).await?;
    let asks = waiting.request.asks();
    let is_new = |scope: &str| !allowed.has(scope);
    let person = &signed_in.user.person;
    let identity = asks.iter().filter(|scope| identity_scope::is_one(scope) && *scope != OFFLINE_ACCESS);
    Ok(Consent {
        frame: visitor.frame(),
        app: app_shown(&waiting.app),
        person: person_shown(visitor, signed_in).await?,
        other_account: format!("{}/login?request={}", visitor.base(), waiting.id),
        request: waiting.id.clone(),
        csrf: visitor.own_csrf_token(signed_in),
        identity: identity
            .map(|scope| IdentityAsk { scope: scope.into(), values: values(scope, person), is_new: is_new(scope) })
            .collect(),
        resources: waiting
            .request
            .meant(&waiting.app)
            .into_iter()
            .map(|resource| resource_ask(resource, &asks, &allowed))
            .collect(),
        offline: asks.has(OFFLINE_ACCESS).then(|| OfflineAsk { is_new: is_new(OFFLINE_ACCESS) }),
        destination: Destination::of(&waiting.request.redirect_uri),
    })
}

fn resource_ask(resource: &ResourceRecord, asks: &Scopes, allowed: &Scopes) -> ResourceAsk {
    let own = asks.iter().filter(|scope| resource.scopes.has(scope));
    ResourceAsk {
        name: Shown::from(&*resource.name),
        identifier: Shown::from(&*resource.identifier),
        scopes: own
            .map(|scope| ScopeAsk {
                name: scope.into(),
                description: resource.scope_words.get(scope).map(|words| Shown::from(&**words)),
                is_new: !allowed.has(scope),
            })
            .collect(),
        claims: resource.claims.iter().map(|claim| claim.as_str().to_owned()).collect(),
    }
}

/// What an app would be told today for an identity scope.
fn values(scope: &str, person: &Person) -> Vec<Shown> {
    let told = |claim: Claim| -> Vec<&str> {
        match claim {
            Claim::Name => person.name.iter().map(String::as_str).collect(),
            Claim::PreferredUsername => person.preferred_username.iter().map(String::as_str).collect(),
            Claim::Email => person.email.iter().map(String::as_str).collect(),
            Claim::EmailVerified => vec![],
            Claim::Groups => person.groups.iter().map(String::as_str).collect(),
            Claim::Roles => person.roles.iter().map(String::as_str).collect(),
        }
    };
    let all: BTreeSet<&str> = identity_scope::claims(scope).flat_map(told).collect();
    all.into_iter().map(Shown::from).collect()
}

/// `POST /consent`: allowed, or not.
pub(in crate::http) async fn decide(
    mut visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let form = form::read(&request, payload).await.map_err(|refusal| visitor.stop(refusal))?;
    let waiting = find_waiting(&mut visitor, &form).await?.ok_or_else(|| visitor.stop(Halt::RequestGone))?;
    // What stands on the page is asked of whom it names, and of nobody who signed in since.
    let Some(owner) = &visitor.signed_in else { return Ok(to_login(&visitor, &waiting)) };
    visitor.check_own_form(owner, &form).map_err(|halt| visitor.stop(halt))?;
    let is_allowed = match form.one("decision") {
        Some("allow") => true,
        Some("deny") => false,
        _ => return Err(visitor.stop(Halt::ForeignForm("neither yes nor no"))),
    };
    let step = visitor.flows.decide(waiting, Some(owner), is_allowed).await;
    authorize::answer(&visitor, step)
}
