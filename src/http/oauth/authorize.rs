//! `GET` and `POST /oauth/authorize` (RFC 6749 section 3.1): where an app sends a browser.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use url::form_urlencoded::Serializer;

use crate::flow::{Authorized, Back, Halt, NextStep, NotAuthorized, Parameters, ResponseMode, Way};
use crate::http::form;
use crate::http::pages::view::FormPost;
use crate::http::pages::{Shown, WebLink};
use crate::http::stopped::Stopped;
use crate::http::visitor::Visitor;

/// Answers a request at once, or shows the page that the person needs first.
pub(in crate::http) async fn get(mut visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Stopped> {
    let parameters = Parameters(form::query(&request).map_err(|refusal| visitor.stop(refusal))?);
    visitor.read_in(parameters.ui_locales());
    let step = visitor.flows.authorize(&parameters, &visitor.browser, visitor.signed_in.as_ref(), visitor.from).await;
    answer(&visitor, step)
}

/// The same for a form. A browser that another site sends here with a form shows no cookies; sent on to the same place
/// by its address, it does.
pub(in crate::http) async fn post(
    mut visitor: Visitor,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Stopped> {
    visitor.leave_cookies();
    let mut parameters = form::query(&request).map_err(|refusal| visitor.stop(refusal))?;
    parameters.extend(form::pairs(&request, payload).await.map_err(|refusal| visitor.stop(refusal))?);
    let parameters = Parameters(parameters);
    visitor.read_in(parameters.ui_locales());
    match visitor.flows.sent_on(&parameters).await {
        Ok(query) => Ok(visitor.redirect_home(&format!("/oauth/authorize?{query}"))),
        Err(fault) => answer(&visitor, Err(fault)),
    }
}

/// What a browser gets for a step of its journey.
pub(in crate::http) fn answer(
    visitor: &Visitor,
    step: Result<NextStep, NotAuthorized>,
) -> Result<HttpResponse, Stopped> {
    match step {
        Ok(NextStep::Answer(Authorized { way, code })) => {
            send_back(visitor, &way, vec![("code", code.reveal().to_owned())])
        }
        Ok(NextStep::SignIn { request_id }) => Ok(visitor.redirect_home(&format!("/login?request={request_id}"))),
        Ok(NextStep::Consent { request_id }) => Ok(visitor.redirect_home(&format!("/consent?request={request_id}"))),
        Err(NotAuthorized::Back(back)) => refuse(visitor, *back),
        // The app may try again; the person can do nothing about it.
        Err(NotAuthorized::Halt(Halt::Refused(refusal))) => Err(visitor.stop(refusal)),
        Err(NotAuthorized::Halt(halt)) => Err(visitor.stop(halt)),
    }
}

/// An error, back to the app.
fn refuse(visitor: &Visitor, back: Back) -> Result<HttpResponse, Stopped> {
    let Back { way, error, cause } = back;
    metrics::counter!("hallpass_authorize_refused_total", "error" => error.as_str()).increment(1);
    if let Some(cause) = cause {
        visitor.log(cause);
    }
    let code = error.as_str();
    let answer = vec![
        ("error", code.to_owned()),
        ("error_description", error.words().to_owned()),
        ("error_uri", format!("{}/errors/{code}", visitor.flows.issuer())),
    ];
    send_back(visitor, &way, answer)
}

/// An answer, back to the app: with the state, and with who says it (RFC 9207).
fn send_back(visitor: &Visitor, way: &Way, mut answer: Vec<(&'static str, String)>) -> Result<HttpResponse, Stopped> {
    answer.extend(way.state.clone().map(|state| ("state", state)));
    answer.push(("iss", visitor.flows.issuer().to_owned()));
    if let (ResponseMode::FormPost, Some(action)) = (way.mode, WebLink::read(&way.redirect_uri)) {
        let fields = answer.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let page = FormPost { frame: visitor.frame(), app: Shown::from(app_name(&way.redirect_uri)), action, fields };
        visitor.page(StatusCode::OK, &page)
    } else {
        let separator = if way.redirect_uri.contains('?') { '&' } else { '?' };
        let query = Serializer::new(String::new()).extend_pairs(&answer).finish();
        Ok(visitor.redirect(&format!("{}{separator}{query}", way.redirect_uri)))
    }
}

/// What stands for the app on the page that is gone in a moment: where it lies.
fn app_name(redirect_uri: &str) -> String {
    let host = url::Url::parse(redirect_uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_default()
}
