//! The whole way, once, as an app and a person walk it.

use crate::support::{ACME, Browser, ORDERS, PORTAL, Portal, Token, Tokens};

#[tokio::test]
async fn a_person_signs_in_and_the_app_gets_one_token_that_names_both() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);

    let answer = portal.authorize(&mut browser, &[]).await;
    let tokens = Tokens::of(&portal.redeem(&answer.sent("code").unwrap(), &[]).await);
    let claims = portal.house.verify(&tokens.access, ORDERS).await.unwrap();
    let userinfo = portal.userinfo(&tokens.access).await.json();

    assert_eq!((answer.status, answer.sent("state").as_deref()), (303, Some("s-1")));
    assert_eq!(answer.sent("iss").as_deref(), Some(portal.house.issuer()));
    assert_eq!((claims.client_id.as_str(), claims.name.as_deref()), (PORTAL, Some("Ada Lovelace")));
    assert_eq!(claims.groups, None, "the orders may not see them");
    let id_token = Token::read(&tokens.id);
    assert_eq!((&id_token.claims["sub"], &id_token.claims["nonce"]), (&claims.sub.clone().into(), &"n-1".into()));
    assert_eq!((&userinfo["sub"], &userinfo["email"]), (&claims.sub.into(), &"ada@acme.example".into()));
}

#[tokio::test]
async fn a_second_app_finds_the_person_signed_in() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    let again = browser.get(&Portal::request(&[])).await;

    assert!(again.sent("code").is_some(), "signed in, and allowed before: {again:?}");
}

#[tokio::test]
async fn who_is_signed_in_and_goes_to_a_provider_again_is_asked_there_which_account() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let newcomer = browser.get(&Portal::request(&[])).await;
    let page = browser.get(newcomer.location()).await;
    let first = browser.submit(&page, "/login", &[("provider", ACME)]).await;
    portal.sign_in(&mut browser, newcomer.location()).await;

    let page = browser.get(newcomer.location()).await;
    let again = browser.submit(&page, "/login", &[("provider", ACME)]).await;

    assert_eq!((first.sent("prompt"), again.sent("prompt").as_deref()), (None, Some("select_account")));
}
