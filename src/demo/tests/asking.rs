//! Asking for a code.

use std::time::Duration;

use super::*;
use crate::limit;

#[actix_web::test]
async fn a_page_asks_and_the_code_goes_back_with_state_and_issuer() {
    let demo = Demo::open();

    let page = demo.ask(&[]).await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let text = page.text().await.unwrap();
    let heard = back(&demo.pick("demo-ada", &[]).await);

    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    assert!(text.contains("This is a demo: pick who you want to be") && text.contains("Zoë Núñez"));
    assert!(!text.contains("autofocus") && !text.contains("<script"));
    assert_eq!((&*heard["state"], &heard["iss"]), ("st/+ate", &demo.issuer));
    assert_eq!(heard["code"].len(), 43);
}

#[actix_web::test]
async fn strangers_get_a_page_and_are_sent_nowhere() {
    let demo = Demo::open();
    let twice = format!("/authorize?{}&redirect_uri=https://evil.example", demo.asked(&[]));

    let mut answers = vec![demo.get(&twice).await, demo.get("/authorize").await];
    for change in [
        ("client_id", "another"),
        ("client_id", ""),
        ("redirect_uri", ""),
        ("redirect_uri", "https://evil.example"),
        ("redirect_uri", "http://127.0.0.1:9/login/callback/"),
        ("redirect_uri", "http://127.0.0.1:9/login/callback?x"),
        ("redirect_uri", "HTTP://127.0.0.1:9/login/callback"),
    ] {
        answers.push(demo.ask(&[change]).await);
    }

    for answer in answers {
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert!(!answer.headers().contains_key(LOCATION));
    }
}

#[actix_web::test]
async fn what_is_wrong_goes_back_to_the_client() {
    let demo = Demo::open();
    for (change, code) in [
        (("response_type", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("response_type", "code id_token"), "unsupported_response_type"),
        (("response_mode", "fragment"), "invalid_request"),
        (("scope", "profile"), "invalid_scope"),
        (("scope", ""), "invalid_scope"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("prompt", "none login"), "invalid_request"),
        (("prompt", "create"), "invalid_request"),
        (("max_age", "-1"), "invalid_request"),
        (("request", "e30"), "request_not_supported"),
        (("request_uri", "https://evil.example"), "request_uri_not_supported"),
        (("id_token_hint", "a.b.c"), "invalid_request"),
        (("prompt", "none"), "login_required"),
    ] {
        let heard = back(&demo.ask(&[change]).await);

        assert_eq!((&*heard["error"], &heard["iss"], &*heard["state"]), (code, &demo.issuer, "st/+ate"), "{change:?}");
    }
    let twice = back(&demo.get(&format!("/authorize?{}&state=2", demo.asked(&[]))).await);
    assert_eq!((&*twice["error"], twice.get("state")), ("invalid_request", None));
}

#[actix_web::test]
async fn a_form_asks_as_well_as_a_link_and_the_two_are_not_mixed() {
    let demo = Demo::open();
    let asked = demo.asked(&[]);
    let form: Vec<(String, String)> = url::form_urlencoded::parse(asked.as_bytes()).into_owned().collect();

    let asked = demo.send(demo.http.post(format!("{}/authorize", demo.issuer)).form(&form)).await;
    let both = demo.send(demo.http.post(format!("{}/authorize?nonce=2", demo.issuer)).form(&form)).await;

    assert_eq!(asked.status(), StatusCode::OK);
    assert_eq!(back(&both)["error"], "invalid_request");
}

#[actix_web::test]
async fn who_was_picked_is_remembered_until_asked_again() {
    let demo = Demo::open();
    demo.pick("demo-ada", &[]).await;

    assert!(back(&demo.ask(&[]).await).contains_key("code"));
    assert!(back(&demo.ask(&[("prompt", "none"), ("max_age", "60")]).await).contains_key("code"));
    for prompt in ["login", "select_account", "consent"] {
        let page = demo.ask(&[("prompt", prompt)]).await.text().await.unwrap();
        assert!(page.contains("signed in"), "{prompt}");
    }
    *demo.cookie.borrow_mut() = None;
    assert_eq!(back(&demo.ask(&[("prompt", "none")]).await)["error"], "login_required");
}

#[actix_web::test]
async fn an_age_that_is_too_high_asks_again() {
    let demo = Demo::open();
    demo.pick("demo-ada", &[]).await;

    assert_eq!(demo.ask(&[("max_age", "0")]).await.status(), StatusCode::OK);
    demo.clock.advance(Duration::from_mins(1));
    assert_eq!(demo.ask(&[("max_age", "60")]).await.status(), StatusCode::OK);
    assert_eq!(back(&demo.ask(&[("max_age", "60"), ("prompt", "none")]).await)["error"], "login_required");
    assert!(back(&demo.ask(&[("max_age", "61")]).await).contains_key("code"));
    demo.clock.advance(limit::DEMO_SESSION_LIFETIME);
    assert_eq!(demo.ask(&[]).await.status(), StatusCode::OK);
}

#[actix_web::test]
async fn hints_suggest_and_keep_out_but_let_nobody_in() {
    let demo = Demo::open();
    let page = demo.ask(&[("login_hint", "GRACE@example.com")]).await.text().await.unwrap();
    assert!(page.contains(r#"value="demo-grace" autofocus"#));

    let id_token = demo.tokens(&demo.code().await).await["id_token"].as_str().unwrap().to_owned();
    let hint = ("id_token_hint", &*id_token);
    let other = back(&demo.pick("demo-grace", &[hint, ("prompt", "login")]).await);
    assert_eq!(other["error"], "login_required");
    assert_eq!(back(&demo.ask(&[hint, ("prompt", "none")]).await)["error"], "login_required");
    demo.pick("demo-ada", &[hint]).await;
    assert!(back(&demo.ask(&[hint, ("prompt", "none")]).await).contains_key("code"));
}

#[actix_web::test]
async fn a_form_counts_only_from_our_page_in_its_browser_and_in_time() {
    let demo = Demo::open();
    let slip = demo.slip(&[]).await;
    let form = [("slip", &*slip), ("sub", "demo-ada")];
    let pick = || demo.http.post(format!("{}/pick", demo.issuer)).form(&form);

    for origin in ["https://evil.example", "http://127.0.0.1:1", "null"] {
        let refused = demo.send(pick().header("Origin", origin)).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{origin}");
    }
    assert_eq!(pick().send().await.unwrap().status(), StatusCode::BAD_REQUEST, "without the cookie");
    assert_eq!(demo.post("/pick", &[("sub", "demo-ada")]).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(demo.post("/pick", &[("slip", &slip), ("sub", "root")]).await.status(), StatusCode::BAD_REQUEST);
    assert!(back(&demo.send(pick().header("Origin", &demo.issuer)).await).contains_key("code"));
    demo.clock.advance(limit::DEMO_PAGE_LIFETIME);
    assert_eq!(demo.send(pick()).await.status(), StatusCode::BAD_REQUEST, "too late");
}

#[actix_web::test]
async fn nobody_has_to_be_anybody() {
    let demo = Demo::open();

    let heard = back(&demo.pick("nobody", &[]).await);

    assert_eq!(heard["error"], "access_denied");
    assert_eq!(demo.ask(&[]).await.status(), StatusCode::OK, "and nobody is signed in");
}

#[actix_web::test]
async fn no_text_breaks_out_of_an_answer() {
    let demo = Demo::open();
    let nasty = "\"><script>\r\nSet-Cookie: a=b";

    let page = demo.ask(&[("state", nasty), ("login_hint", nasty), ("nonce", nasty)]).await.text().await.unwrap();
    let answer = demo.ask(&[("state", nasty), ("prompt", "none")]).await;

    assert!(!page.contains("<script"));
    assert!(!answer.headers().contains_key(SET_COOKIE));
    assert_eq!(back(&answer)["state"], nasty);
}
