//! What one fetch may cost, and what goes wrong with it.

use std::time::Duration;

use hallpass_verifier::Error;
use serde_json::json;

use crate::support::{Issuer, Reply, is_unavailable};

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
