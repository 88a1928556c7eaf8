//! Codes: what a browser brought buys tokens once, within a minute, for the app that asked.

mod ends;

use hallpass::flow::{AppWish, KeyWish};
use serde_json::Value;

use crate::support::{
    Ask, Browser, CALLBACK, CHALLENGE, LOOPBACK, NATIVE, PORTAL, Portal, Reply, Token, Tokens, VERIFIER, owned,
};

fn refused() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

fn user(tokens: &Tokens) -> String {
    Token::read(&tokens.id).claims["sub"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_code_without_its_verifier_buys_nothing_and_is_still_good_with_it() {
    let portal = Portal::open().await;
    let code = portal.code(&mut Browser::new(&portal.house), &[]).await;
    let (short, long) = (&VERIFIER[..42], format!("{VERIFIER}{}", "a".repeat(86)));

    for verifier in [
        "",
        CHALLENGE,
        short,
        &long,
        &"a".repeat(43),
        &VERIFIER.replace('-', "+"),
        &VERIFIER.replace('-', "/"),
        &VERIFIER.to_lowercase(),
        &format!("{VERIFIER}="),
        &format!("{VERIFIER} "),
        &VERIFIER.replace('d', "ä"),
    ] {
        let reply = portal.redeem(&code, &[("code_verifier", verifier)]).await;
        assert_eq!(reply.refusal(), refused(), "{verifier}");
        assert_eq!(reply.json().get("access_token"), None);
    }

    assert_eq!(portal.redeem(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn an_answer_with_tokens_is_kept_by_nobody() {
    let portal = Portal::open().await;
    let code = portal.code(&mut Browser::new(&portal.house), &[]).await;

    let reply = portal.redeem(&code, &[]).await;

    assert_eq!((reply.header("cache-control"), reply.header("pragma")), (Some("no-store"), Some("no-cache")));
    let json = reply.json();
    assert_eq!((&json["token_type"], &json["expires_in"]), (&Value::from("Bearer"), &Value::from(300)));
    let mut names: Vec<&String> = json.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"]);
}

#[tokio::test]
async fn who_is_not_the_app_can_neither_redeem_its_code_nor_take_back_its_tokens() {
    let portal = Portal::open().await;
    portal.another("other", |_| ()).await;
    portal.with_native().await;
    let key = portal.house.key("other", &[]).await;
    let code = portal.code(&mut Browser::new(&portal.house), &[]).await;
    let strangers =
        [Portal::redemption(&code, &[]).basic("other", &key.text), Portal::redemption(&code, &[("client_id", NATIVE)])];

    for stranger in &strangers {
        assert_eq!(portal.house.send(stranger).await.refusal(), refused(), "{stranger:?}");
    }
    let nobody = portal.house.send(&Portal::redemption(&code, &[("client_id", PORTAL)])).await;
    let tokens = Tokens::of(&portal.redeem(&code, &[]).await);
    for stranger in &strangers {
        assert_eq!(portal.house.send(stranger).await.refusal(), refused(), "a replay by {stranger:?}");
    }

    assert_eq!(nobody.refusal(), (401, "invalid_client".to_owned()), "a name is no credential");
    assert!(portal.is_active(&tokens.access).await);
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.status, 200);
}

#[tokio::test]
async fn a_code_is_redeemed_with_the_redirect_uri_it_was_sent_to() {
    let portal = Portal::open().await;
    let both = Some(owned(&[CALLBACK, "https://portal.example/other"]));
    portal.house.change_app(PORTAL, AppWish { redirect_uris: both, ..AppWish::default() }).await;
    let code = portal.code(&mut Browser::new(&portal.house), &[]).await;

    for uri in [
        "",
        "https://portal.example/other",
        "https://portal.example/Callback",
        "https://portal.example/callback/",
        "https://PORTAL.example/callback",
        "https://portal.example:443/callback",
        "https://portal.example/callback?",
    ] {
        let reply = portal.redeem(&code, &[("redirect_uri", uri)]).await;
        assert_eq!(reply.refusal(), refused(), "{uri}");
    }

    assert_eq!(portal.redeem(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn what_is_no_code_buys_nothing() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let code = portal.code(&mut browser, &[]).await;
    let session = browser.cookies.iter().find(|(name, _)| name.ends_with("session")).unwrap().1.clone();
    let mut typo = code.clone().into_bytes();
    typo[40] = if typo[40] == b'a' { b'b' } else { b'a' };
    let typo = String::from_utf8(typo).unwrap();

    for (name, shown) in [
        ("cut off", &code[..code.len() - 1]),
        ("longer", &format!("{code}x")),
        ("one character changed", &typo),
        ("another's prefix", &code.replacen("hp_", "xx_", 1)),
        ("a refresh token", &tokens.refresh),
        ("a refresh token that calls itself a code", &tokens.refresh.replacen("_refresh_", "_code_", 1)),
        ("an access token", &tokens.access),
        ("an ID token", &tokens.id),
        ("a session", &session),
        ("a session that calls itself a code", &session.replacen("_session_", "_code_", 1)),
        ("a key", &portal.key.text),
        ("nonsense", "x"),
        ("a quote", "' OR 1=1 --"),
    ] {
        assert_eq!(portal.redeem(shown, &[]).await.refusal(), refused(), "{name}");
    }
    let missing = portal.redeem("", &[("code", "")]).await;
    assert_eq!(missing.refusal(), (400, "invalid_request".to_owned()));
    let twice = Ask::form(&[("grant_type", "authorization_code"), ("code", &code), ("code", &code)]);
    let twice = portal.house.send(&twice.basic(PORTAL, &portal.key.text)).await;
    assert_eq!(twice.refusal(), (400, "invalid_request".to_owned()));
    assert_eq!(portal.redeem(&code, &[]).await.status, 200, "nothing of this spent it");
}

#[tokio::test]
async fn an_app_that_may_skip_pkce_gets_its_nonce_back_and_nobody_strips_a_challenge() {
    let portal = Portal::open().await;
    let may = AppWish { may_skip_pkce: Some(true), ..AppWish::default() };
    portal.house.change_app(PORTAL, may).await;
    let mut browser = Browser::new(&portal.house);
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];

    let code = portal.code(&mut browser, &bare).await;
    let stripped = portal.redeem(&code, &[]).await;
    let redeemed = portal.redeem(&code, &[("code_verifier", "")]).await;
    let without_nonce = portal.code(&mut browser, &[bare[0], bare[1], ("nonce", "")]).await;
    let without_nonce = Tokens::of(&portal.redeem(&without_nonce, &[("code_verifier", "")]).await);
    let without_openid = browser.get(&Portal::request(&[bare[0], bare[1], ("scope", "orders:read")])).await;
    let challenged = portal.code(&mut browser, &[]).await;
    let downgraded = portal.redeem(&challenged, &[("code_verifier", "")]).await;

    assert_eq!(stripped.refusal(), refused(), "a verifier without a challenge: somebody stripped it");
    assert_eq!(Token::read(&Tokens::of(&redeemed).id).claims["nonce"], "n-1");
    assert_eq!(Token::read(&without_nonce.id).claims.get("nonce"), None, "whether it must be there, the app knows");
    assert_eq!(without_openid.sent("error").as_deref(), Some("invalid_request"), "no ID token, nothing to rely on");
    assert_eq!(downgraded.refusal(), refused(), "who sent a challenge shows the verifier");
}

#[tokio::test]
async fn a_public_app_has_pkce_and_no_secret() {
    let portal = Portal::open().await;
    portal.with_native().await;
    let mut browser = Browser::new(&portal.house);
    let here = format!("{}:51004/callback", LOOPBACK.trim_end_matches("/callback"));
    let own = [("client_id", NATIVE), ("redirect_uri", &*here)];
    let bare = [("client_id", NATIVE), ("redirect_uri", &here), ("code_challenge", ""), ("code_challenge_method", "")];

    let without = browser.get(&Portal::request(&bare)).await;
    let code = portal.code(&mut browser, &own).await;
    let unnamed = portal.house.send(&Portal::redemption(&code, &own[1..])).await;
    let another_port = [own[0], ("redirect_uri", LOOPBACK)];
    let another_port = portal.house.send(&Portal::redemption(&code, &another_port)).await;
    let proofless = [own[0], own[1], ("code_verifier", "")];
    let proofless = portal.house.send(&Portal::redemption(&code, &proofless)).await;
    let tokens = Tokens::of(&portal.house.send(&Portal::redemption(&code, &own)).await);

    assert_eq!(without.sent("error").as_deref(), Some("invalid_request"));
    assert_eq!(unnamed.refusal(), (401, "invalid_client".to_owned()));
    assert_eq!((another_port.refusal(), proofless.refusal()), (refused(), refused()));
    let claims = Token::read(&tokens.access).claims;
    assert_eq!((&claims["client_id"], claims.get("key_id")), (&NATIVE.into(), None));
    let reply: Reply = portal.house.send(&Ask::token(&[("client_id", NATIVE)])).await;
    assert_eq!(reply.refusal(), (400, "unauthorized_client".to_owned()), "it has nothing to trade for itself");
}

#[tokio::test]
async fn a_persons_own_key_is_not_the_app() {
    let portal = Portal::open().await;
    portal.house.change_app(PORTAL, AppWish { allows_personal_keys: Some(true), ..AppWish::default() }).await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let owner_id = Some(user(&tokens));
    let personal = portal.house.key_as(&KeyWish { owner_id, ..crate::support::House::wish(PORTAL, &[]) }).await;
    let code = portal.code(&mut browser, &[]).await;

    let redeemed = portal.house.send(&Portal::redemption(&code, &[]).basic(PORTAL, &personal.text)).await;
    let refreshed = portal.house.send(&Portal::renewal(&tokens.refresh, &[]).basic(PORTAL, &personal.text)).await;

    for reply in [redeemed, refreshed] {
        assert_eq!(reply.refusal(), (400, "unauthorized_client".to_owned()));
    }
}
