//! Tokens of several issuers: told apart by their own word, judged by each issuer's rules.

use hallpass_verifier::{BuildError, Clock, Error, HeldClock, KeySet, Part, Profile, Verifier};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, ISSUER, NOW, Signer, b64, claims, with, without};

const PARTNER: &str = "https://id.partner.example";

/// Two issuers whose keys have one name.
struct Both {
    ours: Signer,
    theirs: Signer,
    verifier: Verifier,
}

fn single(issuer: &str, audience: &str, key: &Signer, cache: usize) -> Verifier {
    Verifier::builder(issuer)
        .audience(audience)
        .keys(KeySet::from_jwks_json(json!({ "keys": [key.jwk()] }).to_string()).unwrap())
        .clock(Clock::Held(HeldClock::at(NOW)))
        .cache(cache)
        .build()
        .unwrap()
}

impl Both {
    fn open(cache: usize) -> Self {
        let (ours, theirs) = (Signer::es256("k1"), Signer::es256("k1"));
        let verifier = Verifier::any_of([
            single(ISSUER, AUDIENCE, &ours, cache),
            single(PARTNER, "https://partner-api.example", &theirs, cache),
        ]);
        Self { ours, theirs, verifier: verifier.unwrap() }
    }
}

fn of_the_partner() -> Value {
    let mut claims = without("status");
    claims["iss"] = PARTNER.into();
    claims["aud"] = "https://partner-api.example".into();
    claims
}

#[tokio::test]
async fn each_token_is_held_against_its_own_issuer() {
    for cache in [0, 100] {
        let both = Both::open(cache);
        for _ in 0..2 {
            let ours = both.verifier.verify(&both.ours.token(&claims())).await.unwrap();
            let theirs = both.verifier.verify(&both.theirs.token(&of_the_partner())).await.unwrap();
            assert_eq!((&*ours.iss, &*theirs.iss), (ISSUER, PARTNER));
        }
    }
}

#[tokio::test]
async fn no_issuer_can_speak_for_another() {
    let both = Both::open(100);
    let mut theirs_for_us = of_the_partner();
    theirs_for_us["aud"] = AUDIENCE.into();

    assert_eq!(both.verifier.verify(&both.theirs.token(&claims())).await, Err(Error::Signature));
    assert_eq!(both.verifier.verify(&both.ours.token(&of_the_partner())).await, Err(Error::Signature));
    assert_eq!(both.verifier.verify(&both.theirs.token(&theirs_for_us)).await, Err(Error::Audience));
}

#[tokio::test]
async fn a_token_of_nobodys_is_another_issuers() {
    let both = Both::open(100);
    let judge = async |claims: &Value| both.verifier.verify(&both.ours.token(claims)).await.unwrap_err();

    for other in ["", "https://issuer.example/", "HTTPS://ISSUER.EXAMPLE", "https://id.partner.example.evil.example"] {
        assert_eq!(judge(&with("iss", other)).await, Error::Issuer, "{other}");
    }
    for other in [json!(7), json!(null), json!([ISSUER]), json!({ "a": ISSUER })] {
        assert_eq!(judge(&with("iss", other.clone())).await, Error::MalformedClaim("iss"), "{other}");
    }
    assert_eq!(judge(&without("iss")).await, Error::MissingClaim("iss"));
}

#[tokio::test]
async fn what_is_no_token_says_so() {
    let both = Both::open(0);
    let header = b64(json!({ "alg": "ES256", "kid": "k1", "typ": "at+jwt" }).to_string());
    let twice = format!(r#"{{"iss":"{ISSUER}","iss":"{PARTNER}"}}"#);
    let cases = [
        ("a.b".to_owned(), Error::NotThreeParts),
        (format!("{header}.{}.x", b64("[]")), Error::NotJson(Part::Payload)),
        (format!("{header}.{}.x", b64("{")), Error::NotJson(Part::Payload)),
        (format!("{header}.{}.x", b64(twice)), Error::DuplicateMember(Part::Payload)),
        ("x".repeat(9000), Error::TooLong),
    ];

    for (token, error) in cases {
        assert_eq!(both.verifier.verify(&token).await, Err(error), "{token}");
    }
}

#[tokio::test]
async fn an_escaped_name_is_the_same_name() {
    let both = Both::open(0);
    let escaped = claims().to_string().replace(r#""iss":"https:"#, r#""iss":"\u0068ttps:"#);
    assert!(escaped.contains("\\u0068"));

    let token = both.ours.raw(both.ours.header().to_string(), &escaped);

    assert!(both.verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn each_keeps_its_own_numbers_and_profile() {
    let (ours, theirs) = (Signer::es256("k1"), Signer::rs256("k1"));
    let keys = |key: &Signer| KeySet::from_jwks_json(json!({ "keys": [key.jwk()] }).to_string()).unwrap();
    let clock = Clock::Held(HeldClock::at(NOW));
    let short =
        Verifier::builder(ISSUER).audience(AUDIENCE).keys(keys(&ours)).clock(clock.clone()).max_token_length(300);
    let compat =
        Verifier::builder(PARTNER).audience(AUDIENCE).keys(keys(&theirs)).clock(clock).profile(Profile::Compat);
    let verifier = Verifier::any_of([short.build().unwrap(), compat.build().unwrap()]).unwrap();
    let mut partner = of_the_partner();
    partner["aud"] = AUDIENCE.into();
    let jwt = json!({ "alg": "RS256", "kid": "k1", "typ": "JWT" });

    assert_eq!(verifier.verify(&ours.token(&claims())).await, Err(Error::TooLong));
    assert!(verifier.verify(&theirs.token_with(&jwt, &partner)).await.is_ok());
}

#[test]
fn who_is_meant_must_be_plain() {
    let key = Signer::es256("k1");
    let one = || single(ISSUER, AUDIENCE, &key, 0);
    let both = Verifier::any_of([one(), single(PARTNER, AUDIENCE, &key, 0)]).unwrap();

    assert_eq!(Verifier::any_of([]).err(), Some(BuildError::NoIssuer));
    assert_eq!(Verifier::any_of([one(), one()]).err(), Some(BuildError::SameIssuer));
    assert_eq!(Verifier::any_of([both.clone(), one()]).err(), Some(BuildError::SameIssuer));
    let issuers: Vec<_> = both.health().into_iter().map(|health| health.issuer).collect();
    assert_eq!(issuers, [ISSUER, PARTNER]);
    assert!(Verifier::any_of([one()]).is_ok());
}

#[cfg(feature = "fetch")]
#[tokio::test]
async fn one_that_is_away_takes_nothing_from_the_other() {
    use crate::support::{Issuer, Reply};

    let (ours, theirs) = (Issuer::open().await, Issuer::open().await);
    theirs.set_oauth(Reply::status(500));
    theirs.set_openid(Reply::status(500));
    let cached = |issuer: &Issuer| issuer.verifier_with(|builder| builder.cache(10));
    let verifier = Verifier::any_of([cached(&theirs), cached(&ours)]).unwrap();

    assert!(verifier.warm_up().await.unwrap_err().is_unavailable());
    for _ in 0..2 {
        assert!(verifier.verify(&ours.token()).await.is_ok());
        assert!(verifier.verify(&theirs.token()).await.unwrap_err().is_unavailable());
    }
}
