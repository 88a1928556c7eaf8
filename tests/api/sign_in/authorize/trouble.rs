//! The database is away: the app hears of it where only it can begin again, the person where they can.

use sea_orm::{ConnectionTrait, Database};

use super::assert_goes_back;
use crate::support::{Browser, Portal, Reply};

/// Calls a table by another name.
async fn rename(portal: &Portal, old: &str, new: &str) {
    let database = Database::connect(portal.house.database.url()).await.unwrap();
    database.execute_unprepared(&format!("ALTER TABLE \"{old}\" RENAME TO \"{new}\"")).await.unwrap();
    database.close().await.unwrap();
}

async fn without<T>(portal: &Portal, table: &str, act: impl AsyncFnOnce() -> T) -> T {
    let gone = format!("gone_{table}");
    rename(portal, table, &gone).await;
    let outcome = act().await;
    rename(portal, &gone, table).await;
    outcome
}

#[track_caller]
fn assert_shows_nothing(reply: &Reply) {
    let said = format!("{reply:?}").to_lowercase();
    for detail in ["authorization_request", "authorization_code", "sqlite", "postgres", "relation"] {
        assert!(!said.contains(detail), "{reply:?}");
    }
}

#[tokio::test]
async fn a_request_that_can_not_be_kept_goes_back_to_the_app_and_works_later() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    browser.get(&Portal::request(&[])).await;

    let reply = without(&portal, "authorization_request", async || browser.get(&Portal::request(&[])).await).await;
    let later = portal.authorize(&mut browser, &[]).await;

    assert_goes_back(&portal, &reply, "temporarily_unavailable", "no table for requests");
    assert_shows_nothing(&reply);
    assert!(later.sent("code").is_some(), "{later:?}");
}

#[tokio::test]
async fn a_request_that_was_spent_for_nothing_goes_back_to_the_app() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let away = browser.get(&Portal::request(&[])).await;
    let consent = portal.sign_in(&mut browser, away.location()).await;
    let page = browser.get(consent.location()).await;

    let reply = without(&portal, "authorization_code", async || {
        browser.submit(&page, "/consent", &[("decision", "allow")]).await
    })
    .await;

    assert_goes_back(&portal, &reply, "temporarily_unavailable", "no table for codes");
    assert_shows_nothing(&reply);
}

#[tokio::test]
async fn while_a_request_waits_the_person_is_told_to_try_again_and_can() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let away = browser.get(&Portal::request(&[])).await;

    let reply = without(&portal, "authorization_request", async || browser.get(away.location()).await).await;
    let later = portal.sign_in(&mut browser, away.location()).await;

    assert_eq!((reply.status, reply.header("retry-after")), (503, Some("2")), "{reply:?}");
    assert!(reply.text().contains("<code>temporarily_unavailable</code>"), "{reply:?}");
    assert_shows_nothing(&reply);
    assert!(later.location().contains("/consent?request="), "{later:?}");
}
