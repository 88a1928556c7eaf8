//! Signing out.

use super::*;

impl Demo {
    async fn leave_with(&self, parameters: &[(&str, &str)]) -> Response {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        self.get(&format!("/logout?{query}")).await
    }

    async fn is_signed_in(&self) -> bool {
        self.ask(&[]).await.status() == StatusCode::SEE_OTHER
    }
}

#[actix_web::test]
async fn an_id_token_signs_out_whom_it_speaks_of_and_sends_them_home() {
    let demo = Demo::open();
    let tokens = demo.tokens(&demo.code().await).await;
    let hint = ("id_token_hint", tokens["id_token"].as_str().unwrap());

    let left = demo.leave_with(&[hint, ("post_logout_redirect_uri", HOME), ("state", "a b")]).await;

    assert_eq!(location(&left), format!("{HOME}?state=a+b"));
    assert!(!demo.is_signed_in().await);
}

#[actix_web::test]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let demo = Demo::open();
    let tokens = demo.tokens(&demo.code().await).await;
    let hint = ("id_token_hint", tokens["id_token"].as_str().unwrap());

    let elsewhere = demo.leave_with(&[hint, ("post_logout_redirect_uri", "https://evil.example")]).await;
    let unknown = demo.leave_with(&[("post_logout_redirect_uri", HOME)]).await;
    let another = demo.leave_with(&[("client_id", "another"), ("post_logout_redirect_uri", HOME)]).await;
    let known = demo.leave_with(&[("client_id", CLIENT), ("post_logout_redirect_uri", HOME)]).await;

    for page in [elsewhere, unknown, another] {
        assert_eq!(page.status(), StatusCode::OK);
        assert!(page.text().await.unwrap().contains("You are signed out"));
    }
    assert_eq!(location(&known), HOME);
}

#[actix_web::test]
async fn without_an_id_token_the_person_is_asked() {
    let demo = Demo::open();
    let grace = demo.pick("demo-grace", &[]).await;
    let tokens = demo.tokens(&back(&grace)["code"]).await;
    demo.code().await;
    let home = ("post_logout_redirect_uri", HOME);

    for hint in ["", "made.up.token", tokens["id_token"].as_str().unwrap()] {
        let page = demo.leave_with(&[("client_id", CLIENT), home, ("id_token_hint", hint)]).await;
        assert!(page.text().await.unwrap().contains("Sign out of the demo provider?"), "{hint}");
    }
    assert!(demo.is_signed_in().await);

    let slip = slip(demo.leave_with(&[("client_id", CLIENT), home]).await).await;
    let foreign = demo.http.post(format!("{}/leave", demo.issuer)).form(&[("slip", &slip)]);
    assert_eq!(demo.send(foreign.header("Origin", "https://evil.example")).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(demo.post("/leave", &[("slip", "made-up")]).await.status(), StatusCode::BAD_REQUEST);
    assert!(demo.is_signed_in().await);

    assert_eq!(location(&demo.post("/leave", &[("slip", &slip)]).await), HOME);
    assert!(!demo.is_signed_in().await);
}
