//! What the OpenID Foundation's suite asks of a provider, where it once found us wrong.

use hallpass::flow::AppWish;

use crate::support::{Browser, GOODBYE, PORTAL, Portal};

#[actix_web::test]
async fn an_app_that_may_leave_out_pkce_may_leave_out_the_nonce_too() {
    let portal = Portal::open().await;
    let wish = AppWish { may_skip_pkce: Some(true), ..AppWish::default() };
    portal.house.flows.update_app(PORTAL, &wish).await.unwrap();
    let bare = [("code_challenge", ""), ("code_challenge_method", ""), ("nonce", "")];

    let code = portal.code(&mut Browser::new(&portal.house), &bare).await;
    let reply = portal.redeem(&code, &[("code_verifier", "")]).await;

    assert_eq!(reply.status, 200, "{reply:?}");
}

#[actix_web::test]
async fn an_app_that_has_to_use_pkce_is_sent_back_without_it() {
    let portal = Portal::open().await;
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];

    let reply = portal.authorize(&mut Browser::new(&portal.house), &bare).await;

    assert_eq!(reply.sent("error").as_deref(), Some("invalid_request"), "{reply:?}");
}

#[actix_web::test]
async fn a_page_says_that_it_is_the_hint_that_is_missing_or_wrong() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let (signed, _) = tokens.id.rsplit_once('.').unwrap();
    let there = format!("post_logout_redirect_uri={GOODBYE}");

    for query in [there.clone(), format!("{there}&id_token_hint={signed}.AAAA"), format!("{there}&id_token_hint=x")] {
        let reply = browser.get(&format!("/oauth/logout?{query}")).await;

        assert_eq!(reply.status, 400, "{query}: {reply:?}");
        assert!(reply.text().contains("<code>id_token_hint</code>"), "{query}: {reply:?}");
    }
    assert_eq!(browser.get("/account").await.status, 200);
}
