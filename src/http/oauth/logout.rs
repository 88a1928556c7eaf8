//! `GET` and `POST /oauth/logout` (OpenID Connect RP-Initiated Logout 1.0).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use url::form_urlencoded::Serializer;

use crate::flow::{FormFault, Halt, LogoutRequest, LogoutStep, Refusal};
use crate::http::form;
use crate::http::journey::{app_shown, person_shown};
use crate::http::pages::view::{SignOut, SignedOut};
use crate::http::stopped::Stopped;
use crate::http::visitor::Visitor;
use crate::limit;

/// What an app may send along.
const FIELDS: [&str; 5] = ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales"];

/// An app sends somebody away.
pub(in crate::http) async fn get(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let mut pairs = form::query(&request).map_err(|refusal| visitor.stop(refusal))?;
    // An address decides nothing: only our own form does.
    pairs.retain(|(name, _)| name != "decision");
    log_out(visitor, &pairs, false).await
}

/// The same for a form, an app's or ours. A browser that an app's page sends here with a form shows no cookies; sent on
/// to the same place by its address, it does, and only then can anybody be signed out.
pub(in crate::http) async fn post(
    mut visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let pairs = form::pairs(&request, payload).await.map_err(|refusal| visitor.stop(refusal))?;
    if visitor.shows_no_cookies() && !pairs.iter().any(|(name, _)| name == "decision") {
        visitor.leave_cookies();
        let known = pairs.iter().filter(|(name, _)| FIELDS.contains(&&**name));
        let query = Serializer::new(String::new()).extend_pairs(known).finish();
        if query.len() > limit::SENT_ON_MAX {
            return Err(visitor.stop(Refusal::Form(FormFault::TooLarge)));
        }
        return Ok(visitor.redirect_home(&format!("/oauth/logout?{query}")));
    }
    log_out(visitor, &pairs, true).await
}

async fn log_out(mut visitor: Visitor, pairs: &[(String, String)], is_form: bool) -> Result<HttpResponse, Stopped> {
    let one =
        |name: &str| pairs.iter().find(|(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.clone());
    visitor.read_in(one("ui_locales").as_deref());
    let decision = one("decision");
    if decision.is_some() {
        let form = crate::flow::Form::new(pairs.to_vec()).map_err(|refusal| visitor.stop(refusal))?;
        visitor.check_form(&form).map_err(|halt| visitor.stop(halt))?;
    }
    let asked = LogoutRequest {
        id_token_hint: one("id_token_hint").map(Into::into),
        client_id: one("client_id"),
        post_logout_redirect_uri: one("post_logout_redirect_uri"),
        state: one("state"),
        has_repeats: FIELDS.iter().any(|name| pairs.iter().filter(|(own, _)| own == name).count() > 1),
    };
    match decision.as_deref() {
        Some("stay") => return Ok(visitor.redirect_home("/account")),
        Some("sign_out") | None => {}
        Some(_) => return Err(visitor.stop(Halt::ForeignForm("neither yes nor no"))),
    }
    let step = visitor.flows.logout(&asked, visitor.signed_in.as_ref(), decision.is_some()).await;
    match step.map_err(|halt| visitor.stop(halt))? {
        LogoutStep::Ask { app } => {
            let person = match &visitor.signed_in {
                Some(signed_in) => Some(person_shown(&visitor, signed_in).await.map_err(|halt| visitor.stop(halt))?),
                None => None,
            };
            let page = SignOut {
                frame: visitor.frame(),
                app: app.as_deref().map(app_shown),
                person,
                csrf: visitor.csrf_token(),
                fields: FIELDS.iter().filter_map(|name| Some(((*name).to_owned(), one(name)?))).collect(),
            };
            visitor.page(StatusCode::OK, &page)
        }
        LogoutStep::Done { redirect: Some(uri), .. } => Ok(visitor.without_session(visitor.redirect(&uri))),
        // The same address says so when nobody is signed in; a page loaded again sends no form again.
        LogoutStep::Done { app, .. } if is_form => {
            let mut query = Serializer::new(String::new());
            query.extend_pairs(app.as_deref().map(|app| ("client_id", &*app.client_id)));
            query.extend_pairs(one("ui_locales").map(|locales| ("ui_locales", locales)));
            Ok(visitor.without_session(visitor.redirect_home(&format!("/oauth/logout?{}", query.finish()))))
        }
        LogoutStep::Done { app, redirect: None } => {
            let page = SignedOut { frame: visitor.frame(), app: app.as_deref().map(app_shown) };
            Ok(visitor.without_session(visitor.page(StatusCode::OK, &page)?))
        }
    }
}
