//! Keys of an issuer whose tokens are of another kind.

use std::time::Duration;

use hallpass_verifier::{Algorithm, BuildError, Clock, Error, NoAnswer, RemoteKeySet};
use serde_json::json;

use crate::support::{Issuer, Reply, Signer};

fn keys_at(issuer: &Issuer, address: &str) -> Result<RemoteKeySet, BuildError> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().tls_certs_only([]).timeout(Duration::from_secs(5)).build().unwrap();
    RemoteKeySet::new(client, &*issuer.url, address, Clock::Held(issuer.clock.clone()))
}

fn keys(issuer: &Issuer) -> RemoteKeySet {
    keys_at(issuer, &format!("{}/jwks", issuer.url)).unwrap()
}

#[tokio::test]
async fn a_jws_of_any_kind_is_vouched_for() {
    let issuer = Issuer::open().await;
    let token =
        issuer.key.token_with(&json!({ "alg": "ES256", "kid": "e1", "typ": "JWT" }), &json!({ "any": "claims" }));

    let jws = keys(&issuer).verify(&token, 8192).await.unwrap();

    assert_eq!((jws.algorithm, jws.typ.as_deref()), (Algorithm::Es256, Some("JWT")));
    assert_eq!(jws.payload, br#"{"any":"claims"}"#);
    assert!(!format!("{jws:?}").contains("any"));
}

#[tokio::test]
async fn the_rules_are_those_of_a_verifier() {
    let issuer = Issuer::open().await;
    let keys = keys(&issuer);
    let forged = Signer::es256("e1").token(&issuer.claims());
    let nobody = issuer.key.token_with(&json!({ "alg": "ES256", "kid": null }), &issuer.claims());
    let none = issuer.key.token_with(&json!({ "alg": "none", "kid": "e1" }), &issuer.claims());
    let verify = async |token: &str, max| keys.verify(token, max).await.err();

    assert_eq!(verify(&issuer.token(), 8192).await, None);
    assert_eq!(verify(&issuer.token(), 64).await, Some(Error::TooLong));
    assert_eq!(verify(&forged, 8192).await, Some(Error::Signature));
    assert_eq!(verify(&nobody, 8192).await, Some(Error::KeyId));
    assert_eq!(verify(&none, 8192).await, Some(Error::Algorithm));
}

#[tokio::test]
async fn without_a_name_the_only_key_of_its_algorithm_is_meant() {
    let issuer = Issuer::open().await;
    let keys = keys(&issuer);
    let nameless = issuer.key.token_with(&json!({ "alg": "ES256" }), &issuer.claims());
    let forged = Signer::es256("e1").token_with(&json!({ "alg": "ES256" }), &issuer.claims());
    let other = issuer.key.token_with(&json!({ "alg": "RS256" }), &issuer.claims());
    let verify = async |token: &str| keys.verify(token, 8192).await.err();

    assert_eq!(verify(&nameless).await, None);
    assert_eq!(verify(&forged).await, Some(Error::Signature));
    assert_eq!(verify(&other).await, Some(Error::KeyId));

    let mut jwk = issuer.key.jwk();
    jwk.as_object_mut().unwrap().remove("kid");
    issuer.set_jwks(Reply::json(&json!({ "keys": [jwk] })));
    issuer.advance(900);
    assert_eq!(verify(&nameless).await, None, "the key has no name either");
    assert_eq!(verify(&issuer.token()).await, Some(Error::UnknownKey));

    issuer.publish(&[&issuer.key, &Signer::es256("e2")]);
    issuer.advance(900);
    assert_eq!(verify(&nameless).await, Some(Error::KeyId), "either may be meant");
}

#[tokio::test]
async fn a_new_key_is_found_and_strangers_start_few_fetches() {
    let issuer = Issuer::open().await;
    let keys = keys(&issuer);
    keys.verify(&issuer.token(), 8192).await.unwrap();
    let second = Signer::es256("e2");
    issuer.publish(&[&issuer.key, &second]);
    let token = issuer.token_of(&second);

    for _ in 0..10 {
        assert_eq!(keys.verify(&token, 8192).await.unwrap_err(), Error::UnknownKey);
    }
    assert_eq!(issuer.fetches(), 1);
    issuer.advance(30);
    assert!(keys.verify(&token, 8192).await.is_ok());
    assert_eq!(issuer.fetches(), 2);
}

#[tokio::test]
async fn trouble_is_told_while_it_lasts() {
    let issuer = Issuer::open().await;
    let keys = keys(&issuer);
    issuer.set_jwks(Reply::status(404));

    assert!(keys.keys().await.unwrap_err().is_unavailable());
    assert!(matches!(keys.trouble(), Some(NoAnswer::Status(_))));
    issuer.publish(&[&issuer.key]);
    issuer.advance(30);
    assert_eq!(keys.keys().await.unwrap().len(), 1);
    assert_eq!(keys.trouble(), None);
}

#[tokio::test]
async fn keys_are_not_fetched_in_the_open() {
    let issuer = Issuer::open().await;

    for address in ["http://keys.example/jwks", "ftp://keys.example", "https://u@keys.example", "jwks"] {
        assert_eq!(keys_at(&issuer, address).err(), Some(BuildError::JwksUri), "{address}");
    }
}
