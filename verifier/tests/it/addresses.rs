//! Where keys may come from.

use hallpass_verifier::Verifier;
use serde_json::json;

use crate::support::{AUDIENCE, Issuer, Reply, is_unavailable};

#[tokio::test]
async fn keys_are_where_the_oauth_metadata_says() {
    let issuer = Issuer::open().await;

    let found = issuer.verifier().verify(&issuer.token()).await;

    assert!(found.is_ok(), "{found:?}");
    assert_eq!(issuer.asked(), ["/.well-known/oauth-authorization-server", "/jwks"]);
}

#[tokio::test]
async fn else_where_the_openid_metadata_says() {
    let issuer = Issuer::open().await;
    issuer.set_openid(Reply::metadata(&issuer.url, &format!("{}/jwks", issuer.url)));

    for missing in
        [Reply::status(404), Reply::status(500), Reply::redirect("/elsewhere"), Reply::json(&json!("<html>"))]
    {
        issuer.set_oauth(missing);
        assert!(issuer.verifier().verify(&issuer.token()).await.is_ok());
    }
    let half = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration", "/jwks"];
    assert_eq!(issuer.asked(), half.repeat(4));
}

#[tokio::test]
async fn a_path_in_the_issuer_goes_behind_the_one_and_before_the_other_well_known_name() {
    let issuer = Issuer::open().await;
    let url = format!("{}/tenant/one", issuer.url);
    let jwks = format!("{}/jwks", issuer.url);
    issuer.set_oauth(Reply::status(404));
    issuer.set_openid(Reply::metadata(&url, &jwks));
    let mut claims = issuer.claims();
    claims["iss"] = url.as_str().into();
    let verifier =
        Verifier::builder(&*url).audience(AUDIENCE).clock(hallpass_verifier::Clock::Held(issuer.clock.clone()));

    let found = verifier.build().unwrap().verify(&issuer.key.token(&claims)).await;

    assert!(found.is_ok(), "{found:?}");
    assert_eq!(
        issuer.asked()[..2],
        ["/.well-known/oauth-authorization-server/tenant/one", "/tenant/one/.well-known/openid-configuration"]
    );
}

#[tokio::test]
async fn the_metadata_names_our_issuer_byte_for_byte() {
    let issuer = Issuer::open().await;
    let jwks = format!("{}/jwks", issuer.url);

    for other in
        [format!("{}/", issuer.url), issuer.url.to_uppercase(), "https://attacker.example".into(), String::new()]
    {
        issuer.set_oauth(Reply::metadata(&other, &jwks));
        assert!(is_unavailable(&issuer.verifier(), &issuer.token()).await, "{other}");
    }
    assert_eq!(issuer.fetches(), 0);
}

#[tokio::test]
async fn metadata_that_is_none_has_no_keys() {
    let issuer = Issuer::open().await;
    let good = json!({ "issuer": issuer.url, "jwks_uri": format!("{}/jwks", issuer.url) }).to_string();
    let doubled = good.replace('{', &format!(r#"{{"issuer":"{}","#, issuer.url));
    let texts = ["", "null", "[]", "{}", "<html>", &good[..good.len() - 1], &doubled, r#"{"issuer":1,"jwks_uri":2}"#];

    for text in texts {
        issuer.set_oauth(Reply::Full(200, Vec::new(), text.into()));
        assert!(is_unavailable(&issuer.verifier(), &issuer.token()).await, "{text}");
    }
}

#[tokio::test]
async fn keys_are_on_the_issuers_own_origin() {
    let (issuer, other) = (Issuer::open().await, Issuer::open().await);
    let port = issuer.url.rsplit(':').next().unwrap();
    let elsewhere = [
        format!("{}/jwks", other.url),
        format!("http://localhost:{port}/jwks"),
        format!("http://127.0.0.2:{port}/jwks"),
        format!("https://127.0.0.1:{port}/jwks"),
        "http://169.254.169.254/jwks".into(),
        "https://attacker.example/jwks".into(),
        "file:///etc/passwd".into(),
        "/jwks".into(),
        "jwks".into(),
        String::new(),
        format!("http://user:pw@127.0.0.1:{port}/jwks"),
        format!("http://127.0.0.1:{port}@attacker.example/jwks"),
        format!("http:\\\\127.0.0.1:{port}\\jwks"),
        "javascript:1".into(),
    ];

    for jwks in elsewhere {
        issuer.set_oauth(Reply::metadata(&issuer.url, &jwks));
        assert!(is_unavailable(&issuer.verifier(), &issuer.token()).await, "{jwks}");
    }
    assert_eq!((issuer.fetches(), other.asked().len()), (0, 0));
}

#[tokio::test]
async fn unless_the_service_named_another() {
    let (issuer, other) = (Issuer::open().await, Issuer::open().await);
    let jwks = format!("{}/jwks", other.url);
    issuer.set_oauth(Reply::metadata(&issuer.url, &jwks));
    let token = issuer.token_of(&other.key);

    let by_origin = issuer.verifier_with(|builder| builder.jwks_origin(&*other.url));
    let by_address = issuer.verifier_with(|builder| builder.jwks_uri(&*jwks));

    assert!(by_origin.verify(&token).await.is_ok());
    assert!(by_address.verify(&token).await.is_ok());
    assert_eq!(issuer.asked().len(), 1, "an address that was given needs no metadata");
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let (issuer, other) = (Issuer::open().await, Issuer::open().await);
    other.publish(&[&issuer.key]);
    let targets = [
        format!("{}/jwks", other.url),
        format!("{}/jwks", issuer.url),
        "/jwks".into(),
        "http://169.254.169.254/".into(),
        "https://attacker.example/jwks".into(),
    ];

    for target in targets {
        issuer.set_jwks(Reply::redirect(&target));
        assert!(is_unavailable(&issuer.verifier(), &issuer.token()).await, "{target}");
    }
    assert_eq!((issuer.fetches(), other.asked().len()), (5, 0));
    issuer.set_oauth(Reply::redirect(&format!("{}/.well-known/oauth-authorization-server", other.url)));
    assert!(is_unavailable(&issuer.verifier(), &issuer.token()).await);
    assert_eq!(other.asked().len(), 0);
}
