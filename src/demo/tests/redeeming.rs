//! Redeeming a code.

use super::*;
use crate::demo::people;
use crate::limit;

#[actix_web::test]
async fn a_code_becomes_tokens_that_tell_who_it_is() {
    let demo = Demo::open();

    let tokens = demo.tokens(&demo.code().await).await;
    let claims = demo.claims(&tokens["id_token"]).await;
    let told = json(demo.userinfo(&tokens["access_token"]).await).await;

    let access_token = tokens["access_token"].as_str().unwrap();
    let expected = serde_json::json!({
        "sub": "demo-ada", "name": "Ada Lovelace", "preferred_username": "ada",
        "email": "ada@example.com", "email_verified": true, "groups": ["engineering", "admins"],
        "iss": demo.issuer, "aud": CLIENT, "iat": NOW, "exp": NOW + 300, "auth_time": NOW,
        "at_hash": crate::demo::id_token::at_hash(access_token), "nonce": "nonce",
    });
    assert_eq!(claims, expected);
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&"Bearer".into(), &300.into()));
    assert!(told.as_object().unwrap().iter().all(|(name, value)| claims[name] == *value));
    assert_eq!(told["name"], "Ada Lovelace");
}

#[actix_web::test]
async fn everybody_can_sign_in() {
    let demo = Demo::open();
    for person in people() {
        let heard = back(&demo.pick(person.sub, &[("prompt", "select_account")]).await);
        let tokens = demo.tokens(&heard["code"]).await;
        let claims = demo.claims(&tokens["id_token"]).await;

        assert_eq!((&claims["sub"], &claims["name"]), (&person.sub.into(), &person.name.into()));
        assert_eq!(claims.get("email").is_some(), person.email.is_some());
        assert_eq!(claims.get("groups").is_some(), !person.groups.is_empty());
    }
}

#[actix_web::test]
async fn a_code_shown_again_buys_nothing_and_kills_what_it_bought() {
    let demo = Demo::open();
    let code = demo.code().await;
    let tokens = demo.tokens(&code).await;
    assert_eq!(demo.userinfo(&tokens["access_token"]).await.status(), StatusCode::OK);

    let again = demo.redeem(&[("code", &code)]).await;

    assert_eq!(error(again).await, (400, "invalid_grant".to_owned()));
    assert_eq!(demo.userinfo(&tokens["access_token"]).await.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_code_counts_for_a_minute() {
    let demo = Demo::open();
    let code = demo.code().await;
    demo.clock.advance(limit::DEMO_CODE_LIFETIME);

    assert_eq!(error(demo.redeem(&[("code", &code)]).await).await, (400, "invalid_grant".to_owned()));
}

#[actix_web::test]
async fn who_fails_to_redeem_has_spent_the_code() {
    let demo = Demo::open();
    let other = Verifier::mint();
    for change in [
        ("code_verifier", other.reveal()),
        ("code_verifier", ""),
        ("code_verifier", "short"),
        ("code_verifier", other.challenge().as_str()),
        ("redirect_uri", OTHER_CALLBACK),
        ("redirect_uri", ""),
    ] {
        let code = demo.code().await;

        let failed = demo.redeem(&[("code", &code), change]).await;
        let then = demo.redeem(&[("code", &code)]).await;

        assert_eq!(error(failed).await, (400, "invalid_grant".to_owned()), "{change:?}");
        assert_eq!(error(then).await, (400, "invalid_grant".to_owned()), "{change:?}");
    }
}

#[actix_web::test]
async fn only_the_client_redeems_and_in_one_way() {
    let demo = Demo::open();
    let code = demo.code().await;
    let by_header = |secret: &str, more: &[(&str, &str)]| {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("redirect_uri", CALLBACK),
            ("code_verifier", demo.verifier.reveal()),
            ("code", &code),
        ];
        form.extend(more);
        demo.send(demo.http.post(format!("{}/token", demo.issuer)).basic_auth(CLIENT, Some(encode(secret))).form(&form))
    };

    let nothing = demo.redeem(&[("code", &code), ("client_secret", "")]).await;
    assert!(nothing.headers().contains_key("www-authenticate"));
    assert_eq!(error(nothing).await, (401, "invalid_client".to_owned()));
    for change in [("client_secret", "wrong"), ("client_id", "another"), ("client_id", "")] {
        assert_eq!(error(demo.redeem(&[("code", &code), change]).await).await, (401, "invalid_client".to_owned()));
    }
    assert_eq!(error(by_header("wrong", &[]).await).await, (401, "invalid_client".to_owned()));
    assert_eq!(error(by_header(SECRET, &[("client_id", "another")]).await).await, (401, "invalid_client".to_owned()));
    assert_eq!(error(by_header(SECRET, &[("client_secret", SECRET)]).await).await, (400, "invalid_request".to_owned()));
    assert_eq!(by_header(SECRET, &[]).await.status(), StatusCode::OK, "and all that spent nothing");
}

#[actix_web::test]
async fn what_is_no_exchange_is_refused_in_its_own_words() {
    let demo = Demo::open();
    let token = format!("{}/token", demo.issuer);
    for (change, code) in [
        (("grant_type", ""), "invalid_request"),
        (("grant_type", "password"), "unsupported_grant_type"),
        (("code", ""), "invalid_request"),
        (("code", "made-up"), "invalid_grant"),
    ] {
        assert_eq!(error(demo.redeem(&[change]).await).await, (400, code.to_owned()), "{change:?}");
    }
    let twice = demo.post("/token", &[("code", "1"), ("code", "2")]).await;
    assert_eq!(error(twice).await, (400, "invalid_request".to_owned()));
    let no_form = demo.send(demo.http.post(&token).header("Content-Type", "application/json").body("{}")).await;
    assert_eq!(error(no_form).await, (400, "invalid_request".to_owned()));
    let huge = demo.send(demo.http.post(&token).body("a".repeat(limit::FORM_MAX + 1))).await;
    assert_eq!(huge.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[actix_web::test]
async fn claims_need_a_token_that_lives() {
    let demo = Demo::open();
    let tokens = demo.tokens(&demo.code().await).await;

    let bare = demo.get("/userinfo").await;
    assert_eq!(bare.headers()["www-authenticate"], r#"Bearer realm="demo""#);
    assert_eq!(demo.userinfo(&"made-up".into()).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(demo.userinfo(&tokens["id_token"]).await.status(), StatusCode::UNAUTHORIZED);
    demo.clock.advance(limit::DEMO_TOKEN_LIFETIME);
    assert_eq!(demo.userinfo(&tokens["access_token"]).await.status(), StatusCode::UNAUTHORIZED);
}
