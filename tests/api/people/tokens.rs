//! Introspection (RFC 7662) and revocation (RFC 7009): who may know, who may take back, and what everybody else is told.

use std::time::Duration;

use hallpass::clock::Clock;
use hallpass::flow::AppWish;
use serde_json::json;

use super::Connected;
use crate::support::{Ask, BILLING, Browser, Key, ORDERS, PORTAL, Portal, Reply, Tokens, VERIFIER, owned};

const LOOK: &str = "/oauth/introspect";
const REVOKE: &str = "/oauth/revoke";

async fn at(portal: &Portal, path: &str, client_id: &str, key: &Key, fields: &[(&str, &str)]) -> Reply {
    portal.house.send(&Ask::form(fields).at(path).basic(client_id, &key.text)).await
}

/// A public app that Ada signed in to, and what it got.
async fn native(portal: &Portal, browser: &mut Browser) -> Tokens {
    portal.connect("native").await;
    portal.house.change_app("native", AppWish { is_public: Some(true), ..AppWish::default() }).await;
    let code = portal.code(browser, &[("client_id", "native")]).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "native"),
        ("code", &code),
        ("redirect_uri", crate::support::CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    Tokens::of(&portal.house.send(&Ask::form(&fields)).await)
}

#[tokio::test]
async fn a_good_token_is_told_whole() {
    let portal = Portal::open().await;
    let Connected { tokens, user, .. } = portal.connected().await;

    let access = portal.introspect(&tokens.access).await;
    let refresh = portal.introspect(&tokens.refresh).await;

    let claims = crate::support::Token::read(&tokens.access).claims;
    for (name, value) in claims.as_object().unwrap() {
        assert_eq!(&access[name], value, "{name}");
    }
    assert_eq!((&access["active"], &access["token_type"]), (&json!(true), &json!("Bearer")));
    assert_eq!((&refresh["active"], &refresh["client_id"]), (&json!(true), &json!(PORTAL)));
    assert_eq!((&refresh["sub"], &refresh["scope"]), (&json!(user), &json!("openid profile email orders:read")));
}

#[tokio::test]
async fn what_is_not_good_is_not_active_and_nothing_else_is_said() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, code, .. } = portal.connected().await;
    let spent = tokens.refresh.clone();
    let next = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    let other_house = Portal::open().await;
    let foreign = other_house.tokens(&mut Browser::new(&other_house.house), &[]).await;
    let (signed, signature) = next.access.rsplit_once('.').unwrap();
    let taken_back = portal.tokens(&mut browser, &[]).await;
    portal.take_back(&taken_back.access).await;

    for token in [
        "x",
        "a.b.c",
        &code,
        &spent,
        &next.id,
        &foreign.access,
        &foreign.refresh,
        &taken_back.access,
        signed,
        &format!("{signed}."),
        &format!("{signed}.{}", signature.chars().rev().collect::<String>()),
        &format!("{}x", next.refresh),
        &next.refresh.to_lowercase(),
        &browser.cookies["hallpass-session"],
        &browser.cookies["hallpass-browser"],
    ] {
        let reply = at(&portal, LOOK, PORTAL, &portal.key, &[("token", token)]).await;
        assert_eq!((reply.status, reply.json()), (200, json!({ "active": false })), "{token}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    portal.house.advance(Duration::from_mins(5));
    assert_eq!(portal.introspect(&next.access).await, json!({ "active": false }), "expired");
    assert!(portal.is_active(&next.refresh).await);
}

#[tokio::test]
async fn a_wrong_hint_does_no_harm() {
    let portal = Portal::open().await;
    let Connected { tokens, .. } = portal.connected().await;

    for hint in ["refresh_token", "access_token", "api_key", "nonsense", ""] {
        for token in [&tokens.access, &tokens.refresh, &portal.key.text] {
            let reply = at(&portal, LOOK, PORTAL, &portal.key, &[("token", token), ("token_type_hint", hint)]).await;
            assert_eq!(reply.json()["active"], true, "{hint}");
        }
    }
    let reply = at(&portal, REVOKE, PORTAL, &portal.key, &[("token", &tokens.refresh), ("token_type_hint", "?")]).await;
    assert_eq!((reply.status, portal.is_active(&tokens.refresh).await), (200, false));
}

#[tokio::test]
async fn both_endpoints_are_closed_to_who_does_not_say_who_they_are() {
    let portal = Portal::open().await;
    portal.change_app(AppWish { allows_personal_keys: Some(true), ..AppWish::default() }).await;
    let Connected { mut browser, tokens, user, .. } = portal.connected().await;
    let natives = native(&portal, &mut browser).await;
    let own = portal.personal_key(&user, &owned(&["orders:read"])).await;
    let token = [("token", tokens.access.as_str())];

    for path in [LOOK, REVOKE] {
        let bare = portal.house.send(&Ask::form(&token).at(path)).await;
        let wrong =
            portal.house.send(&Ask::form(&token).at(path).basic(PORTAL, &format!("{}x", portal.key.text))).await;
        let named = portal.house.send(&Ask::form(&[token[0], ("client_id", PORTAL)]).at(path)).await;
        let two =
            portal.house.send(&Ask::form(&token).at(path).bearer(&portal.key.text).api_key(&portal.key.text)).await;
        let by_token = portal.house.send(&Ask::form(&token).at(path).bearer(&tokens.access)).await;
        for reply in [&bare, &wrong, &named, &by_token] {
            assert_eq!(reply.refusal(), (401, "invalid_client".to_owned()), "{path}: {reply:?}");
            assert!(reply.header("www-authenticate").is_some());
        }
        assert_eq!(two.refusal(), (400, "invalid_request".to_owned()));
        for method in ["GET", "HEAD", "PUT"] {
            let reply = portal.house.send(&Ask::new(method, &format!("{path}?token=x")).bearer(&portal.key.text)).await;
            assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")), "{method} {path}");
        }
        let missing = at(&portal, path, PORTAL, &portal.key, &[]).await;
        let twice = at(&portal, path, PORTAL, &portal.key, &[token[0], token[0]]).await;
        let query = Ask::form(&[]).at(&format!("{path}?token={}", tokens.access)).basic(PORTAL, &portal.key.text);
        for reply in [missing, twice, portal.house.send(&query).await] {
            assert_eq!(reply.refusal(), (400, "invalid_request".to_owned()), "{path}");
        }
    }
    let by_public =
        portal.house.send(&Ask::form(&[("token", &*natives.access), ("client_id", "native")]).at(LOOK)).await;
    let by_person = at(&portal, LOOK, PORTAL, &own, &token).await;
    assert_eq!((by_public.status, by_person.status), (401, 401), "a name alone, or a person's key, may know nothing");
    assert!(portal.is_active(&tokens.access).await, "and nothing was taken back");
}

#[tokio::test]
async fn another_app_knows_nothing_of_a_token_unless_it_is_meant_for_it() {
    let portal = Portal::open().await;
    let Connected { tokens, .. } = portal.connected().await;
    portal.connect("wiki").await;
    let wiki = portal.house.key("wiki", &["orders:read"]).await;
    portal.house.resource(BILLING, &["billing:read"]).await;
    portal.house.app("stranger", &["billing:read"], &[BILLING]).await;
    let stranger = portal.house.key("stranger", &[]).await;

    let meant = at(&portal, LOOK, "wiki", &wiki, &[("token", &tokens.access)]).await.json();
    assert_eq!(meant["active"], true, "the orders, which wiki stands for, may ask about tokens for {ORDERS}");
    for token in [&tokens.access, &tokens.refresh, &tokens.id, &portal.key.text] {
        let told = at(&portal, LOOK, "stranger", &stranger, &[("token", token)]).await.json();
        assert_eq!(told, json!({ "active": false }));
    }
    for token in [&tokens.refresh, &portal.key.text] {
        assert_eq!(at(&portal, LOOK, "wiki", &wiki, &[("token", token)]).await.json(), json!({ "active": false }));
    }
}

#[tokio::test]
async fn who_takes_back_a_refresh_token_takes_back_all_that_came_of_it() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;
    let other = portal.tokens(&mut browser, &[]).await;
    let next = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);

    portal.take_back(&next.refresh).await;
    portal.take_back(&next.refresh).await;

    for token in [&tokens.access, &next.access, &next.refresh] {
        assert!(!portal.is_active(token).await);
    }
    assert_eq!(portal.refresh(&next.refresh, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
    assert_eq!(portal.userinfo(&next.access).await.status, 401);
    assert!(portal.is_active(&other.access).await, "another sign-in goes on");
    assert_eq!(portal.refresh(&other.refresh, &[]).await.status, 200);
}

#[tokio::test]
async fn a_spent_refresh_token_still_takes_its_family_back() {
    let portal = Portal::open().await;
    let Connected { tokens, .. } = portal.connected().await;
    let next = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);

    portal.take_back(&tokens.refresh).await;

    assert!(!portal.is_active(&next.refresh).await && !portal.is_active(&next.access).await);
}

#[tokio::test]
async fn an_access_token_that_is_taken_back_takes_nothing_with_it() {
    let portal = Portal::open().await;
    let Connected { tokens, .. } = portal.connected().await;
    let own = portal.house.exchange(&portal.key, &[]).await.token();

    portal.take_back(&tokens.access).await;
    portal.take_back(&tokens.access).await;
    portal.take_back(&own).await;

    assert!(!portal.is_active(&tokens.access).await && !portal.is_active(&own).await);
    assert_eq!(portal.userinfo(&tokens.access).await.refusal(), (401, "invalid_token".to_owned()));
    let next = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    assert!(portal.is_active(&next.access).await);
    assert_eq!(portal.house.exchange(&portal.key, &[]).await.status, 200);
}

#[tokio::test]
async fn what_is_anothers_or_unknown_is_answered_alike_and_left_alone() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, code, .. } = portal.connected().await;
    let natives = native(&portal, &mut browser).await;
    portal.connect("wiki").await;
    let wiki = portal.house.key("wiki", &["orders:read"]).await;
    let unknown = at(&portal, REVOKE, "wiki", &wiki, &[("token", "nothing")]).await;

    for token in [&tokens.access, &tokens.refresh, &tokens.id, &code, &portal.key.text, &natives.refresh] {
        let reply = at(&portal, REVOKE, "wiki", &wiki, &[("token", token)]).await;
        assert_eq!(reply.comparable(), unknown.comparable());
        let by_public = portal.house.send(&Ask::form(&[("token", token), ("client_id", "wiki")]).at(REVOKE)).await;
        assert_eq!(by_public.status, 401, "wiki has keys, and did not show one");
    }

    assert_eq!((unknown.status, unknown.body.len()), (200, 0));
    assert_eq!(unknown.header("cache-control"), Some("no-store"));
    assert!(portal.is_active(&tokens.access).await && portal.is_active(&tokens.refresh).await);
    assert_eq!(portal.redeem(&code, &[]).await.status, 200);
    assert_eq!(portal.house.exchange(&portal.key, &[]).await.status, 200);
}

#[tokio::test]
async fn a_public_app_takes_back_its_own_by_its_name() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, .. } = portal.connected().await;
    let natives = native(&portal, &mut browser).await;
    let revoke = |token: &str| Ask::form(&[("token", token), ("client_id", "native")]).at(REVOKE);

    let of_another = portal.house.send(&revoke(&tokens.refresh)).await;
    let own = portal.house.send(&revoke(&natives.refresh)).await;
    let fields = [("grant_type", "refresh_token"), ("refresh_token", &*natives.refresh), ("client_id", "native")];
    let refreshed = portal.house.send(&Ask::form(&fields)).await;

    assert_eq!((of_another.status, own.status), (200, 200));
    assert!(portal.is_active(&tokens.refresh).await);
    assert_eq!(refreshed.refusal(), (400, "invalid_grant".to_owned()));
    assert_eq!(portal.userinfo(&natives.access).await.status, 401);
}

#[tokio::test]
async fn a_key_is_told_and_taken_back_like_a_token() {
    let portal = Portal::open().await;
    portal.change_app(AppWish { allows_personal_keys: Some(true), ..AppWish::default() }).await;
    let Connected { user, .. } = portal.connected().await;
    let spare = portal.house.key(PORTAL, &["orders:read"]).await;
    let own = portal.personal_key(&user, &owned(&["orders:write"])).await;
    let minted = portal.house.exchange(&spare, &[]).await.token();

    let told = portal.introspect(&spare.text).await;
    let of_person = portal.introspect(&own.text).await;
    let wrong_secret = format!("{}{}", &own.text[..25], &spare.text[25..]);
    assert_eq!((&told["active"], &told["sub"], &told["scope"]), (&json!(true), &json!(PORTAL), &json!("orders:read")));
    assert_eq!((&of_person["sub"], &of_person["key_id"]), (&json!(user), &json!(own.id)));
    assert_eq!(portal.introspect(&wrong_secret).await, json!({ "active": false }));
    portal.take_back(&wrong_secret).await;
    assert_eq!(portal.house.exchange(&own, &[]).await.status, 200, "an id is not enough");
    portal.take_back(&spare.text).await;
    portal.take_back(&spare.text).await;
    let by_its_person = at(&portal, REVOKE, PORTAL, &own, &[("token", &own.text)]).await;

    assert_eq!(by_its_person.status, 200);
    for key in [&spare, &own] {
        assert_eq!(portal.house.exchange(key, &[]).await.status, 401);
        assert_eq!(portal.introspect(&key.text).await, json!({ "active": false }));
    }
    assert!(!portal.is_active(&minted).await, "what the key bought is dead with it");
    assert_eq!(portal.house.exchange(&portal.key, &[]).await.status, 200);
}

#[tokio::test]
async fn a_token_is_not_active_before_its_time() {
    let portal = Portal::with(|settings| "http://localhost".clone_into(&mut settings.issuer)).await;
    let Connected { tokens, .. } = portal.connected().await;
    portal.house.advance(Duration::from_mins(1));
    let minted = portal.house.exchange(&portal.key, &[]).await.token();
    let fresh = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    let not_before = crate::support::Token::read(&minted).number("nbf");

    for (clock, is_active) in [(not_before - 1, false), (not_before, true)] {
        let node = portal.house.beside_by(Clock::held(clock)).await;
        for token in [&minted, &fresh.access] {
            let ask = Ask::form(&[("token", token)]).at(LOOK).basic(PORTAL, &portal.key.text);
            let told = node.send(&ask).await.json();
            assert_eq!(told["active"], is_active, "{clock}: {told}");
            assert!(is_active || told == json!({ "active": false }), "{told}");
        }
        let status = node.send(&Ask::get("/oauth/userinfo").bearer(&fresh.access)).await.status;
        assert_eq!(status, if is_active { 200 } else { 401 }, "{clock}");
    }
}
