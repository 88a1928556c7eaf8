//! `/account`: what a person sees of themselves here, and may change. Each page needs somebody who is signed in.

mod apps;
mod keys;
mod made_key;
mod new_key;
mod profile;
mod sessions;

use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse};

use super::journey::{login, person_shown};
use super::pages::view::{Account, Allowed, Notice};
use super::stopped::Stopped;
use super::table::page;
use super::visitor::Visitor;
use crate::flow::{Declined, Halt, Refusal, SignedInBrowser};
use crate::policy::scope::Scopes;
use crate::store::AppRecord;

/// The pages below `base`.
pub(super) fn table(config: &mut ServiceConfig, base: &str) {
    let at = |path: &str| page(&format!("{base}{path}"), "account");
    config
        .service(at("").get(profile::show))
        .service(at("/identities/link").post(profile::link))
        .service(at("/identities/unlink").post(profile::unlink))
        .service(at("/sessions").get(sessions::show))
        .service(at("/sessions/end").post(sessions::end))
        .service(at("/sessions/end-others").post(sessions::end_others))
        .service(at("/apps").get(apps::show))
        .service(at("/apps/withdraw").post(apps::withdraw))
        .service(at("/keys").get(keys::show))
        .service(at("/keys/new").get(new_key::show).post(new_key::make))
        .service(at("/keys/made").get(made_key::show))
        .service(at("/keys/rotate").post(keys::rotate))
        .service(at("/keys/disable").post(keys::disable))
        .service(at("/keys/enable").post(keys::enable))
        .service(at("/keys/revoke").get(keys::ask_revoke).post(keys::revoke));
}

/// Who is signed in; who is not is sent to sign in.
fn owner(visitor: &Visitor) -> Result<SignedInBrowser, Box<HttpResponse>> {
    visitor.signed_in.clone().ok_or_else(|| Box::new(visitor.redirect_home("/login")))
}

/// What every account page shows.
async fn account(visitor: &Visitor, request: &HttpRequest, owner: &SignedInBrowser) -> Result<Account, Stopped> {
    let query = login::read_query(visitor, request)?;
    let person = person_shown(visitor, owner).await.map_err(|halt| visitor.stop(halt))?;
    let notice = query.one("notice").and_then(Notice::read);
    Ok(Account { person, csrf: visitor.own_csrf_token(owner), notice })
}

/// What was allowed at `app`, in the words of its resources.
fn allowed(scopes: &Scopes, app: Option<&AppRecord>) -> Vec<Allowed> {
    let words = |scope: &str| app?.resources.iter().find_map(|resource| resource.scope_words.get(scope));
    let shown = |scope: &str| Allowed { scope: scope.into(), description: words(scope).map(|words| (&**words).into()) };
    scopes.iter().map(shown).collect()
}

/// Back to a page, which says what happened.
fn done(visitor: &Visitor, path: &str, notice: Notice) -> HttpResponse {
    visitor.redirect_home(&format!("/account{path}?notice={}", notice.as_str()))
}

/// What an operator would be told, for a person: their own wish was checked, so it is our trouble.
fn trouble(declined: Declined) -> Halt {
    match declined {
        Declined::Store(error) => error.into(),
        other => {
            tracing::error!(error = %other, "an account page could not do what it offers");
            Refusal::Internal("an account page could not do what it offers").into()
        }
    }
}

/// Runs the rest for who is signed in.
macro_rules! signed_in {
    ($visitor:ident) => {
        match super::owner(&$visitor) {
            Ok(owner) => owner,
            Err(to_login) => return Ok(*to_login),
        }
    };
}
use signed_in;
