//! An app sends a browser: what is answered with a page, what goes back to the app, and what the person is asked.

mod hint;
mod hostile;
mod parameters;
mod person;
mod scopes;
mod trouble;
mod whose;

use crate::support::{Browser, CALLBACK, Portal, Reply};

/// Sends the browser with `query` as it is written.
async fn ask(browser: &mut Browser, query: &str) -> Reply {
    browser.get(&format!("/oauth/authorize?{query}")).await
}

/// The query of a plain request with `more` behind it, as it is written.
fn query(more: &str) -> String {
    let plain = Portal::request(&[]);
    format!("{}{more}", plain.trim_start_matches("/oauth/authorize?"))
}

/// It ends here: a page, and nobody is sent anywhere.
#[track_caller]
fn assert_stops(reply: &Reply, code: &str, what: &str) {
    assert_eq!((reply.status, reply.header("location")), (400, None), "{what}");
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{what}");
    assert!(reply.text().contains(&format!("<code>{code}</code>")), "{what}: {}", reply.text());
    assert!(!reply.text().contains("http-equiv"), "{what}");
}

/// It goes back to the portal: with the error, the state and the issuer, and without a code.
#[track_caller]
fn assert_goes_back(portal: &Portal, reply: &Reply, error: &str, what: &str) {
    assert_eq!(reply.status, 303, "{what}: {reply:?}");
    assert!(reply.location().starts_with(&format!("{CALLBACK}?")), "{what}: {}", reply.location());
    assert_eq!(reply.sent("error").as_deref(), Some(error), "{what}");
    assert!(reply.sent("error_description").is_some_and(|words| !words.is_empty()), "{what}");
    let page = format!("{}/errors/{error}", portal.house.issuer());
    assert_eq!(reply.sent("error_uri"), Some(page), "{what}");
    assert_eq!(reply.sent("state").as_deref(), Some("s-1"), "{what}");
    assert_eq!(reply.sent("iss").as_deref(), Some(portal.house.issuer()), "{what}");
    assert_eq!((reply.sent("code"), reply.sent("access_token"), reply.sent("id_token")), (None, None, None), "{what}");
}

/// It leads to a page of ours, with the request waiting.
#[track_caller]
fn assert_asks(portal: &Portal, reply: &Reply, page: &str) {
    let home = format!("{}/{page}?request=", portal.house.issuer());
    assert!(reply.status == 303 && reply.location().starts_with(&home), "{page}: {reply:?}");
}
