//! The database is gone while people sign in: each step says that it is our trouble, and none is taken twice.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use super::{RECOVERY, assert_is_our_trouble, give_back, take_away};
use crate::support::{ACME, Ask, Browser, PORTAL, Portal, Reply, Tokens, within};

/// The same for a page.
fn assert_is_our_trouble_in_words(reply: &Reply, what: &str) {
    assert_eq!(reply.stop(), (503, "temporarily_unavailable".to_owned()), "{what}");
    assert_eq!((reply.header("retry-after"), reply.header("location")), (Some("2"), None), "{what}: {reply:?}");
    assert!(reply.cookies().iter().all(|line| !line.starts_with("hallpass-session=")), "{what}: {reply:?}");
    let page = reply.text().to_lowercase();
    for detail in ["sqlite", "postgres", "sql", "no such table", "login_attempt", "user_grant", "pool", "connection"] {
        assert!(!page.contains(detail), "{what}: {detail}: {reply:?}");
    }
}

/// To the provider and back: where the browser is sent, not opened yet.
async fn back(portal: &Portal, browser: &mut Browser, login: &str) -> url::Url {
    let page = browser.get(login).await;
    let leaves = browser.submit(&page, "/login", &[("provider", ACME)]).await;
    portal.provider.visit(&leaves.location().parse().unwrap()).await
}

#[tokio::test]
async fn each_step_without_a_database_is_our_trouble_and_can_be_gone_again() {
    let portal = Portal::open().await;
    let (mut ada, mut bob) = (Browser::new(&portal.house), Browser::new(&portal.house));
    let tokens = portal.tokens(&mut ada, &[]).await;
    let code = portal.code(&mut ada, &[]).await;
    let asked = ada.get(&Portal::request(&[("prompt", "consent")])).await.location().to_owned();
    let consent = ada.get(&asked).await;
    let login = bob.get(&Portal::request(&[])).await.location().to_owned();
    let page = bob.get(&login).await;
    let comes_back = back(&portal, &mut bob, &login).await;
    let asked_before = portal.provider.asked("/token").len();
    let as_portal = |ask: Ask| ask.basic(PORTAL, &portal.key.text);
    let look = |token: &str| as_portal(Ask::form(&[("token", token)]).at("/oauth/introspect"));
    let revoke = |token: &str| as_portal(Ask::form(&[("token", token)]).at("/oauth/revoke"));

    take_away(&portal.house).await;
    let mut fresh = Browser::new(&portal.house);
    let to_the_app = fresh.get(&Portal::request(&[])).await;
    let pages = [
        ("authorize, signed in", ada.get(&Portal::request(&[])).await),
        ("the sign-in page", bob.get(&login).await),
        ("leaving for a provider", bob.submit(&page, "/login", &[("provider", ACME)]).await),
        ("the callback", bob.get(comes_back.as_str()).await),
        ("the consent page", ada.get(&asked).await),
        ("consent", ada.submit(&consent, "/consent", &[("decision", "allow")]).await),
        ("account", ada.get("/account").await),
        ("account/sessions", ada.get("/account/sessions").await),
        ("account/apps", ada.get("/account/apps").await),
        ("account/keys", ada.get("/account/keys").await),
    ];
    let answers = [
        portal.userinfo(&tokens.access).await,
        portal.house.send(&look(&tokens.access)).await,
        portal.house.send(&look(&tokens.refresh)).await,
        portal.house.send(&revoke(&tokens.access)).await,
        portal.house.send(&revoke(&tokens.refresh)).await,
        portal.redeem(&code, &[]).await,
        portal.refresh(&tokens.refresh, &[]).await,
    ];
    give_back(&portal.house).await;

    if to_the_app.status == 303 {
        let error = to_the_app.sent("error");
        assert_eq!(error.as_deref(), Some("temporarily_unavailable"), "only the app can begin again");
    } else {
        // Not even the app is known any more, so neither is where it may be told.
        assert_is_our_trouble_in_words(&to_the_app, "authorize");
    }
    for (what, reply) in &pages {
        assert_is_our_trouble_in_words(reply, what);
    }
    for reply in &answers {
        assert_is_our_trouble(reply);
    }
    assert_eq!(
        portal.provider.asked("/token").len(),
        asked_before,
        "no code was shown for a state that can't be spent"
    );
    assert!(within(RECOVERY, async || ada.get("/account").await.status == 200).await);
    assert!(within(RECOVERY, async || portal.house.send(&look(&tokens.access)).await.status == 200).await);
    assert!(portal.is_active(&tokens.access).await, "a revocation that failed has revoked nothing");
    let allowed = ada.submit(&consent, "/consent", &[("decision", "allow")]).await;
    assert!(allowed.sent("code").is_some(), "{allowed:?}");
    assert_eq!(bob.get(comes_back.as_str()).await.status, 303, "a state that was not spent is good");
    assert_eq!(bob.get(comes_back.as_str()).await.stop(), (400, "login_state".to_owned()), "once");
    let redeemed = Tokens::of(&portal.redeem(&code, &[]).await);
    assert!(portal.is_active(&redeemed.access).await);
    assert_eq!(portal.redeem(&code, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
    let next = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    assert_eq!(Tokens::of(&portal.refresh(&tokens.refresh, &[]).await).refresh, next.refresh, "no fork");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_was_spent_before_the_database_went_signs_nobody_in_afterwards() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let login = browser.get(&Portal::request(&[])).await.location().to_owned();
    let comes_back = back(&portal, &mut browser, &login).await;
    let (asked, was_asked) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = Mutex::new(may_go_on);
    portal.provider.edit("tokens", move |_| {
        let _ = asked.send(());
        let _ = may_go_on.lock().unwrap().recv_timeout(Duration::from_secs(5));
    });

    let (mut its_browser, its_way) = (browser.clone(), comes_back.clone());
    let coming = tokio::spawn(async move { its_browser.get(its_way.as_str()).await });
    tokio::task::spawn_blocking(move || was_asked.recv_timeout(Duration::from_secs(5)).unwrap()).await.unwrap();
    take_away(&portal.house).await;
    go_on.send(()).unwrap();
    let reply = coming.await.unwrap();
    give_back(&portal.house).await;
    portal.provider.behaves();

    assert_is_our_trouble_in_words(&reply, "the callback");
    let is_back = async || portal.house.send(&Ask::get("/readyz")).await.status == 200;
    assert!(within(RECOVERY, is_back).await);
    for _ in 0..2 {
        let again = browser.get(comes_back.as_str()).await;
        assert_eq!(again.stop(), (400, "login_state".to_owned()));
    }
    assert_eq!(portal.provider.asked("/token").len(), 1, "the code was shown once");
    assert!(portal.house.flows.list_users().await.unwrap().is_empty(), "nobody was half signed in");
    let anew = portal.sign_in(&mut browser, &login).await;
    assert!(anew.location().contains("/consent?"), "the request still waits: {anew:?}");
}
