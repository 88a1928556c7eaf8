//! What a verifier is made of, and when it says no.

use std::time::Duration;

use hallpass_verifier::{BuildError, Error, Verifier, VerifierBuilder};

use crate::support::{AUDIENCE, House, Issuer, Reply, Signer, claims, is_unavailable};

#[tokio::test]
async fn a_verifier_is_built_while_the_issuer_is_down_and_works_once_it_is_up() {
    let issuer = Issuer::open().await;
    issuer.set_oauth(Reply::status(503));
    issuer.set_openid(Reply::status(503));
    let verifier = issuer.verifier();

    assert!(is_unavailable(&verifier, &issuer.token()).await);
    issuer.set_oauth(Reply::metadata(&issuer.url, &format!("{}/jwks", issuer.url)));
    issuer.advance(2);

    assert!(verifier.warm_up().await.is_ok());
    assert!(verifier.verify(&issuer.token()).await.is_ok());
}

#[test]
fn outside_a_runtime_the_keys_can_not_be_had_and_nothing_panics() {
    let verifier = Verifier::builder("http://127.0.0.1:1").audience(AUDIENCE).build().unwrap();
    let key = Signer::es256("e1");
    let token = key.token(&claims());

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
        "file:///srv",
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

#[tokio::test]
async fn the_numbers_can_be_set_and_the_rules_stay() {
    let judge = async |change: fn(VerifierBuilder) -> VerifierBuilder| House::with(change).judge(&claims()).await;

    assert_eq!(judge(|builder| builder.max_lifetime(Duration::from_mins(5))).await, Err(Error::LivesTooLong));
    assert!(judge(|builder| builder.max_lifetime(Duration::from_secs(305))).await.is_ok());
    assert_eq!(judge(|builder| builder.max_token_length(100)).await, Err(Error::TooLong));
    let issuer = Issuer::open().await;
    let few_keys = issuer.verifier_with(|builder| builder.max_keys(0));
    let small_documents = issuer.verifier_with(|builder| builder.max_document(50));
    assert!(is_unavailable(&few_keys, &issuer.token()).await);
    assert!(is_unavailable(&small_documents, &issuer.token()).await);
}
