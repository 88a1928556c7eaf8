//! An app's page sends a form to sign the person out: browsers show no cookies with it, so it goes on by its address.

use crate::support::{Ask, Browser, GOODBYE, Portal};

#[tokio::test]
async fn a_form_of_an_app_signs_the_person_out_who_is_there() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let fields = [("id_token_hint", &*tokens.id), ("post_logout_redirect_uri", GOODBYE), ("state", "a&b")];
    let form = Ask::form(&fields).at("/oauth/logout").header("Origin", "https://portal.example");

    let sent = portal.house.send(&form).await;
    let out = browser.get(sent.location()).await;

    assert_eq!((sent.status, sent.header("set-cookie")), (303, None), "{sent:?}");
    assert_eq!((out.status, out.location()), (303, &*format!("{GOODBYE}?state=a%26b")));
    assert!(!portal.is_active(&tokens.access).await, "the session has ended, not only its cookie");
}

#[tokio::test]
async fn a_form_of_a_stranger_takes_nobody_the_session() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let form = Ask::form(&[]).at("/oauth/logout").header("Origin", "https://evil.test");

    let sent = portal.house.send(&form).await;
    let asked = browser.get(sent.location()).await;

    assert_eq!((sent.status, sent.header("set-cookie")), (303, None), "{sent:?}");
    assert_eq!((asked.status, asked.header("set-cookie")), (200, None), "the person is asked");
    assert!(portal.is_active(&tokens.access).await);
}

#[tokio::test]
async fn what_would_be_too_long_an_address_is_not_sent_on() {
    let portal = Portal::open().await;
    let form = |name: &str| Ask::form_text(&format!("{name}={}", "{".repeat(10_000))).at("/oauth/logout");

    let unknown = portal.house.send(&form("unknown")).await;
    let arrived = Browser::new(&portal.house).get(unknown.location()).await;
    let long = portal.house.send(&form("state")).await;

    assert_eq!((unknown.status, arrived.status), (303, 200), "{arrived:?}");
    assert_eq!((long.status, long.header("location")), (413, None), "{long:?}");
}
