//! `/account/keys/new`: a person makes a key.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{account, made_key, signed_in, trouble};
use crate::flow::{PersonalKeyWish, SignedInBrowser, choices};
use crate::http::form;
use crate::http::journey::login;
use crate::http::pages::Shown;
use crate::http::pages::view::{
    AppChoice, ExpiryChoice, Faults, KeyForm, NameFault, NewKey, ResourceChoice, ScopeChoice, ScopeFault,
};
use crate::http::stopped::Stopped;
use crate::http::visitor::Visitor;
use crate::limit;
use crate::policy::lifetime::Expiry;
use crate::store::AppRecord;

/// Lives to choose, in days.
const DAYS: [u32; 4] = [30, 90, 180, 365];
/// The one that is chosen unless somebody chooses.
const USUAL_DAYS: u32 = 90;

/// A form as it came.
#[derive(Default)]
struct Typed {
    name: String,
    days: Option<u32>,
    scopes: Vec<String>,
}

pub(super) async fn show(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let query = login::read_query(&visitor, &request)?;
    let apps = apps(&visitor, &owner).await?;
    let app = match (query.one("app"), apps.as_slice()) {
        (Some(client_id), _) => apps.iter().find(|app| *app.client_id == *client_id).cloned(),
        (None, [only]) => Some(Arc::clone(only)),
        (None, _) => None,
    };
    let typed = Typed { days: Some(USUAL_DAYS), ..Typed::default() };
    let form = app.map(|app| key_form(&visitor, &app, &typed, Faults::default()));
    form_page(&visitor, &request, &owner, &apps, form, StatusCode::OK).await
}

pub(super) async fn make(
    visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let owner = signed_in!(visitor);
    let pairs = form::pairs(&request, payload).await.map_err(|refusal| visitor.stop(refusal))?;
    // Each chosen scope is a field of its own.
    let (scopes, rest): (Vec<_>, Vec<_>) = pairs.into_iter().partition(|(name, _)| name == "scope");
    let form = crate::flow::Form::new(rest).map_err(|refusal| visitor.stop(refusal))?;
    visitor.check_own_form(&owner, &form).map_err(|halt| visitor.stop(halt))?;
    let apps = apps(&visitor, &owner).await?;
    let Some(app) = apps.iter().find(|app| form.one("app") == Some(&*app.client_id)) else {
        return form_page(&visitor, &request, &owner, &apps, None, StatusCode::BAD_REQUEST).await;
    };
    let typed = Typed {
        name: form.one("name").unwrap_or_default().trim().to_owned(),
        days: form.one("days").and_then(|days| days.parse().ok()),
        scopes: scopes.into_iter().map(|(_, scope)| scope).collect(),
    };
    let faults = faults(&visitor, app, &typed);
    if faults != Faults::default() {
        let form = Some(key_form(&visitor, app, &typed, faults));
        return form_page(&visitor, &request, &owner, &apps, form, StatusCode::BAD_REQUEST).await;
    }
    let life = Duration::from_hours(24 * u64::from(typed.days.unwrap_or(USUAL_DAYS)));
    let wish = PersonalKeyWish {
        client_id: app.client_id.to_string(),
        name: typed.name,
        scopes: typed.scopes,
        expiry: Expiry::After(life),
    };
    let minted = visitor.flows.create_personal_key(&owner.user, &wish).await;
    let minted = minted.map_err(|declined| visitor.stop(trouble(declined)))?;
    made_key::on_the_way(&visitor, &owner, &minted)
}

async fn apps(visitor: &Visitor, owner: &SignedInBrowser) -> Result<Vec<Arc<AppRecord>>, Stopped> {
    let apps = visitor.flows.list_personal_key_apps(&owner.user).await;
    apps.map_err(|declined| visitor.stop(trouble(declined)))
}

async fn form_page(
    visitor: &Visitor,
    request: &HttpRequest,
    owner: &SignedInBrowser,
    apps: &[Arc<AppRecord>],
    form: Option<KeyForm>,
    status: StatusCode,
) -> Result<HttpResponse, Stopped> {
    let account = account(visitor, request, owner).await?;
    let apps = apps.iter().map(|app| app_choice(app)).collect();
    visitor.page(status, &NewKey { frame: visitor.frame(), account, apps, form })
}

fn app_choice(app: &AppRecord) -> AppChoice {
    AppChoice { client_id: app.client_id.to_string(), name: Shown::from(&*app.name) }
}

/// The lives that the operator's longest allows.
fn days(visitor: &Visitor) -> impl Iterator<Item = u32> {
    let max = visitor.flows.longest_key_life();
    DAYS.into_iter().filter(move |days| max.is_none_or(|max| Duration::from_hours(24 * u64::from(*days)) <= max))
}

fn key_form(visitor: &Visitor, app: &AppRecord, typed: &Typed, faults: Faults) -> KeyForm {
    let chosen = typed.days.filter(|chosen| days(visitor).any(|days| days == *chosen)).or_else(|| days(visitor).last());
    let resources = choices(app).filter(|(_, scopes)| !scopes.is_empty()).map(|(resource, scopes)| ResourceChoice {
        name: Shown::from(&*resource.name),
        identifier: Shown::from(&*resource.identifier),
        scopes: scopes
            .iter()
            .map(|scope| ScopeChoice {
                name: scope.into(),
                description: resource.scope_words.get(scope).map(|words| Shown::from(&**words)),
                is_chosen: typed.scopes.iter().any(|own| own == scope),
            })
            .collect(),
    });
    KeyForm {
        app: app_choice(app),
        name: typed.name.clone(),
        expiries: days(visitor).map(|days| ExpiryChoice { days, is_chosen: Some(days) == chosen }).collect(),
        resources: resources.collect(),
        faults,
    }
}

fn faults(visitor: &Visitor, app: &AppRecord, typed: &Typed) -> Faults {
    let is_known = |scope: &String| choices(app).any(|(_, scopes)| scopes.has(scope));
    let name = match typed.name.chars().count() {
        0 => Some(NameFault::Missing),
        count if count > limit::TEXT_MAX || typed.name.chars().any(char::is_control) => Some(NameFault::TooLong),
        _ => None,
    };
    let scopes = if typed.scopes.is_empty() {
        Some(ScopeFault::Missing)
    } else {
        (!typed.scopes.iter().all(is_known)).then_some(ScopeFault::Unknown)
    };
    let is_offered = typed.days.is_some_and(|chosen| days(visitor).any(|days| days == chosen));
    Faults { name, expiry: !is_offered, scopes }
}
