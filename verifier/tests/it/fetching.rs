//! Where keys may come from, and what one fetch may cost.

use std::time::Duration;

use hallpass_verifier::{BuildError, Error, Verifier};
use serde_json::json;

use crate::support::{AUDIENCE, Issuer, Reply, Signer};

fn metadata_of(url: &str, jwks: &str) -> Reply {
    Reply::json(&json!({ "issuer": url, "jwks_uri": jwks }))
}

/// What a service sees when the keys can't be had.
async fn is_unavailable(verifier: &Verifier, token: &str) -> bool {
    match verifier.verify(token).await {
        Err(error) => {
            error.is_unavailable() && error.retry_after().is_some_and(|after| after >= Duration::from_secs(1))
        }
        Ok(_) => false,
    }
}

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
    issuer.set_openid(metadata_of(&issuer.url, &format!("{}/jwks", issuer.url)));

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
    issuer.set_openid(metadata_of(&url, &jwks));
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
        issuer.set_oauth(metadata_of(&other, &jwks));
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
        issuer.set_oauth(metadata_of(&issuer.url, &jwks));
        assert!(is_unavailable(&issuer.verifier(), &issuer.token()).await, "{jwks}");
    }
    assert_eq!((issuer.fetches(), other.asked().len()), (0, 0));
}

#[tokio::test]
async fn unless_the_service_named_another() {
    let (issuer, other) = (Issuer::open().await, Issuer::open().await);
    let jwks = format!("{}/jwks", other.url);
    issuer.set_oauth(metadata_of(&issuer.url, &jwks));
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

#[tokio::test]
async fn trouble_at_the_issuer_is_never_the_tokens_fault() {
    let issuer = Issuer::open().await;
    let trouble = [
        Reply::status(500),
        Reply::status(503),
        Reply::status(404),
        Reply::status(401),
        Reply::status(304),
        Reply::status(204),
        Reply::BreaksOff,
        Reply::Hangs,
        Reply::Drips,
        Reply::Full(200, Vec::new(), Vec::new()),
        Reply::Full(200, Vec::new(), b"<html>".to_vec()),
        Reply::Full(206, Vec::new(), b"{\"keys\":[]}".to_vec()),
        Reply::Full(200, vec!["Content-Encoding: gzip".into()], vec![0x1f, 0x8b, 8, 0]),
    ];

    for reply in trouble {
        issuer.set_jwks(reply);
        let verifier = issuer.verifier_with(|builder| builder.fetch_timeout(Duration::from_millis(300)));
        assert!(is_unavailable(&verifier, &issuer.token()).await);
    }
    let nowhere = issuer.verifier_with(|builder| builder.jwks_uri("http://127.0.0.1:1/jwks"));
    assert!(is_unavailable(&nowhere, &issuer.token()).await);
    let no_name = issuer.verifier_with(|builder| builder.jwks_uri("https://does-not-exist.invalid/jwks"));
    assert!(is_unavailable(&no_name, &issuer.token()).await);
    let no_tls = issuer.verifier_with(|builder| builder.jwks_uri(issuer.url.replace("http:", "https:") + "/jwks"));
    assert!(is_unavailable(&no_tls, &issuer.token()).await);
}

#[tokio::test]
async fn a_document_has_256_kib_at_most() {
    let issuer = Issuer::open().await;
    let key = issuer.key.jwk();
    let document = |size: usize| {
        let bare = json!({ "keys": [key], "pad": "" }).to_string().len();
        json!({ "keys": [key], "pad": "x".repeat(size - bare) }).to_string().into_bytes()
    };

    issuer.set_jwks(Reply::Full(200, Vec::new(), document(256 * 1024)));
    assert!(issuer.verifier().verify(&issuer.token()).await.is_ok());
    for size in [256 * 1024 + 1, 8 * 1024 * 1024] {
        issuer.set_jwks(Reply::Full(200, Vec::new(), document(size)));
        assert!(is_unavailable(&issuer.verifier(), &issuer.token()).await, "{size}");
    }
    issuer.set_oauth(Reply::Full(200, Vec::new(), document(256 * 1024 + 1)));
    assert!(is_unavailable(&issuer.verifier(), &issuer.token()).await);
}

#[tokio::test]
async fn a_set_of_65_keys_is_a_bad_document() {
    let issuer = Issuer::open().await;
    let keys = |count: usize| {
        let mut keys = vec![issuer.key.jwk()];
        keys.resize(count, json!({ "kty": "unknown" }));
        Reply::json(&json!({ "keys": keys }))
    };

    issuer.set_jwks(keys(64));
    assert!(issuer.verifier().verify(&issuer.token()).await.is_ok());
    issuer.set_jwks(keys(65));
    assert!(is_unavailable(&issuer.verifier(), &issuer.token()).await);
}

#[tokio::test]
async fn a_set_without_a_usable_key_is_a_set() {
    let issuer = Issuer::open().await;
    issuer.set_jwks(Reply::json(&json!({ "keys": [] })));

    assert_eq!(issuer.verifier().verify(&issuer.token()).await, Err(Error::UnknownKey));
}

#[tokio::test]
async fn a_fetch_takes_5_s_at_most_or_what_was_set() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier_with(|builder| builder.fetch_timeout(Duration::from_millis(200)));

    for reply in [Reply::Hangs, Reply::Drips] {
        issuer.set_oauth(reply.clone());
        let token = issuer.token();
        let patience = tokio::time::timeout(Duration::from_secs(3), verifier.verify(&token));
        assert!(patience.await.unwrap().unwrap_err().is_unavailable());
        issuer.advance(60);
    }
}

#[tokio::test]
async fn a_verifier_is_built_while_the_issuer_is_down_and_works_once_it_is_up() {
    let issuer = Issuer::open().await;
    issuer.set_oauth(Reply::status(503));
    issuer.set_openid(Reply::status(503));
    let verifier = issuer.verifier();

    assert!(is_unavailable(&verifier, &issuer.token()).await);
    issuer.set_oauth(metadata_of(&issuer.url, &format!("{}/jwks", issuer.url)));
    issuer.advance(2);

    assert!(verifier.warm_up().await.is_ok());
    assert!(verifier.verify(&issuer.token()).await.is_ok());
}

#[test]
fn outside_a_runtime_the_keys_can_not_be_had_and_nothing_panics() {
    let verifier = Verifier::builder("http://127.0.0.1:1").audience(AUDIENCE).build().unwrap();
    let key = Signer::es256("e1");
    let token = key.token(&crate::support::claims());

    let mut waiting = Box::pin(verifier.verify(&token));
    let polled =
        std::future::Future::poll(waiting.as_mut(), &mut std::task::Context::from_waker(std::task::Waker::noop()));

    assert!(matches!(polled, std::task::Poll::Ready(Err(Error::Unavailable { .. }))), "{polled:?}");
}

#[test]
fn a_description_that_makes_no_verifier_says_why() {
    let good = || Verifier::builder("https://issuer.example").audience(AUDIENCE);
    let issuers = [
        "",
        "issuer.example",
        "http://issuer.example",
        "http://10.0.0.1",
        "ftp://issuer.example",
        "https://",
        "https:issuer.example",
        "https://issuer.example?",
        "https://issuer.example?a=b",
        "https://issuer.example#",
        "https://issuer.example#a",
        "https://user@issuer.example",
        "https://user:pw@issuer.example",
        "https://@issuer.example",
        " https://issuer.example",
        "https://issuer.example ",
        "https://issuer.example\\x",
        "https://issuer.example/a b",
        "http://127.0.0.1.attacker.example",
        "http://localhost.attacker.example",
        "file:///tmp",
        "HTTPS://issuer.example\n",
    ];

    for issuer in issuers {
        let refused = Verifier::builder(issuer).audience(AUDIENCE).build().unwrap_err();
        assert_eq!(refused, BuildError::Issuer, "{issuer:?}");
    }
    for issuer in
        ["https://issuer.example/tenant", "http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost:8080"]
    {
        assert!(Verifier::builder(issuer).audience(AUDIENCE).build().is_ok(), "{issuer}");
    }
    assert!(good().build().is_ok(), "a public issuer, with the machine's root certificates");
    assert_eq!(Verifier::builder("https://issuer.example").build().unwrap_err(), BuildError::Audience);
    assert_eq!(good().audience("").build().unwrap_err(), BuildError::Audience);
    assert_eq!(good().jwks_uri("http://keys.example/jwks").build().unwrap_err(), BuildError::JwksUri);
    assert_eq!(good().jwks_origin("http://keys.example").build().unwrap_err(), BuildError::JwksOrigin);
    assert_eq!(good().jwks_origin("https://keys.example/path").build().unwrap_err(), BuildError::JwksOrigin);
    assert_eq!(good().root_certificate("no PEM").build().unwrap_err(), BuildError::RootCertificate);
    assert_eq!(good().skew(Duration::from_secs(61)).build().unwrap_err(), BuildError::Skew);
    assert_eq!(good().cool_down(Duration::ZERO).build().unwrap_err(), BuildError::Ages);
    assert_eq!(good().key_age(Duration::from_secs(9), Duration::from_secs(8)).build().unwrap_err(), BuildError::Ages);
    for error in [BuildError::Issuer, BuildError::Tls, BuildError::RootCertificate] {
        assert!(!error.to_string().is_empty());
    }
}
