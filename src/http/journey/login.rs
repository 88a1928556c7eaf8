//! `/login`: choose where to sign in, go there, come back.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::{app_shown, person_shown, provider_shown};
use crate::flow::{
    Form, Halt, LoggedIn, LoginFailed, LoginWish, Prompt, Returned, Returning, SignedInBrowser, Waiting,
};
use crate::http::form;
use crate::http::oauth::authorize;
use crate::http::pages::view::{Back, Current, SignIn, SignInNotice};
use crate::http::stopped::Stopped;
use crate::http::visitor::Visitor;

/// `GET /login?request=…`: the providers to choose from. Without a request it leads to the account.
pub(in crate::http) async fn show(mut visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let query = read_query(&visitor, &request)?;
    let waiting = find_waiting(&mut visitor, &query).await?;
    if waiting.is_none() && visitor.signed_in.is_some() {
        return Ok(visitor.redirect_home("/account"));
    }
    let mut page = sign_in_page(&visitor, waiting.as_ref()).await.map_err(|halt| visitor.stop(halt))?;
    if query.one("notice") == Some("signed-out") {
        page.notice = Some(SignInNotice::SignedOut);
    }
    visitor.page(StatusCode::OK, &page)
}

async fn sign_in_page(visitor: &Visitor, waiting: Option<&Waiting>) -> Result<SignIn, Halt> {
    let providers = visitor.flows.list_open_providers().await?;
    let is_choice = waiting.is_some_and(|waiting| waiting.request.has_prompt(Prompt::SelectAccount));
    let is_fresh =
        waiting.is_some_and(|waiting| waiting.request.has_prompt(Prompt::Login) || waiting.request.max_age.is_some());
    let current = match &visitor.signed_in {
        Some(owner) if is_choice => {
            Some(Current { person: person_shown(visitor, owner).await?, csrf: visitor.own_csrf_token(owner) })
        }
        _ => None,
    };
    Ok(SignIn {
        frame: visitor.frame(),
        app: waiting.map(|waiting| app_shown(&waiting.app)),
        request: waiting.map(|waiting| waiting.id.clone()),
        csrf: visitor.csrf_token(),
        providers: providers.iter().map(provider_shown).collect(),
        notice: (is_fresh && visitor.signed_in.is_some()).then_some(SignInNotice::Fresh),
        current,
    })
}

/// `POST /login`: off to a provider.
pub(in crate::http) async fn begin(
    mut visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let form = read_form(&visitor, &request, payload).await?;
    let waiting = find_waiting(&mut visitor, &form).await?;
    let provider = form.one("provider").unwrap_or_default();
    let (from, is_signed_in) = (visitor.from, visitor.signed_in.is_some());
    let wish = LoginWish { provider, waiting: waiting.as_ref(), links_to: None, from, is_signed_in };
    leave(&visitor, &wish).await
}

/// Sends the browser to a provider.
pub(in crate::http) async fn leave(visitor: &Visitor, wish: &LoginWish<'_>) -> Result<HttpResponse, Stopped> {
    match visitor.flows.begin_login(wish, &visitor.browser).await {
        Ok(url) => Ok(visitor.redirect(&url)),
        Err(halt) => {
            Err(visitor.stop_with(halt, Some(again(visitor, wish.waiting.map(|waiting| waiting.id.as_str())))))
        }
    }
}

/// `POST /login/continue`: as who is signed in already.
pub(in crate::http) async fn go_on(
    mut visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    let form = form::read(&request, payload).await.map_err(|refusal| visitor.stop(refusal))?;
    let waiting = find_waiting(&mut visitor, &form).await?.ok_or_else(|| visitor.stop(Halt::RequestGone))?;
    let Some(owner) = &visitor.signed_in else { return Ok(to_login(&visitor, &waiting)) };
    visitor.check_own_form(owner, &form).map_err(|halt| visitor.stop(halt))?;
    let step = visitor.flows.choose_account(waiting, Some(owner)).await;
    authorize::answer(&visitor, step)
}

/// `GET /login/callback/{provider}`: back from a provider.
pub(in crate::http) async fn finish(
    mut visitor: Visitor,
    request: HttpRequest,
    provider: web::Path<String>,
) -> Result<HttpResponse, Stopped> {
    let pairs = form::query(&request).map_err(|refusal| visitor.stop(refusal))?;
    let one =
        |name: &str| pairs.iter().find(|(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.clone());
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let returned = Returned {
        state: one("state").map(Into::into),
        code: one("code").map(Into::into),
        error: one("error"),
        iss: one("iss"),
        has_repeats: names.windows(2).any(|pair| pair[0] == pair[1]),
    };
    let returning = Returning {
        browser: &visitor.browser,
        signed_in: visitor.signed_in.as_ref(),
        user_agent: visitor.user_agent.clone(),
        address: visitor.from.map_or_else(|| "unknown".to_owned(), |from| from.to_string()),
    };
    let outcome = visitor.flows.finish_login(&provider, &returned, &returning).await;
    let LoggedIn { cookie, signed_in, request_id, is_linked } = match outcome {
        Ok(logged_in) => logged_in,
        Err(LoginFailed { halt: Halt::IdentityTaken, .. }) => {
            return Ok(visitor.redirect_home("/account?notice=identity-taken"));
        }
        Err(LoginFailed { halt, request_id }) => {
            if let Some(id) = &request_id {
                // The page is in the language that the app asked for, if the request is still there.
                let _ = waiting_as(&mut visitor, id).await;
            }
            return Err(visitor.stop_with(halt, Some(again(&visitor, request_id.as_deref()))));
        }
    };
    visitor.signed_in = Some(signed_in);
    let answer = match request_id {
        None if is_linked => visitor.redirect_home("/account?notice=identity-linked"),
        None => visitor.redirect_home("/account"),
        // They are signed in all the same, and the old session has ended: whatever is wrong with the request is told
        // by the next page, and this answer brings the new cookie.
        Some(id) => match go_on_with(&mut visitor, &id).await {
            Ok(answer) => answer,
            Err(_) => visitor.redirect_home(&format!("/login?request={id}")),
        },
    };
    Ok(visitor.with_session(answer, cookie.reveal()))
}

/// To sign in for a request, first.
pub(in crate::http) fn to_login(visitor: &Visitor, waiting: &Waiting) -> HttpResponse {
    visitor.redirect_home(&format!("/login?request={}", waiting.id))
}

/// Goes on with the request that somebody signed in for.
async fn go_on_with(visitor: &mut Visitor, id: &str) -> Result<HttpResponse, Stopped> {
    let waiting = waiting_as(visitor, id).await?;
    let step = visitor.flows.go_on(waiting, visitor.signed_in.as_ref()).await;
    authorize::answer(visitor, step)
}

/// A form of a page of ours.
pub(in crate::http) async fn read_form(
    visitor: &Visitor,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Form, Stopped> {
    let form = form::read(request, payload).await.map_err(|refusal| visitor.stop(refusal))?;
    visitor.check_form(&form).map_err(|halt| visitor.stop(halt))?;
    Ok(form)
}

/// A form of a page of ours that was shown to `owner`.
pub(in crate::http) async fn read_own_form(
    visitor: &Visitor,
    owner: &SignedInBrowser,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Form, Stopped> {
    let form = form::read(request, payload).await.map_err(|refusal| visitor.stop(refusal))?;
    visitor.check_own_form(owner, &form).map_err(|halt| visitor.stop(halt))?;
    Ok(form)
}

/// The query of a page of ours.
pub(in crate::http) fn read_query(visitor: &Visitor, request: &HttpRequest) -> Result<Form, Stopped> {
    form::query(request).and_then(Form::new).map_err(|refusal| visitor.stop(refusal))
}

/// The request that a form or an address names, if it names one. From here on, pages are in its language.
pub(in crate::http) async fn find_waiting(visitor: &mut Visitor, form: &Form) -> Result<Option<Waiting>, Stopped> {
    match form.one("request") {
        None => Ok(None),
        Some(id) => waiting_as(visitor, id).await.map(Some),
    }
}

async fn waiting_as(visitor: &mut Visitor, id: &str) -> Result<Waiting, Stopped> {
    let waiting = visitor.flows.find_waiting(id, &visitor.browser).await.map_err(|halt| visitor.stop(halt))?;
    visitor.read_in(waiting.request.ui_locales.as_deref());
    Ok(waiting)
}

/// The way to try again.
fn again(visitor: &Visitor, request_id: Option<&str>) -> Back {
    let query = request_id.map_or_else(String::new, |id| format!("?request={id}"));
    Back { path: format!("{}/login{query}", visitor.base()) }
}
