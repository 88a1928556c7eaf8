//! The claims' rules.

use hallpass_verifier::Error;
use serde_json::{Value, json};

use crate::support::{AUDIENCE, House, ISSUER, NOW, claims, with, without};

#[tokio::test]
async fn a_claim_that_every_token_has_may_not_be_missing() {
    let house = House::open();

    for name in ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"] {
        assert_eq!(house.judge(&without(name)).await, Err(Error::MissingClaim(name)));
        assert_eq!(house.judge(&with(name, Value::Null)).await, Err(Error::MalformedClaim(name)));
    }
    for name in ["nbf", "scope", "key_id", "env", "status"] {
        assert!(house.judge(&without(name)).await.is_ok(), "{name} may be missing");
    }
}

#[tokio::test]
async fn iss_is_compared_byte_for_byte() {
    let house = House::open();
    let others = [
        "https://issuer.example/",
        "https://ISSUER.example",
        "http://issuer.example",
        "https://issuer.example:443",
        "https://issuer.example.attacker.example",
        "https://issuer.exampl",
        " https://issuer.example",
        "",
    ];

    for iss in others {
        assert_eq!(house.judge(&with("iss", iss)).await, Err(Error::Issuer), "{iss}");
    }
    for iss in [json!(1), json!([ISSUER]), json!({}), json!(true)] {
        assert_eq!(house.judge(&with("iss", iss)).await, Err(Error::MalformedClaim("iss")));
    }
}

#[tokio::test]
async fn names_are_text_of_1_to_256_characters() {
    let house = House::open();

    for name in ["sub", "jti", "client_id"] {
        for value in
            [json!(""), json!("x".repeat(257)), json!("é".repeat(257)), json!(7), json!(["a"]), json!({}), json!(false)]
        {
            assert_eq!(house.judge(&with(name, value)).await, Err(Error::MalformedClaim(name)));
        }
        for value in ["x".repeat(256), "é".repeat(256), "x".into()] {
            assert!(house.judge(&with(name, value)).await.is_ok());
        }
    }
}

#[tokio::test]
async fn ours_has_to_be_in_aud() {
    let house = House::open();

    for aud in
        [json!(AUDIENCE), json!([AUDIENCE]), json!(["https://other.example", AUDIENCE]), json!([AUDIENCE, AUDIENCE])]
    {
        assert!(house.judge(&with("aud", aud)).await.is_ok());
    }
    let upper = AUDIENCE.to_ascii_uppercase();
    let longer = format!("{AUDIENCE}/");
    for aud in [json!([]), json!([""]), json!(""), json!("app_1"), json!(["app_1"]), json!(upper), json!(longer)] {
        assert_eq!(house.judge(&with("aud", aud)).await, Err(Error::Audience));
    }
    for aud in [
        json!(7),
        json!({}),
        json!({ "a": AUDIENCE }),
        json!([[AUDIENCE]]),
        json!([AUDIENCE, 1]),
        json!([AUDIENCE, null]),
        json!([1, AUDIENCE]),
        json!(true),
    ] {
        assert_eq!(house.judge(&with("aud", aud.clone())).await, Err(Error::MalformedClaim("aud")), "{aud}");
    }
}

#[tokio::test]
async fn a_service_may_have_several_audiences() {
    let house = House::with(|builder| builder.audience("https://old.example"));

    assert!(house.judge(&claims()).await.is_ok());
    assert!(house.judge(&with("aud", "https://old.example")).await.is_ok());
    assert_eq!(house.judge(&with("aud", "https://older.example")).await, Err(Error::Audience));
}

#[tokio::test]
async fn scope_is_one_text_of_single_spaced_tokens_compared_whole() {
    let house = House::open();
    let found = house.judge(&with("scope", "orders:read_all orders")).await.unwrap();

    assert!(found.has_scope("orders"));
    assert!(found.has_scope("orders:read_all"));
    for other in ["orders:read", "order", "ORDERS", "", " ", "orders:read_all orders"] {
        assert!(!found.has_scope(other), "{other:?}");
    }
    for scope in [" a", "a ", "a  b", "a\tb", "a\nb", " ", "a\"b", "a\\b", "ä", "a\u{0}b"] {
        assert_eq!(house.judge(&with("scope", scope)).await, Err(Error::MalformedClaim("scope")), "{scope:?}");
    }
    for scope in [json!(["a"]), json!(1), json!({}), json!(null), json!(true)] {
        assert_eq!(house.judge(&with("scope", scope)).await, Err(Error::MalformedClaim("scope")));
    }
    assert!(!house.judge(&without("scope")).await.unwrap().has_scope("orders:read"));
}

#[tokio::test]
async fn a_token_bound_to_a_key_is_no_bearer() {
    let house = House::open();

    for cnf in
        [json!({ "jkt": "x" }), json!({ "x5t#S256": "x" }), json!({}), json!(null), json!("x"), json!([]), json!(false)]
    {
        assert_eq!(house.judge(&with("cnf", cnf)).await, Err(Error::Bound));
    }
}

#[tokio::test]
async fn a_malformed_status_is_refused() {
    let house = House::open();
    let uri = "https://issuer.example/oauth/status/1";
    let status = |idx: Value, uri: Value| json!({ "status_list": { "idx": idx, "uri": uri } });

    assert!(house.judge(&with("status", status(json!(0), json!(uri)))).await.is_ok());
    for idx in [json!(-1), json!(1.5), json!(1.0), json!("1"), json!(null), json!([1]), json!(1e30)] {
        let refused = house.judge(&with("status", status(idx.clone(), json!(uri)))).await;
        assert_eq!(refused, Err(Error::MalformedClaim("status")), "{idx}");
    }
    for uri in [
        json!("http://issuer.example/oauth/status/1"),
        json!("https://other.example/oauth/status/1"),
        json!("/oauth/status/1"),
        json!("https://issuer.example.attacker.example/1"),
        json!("https://issuer.example@attacker.example/1"),
        json!("https://issuer.example:8443/1"),
        json!("https://issuer.example"),
        json!(""),
        json!(7),
        json!(null),
        json!("https://issuer.example/a b"),
        json!("https://issuer.example/\r\nX: y"),
        json!("file:///etc/passwd"),
        json!(format!("https://issuer.example/{}", "x".repeat(600))),
    ] {
        let refused = house.judge(&with("status", status(json!(1), uri.clone()))).await;
        assert_eq!(refused, Err(Error::MalformedClaim("status")), "{uri}");
    }
    for status in [
        json!({}),
        json!(null),
        json!([]),
        json!("x"),
        json!(1),
        json!({ "status_list": {} }),
        json!({ "status_list": null }),
        json!([[1, uri]]),
        json!({ "status_list": [1, uri] }),
        json!({ "other": { "idx": 1, "uri": uri } }),
        json!({ "status_list": { "idx": 1 } }),
        json!({ "status_list": { "uri": uri } }),
    ] {
        let refused = house.judge(&with("status", status.clone())).await;
        assert_eq!(refused, Err(Error::MalformedClaim("status")), "{status}");
    }
}

#[tokio::test]
async fn optional_claims_are_absent_or_of_their_kind() {
    let house = House::open();
    let good = [
        ("auth_time", json!(NOW)),
        ("sid", json!("s1")),
        ("email", json!("a@b.example")),
        ("email_verified", json!(true)),
        ("name", json!("Ada")),
        ("preferred_username", json!("ada")),
        ("groups", json!(["a", "b"])),
        ("roles", json!([])),
        ("act", json!({ "sub": "app_2", "act": { "sub": "app_3" } })),
    ];

    for (name, value) in good {
        assert!(house.judge(&with(name, value)).await.is_ok(), "{name}");
        for wrong in [json!(null), json!([[1]]), json!({ "sub": 1 }), json!([1])] {
            let refused = house.judge(&with(name, wrong)).await;
            assert_eq!(refused, Err(Error::MalformedClaim(name)));
        }
    }
}

#[tokio::test]
async fn an_id_token_is_no_access_token() {
    let house = House::compat();
    let id_token = json!({
        "iss": ISSUER, "sub": "person_1", "aud": "app_1", "exp": NOW + 300, "iat": NOW, "nonce": "n", "azp": "app_1",
    });
    let header = json!({ "alg": "RS256", "kid": "r1", "typ": "JWT" });

    let refused = house.verify(&house.rs256.token_with(&header, &id_token)).await;

    assert_eq!(refused, Err(Error::MissingClaim("jti")));
}

#[tokio::test]
async fn an_error_says_which_rule_in_our_words_and_nothing_of_the_token() {
    let house = House::open();
    let secret = "SECRET-SECRET";
    let tokens = [
        house.es256.token(&with("iss", secret)),
        house.es256.token(&with("aud", secret)),
        house.es256.token(&with("exp", secret)),
        house.es256.token(&with("status", json!({ secret: secret }))),
        house.es256.raw(format!("{{\"alg\":\"{secret}\""), "{}"),
        house.es256.raw(format!("{{\"alg\":\"{secret}\"}}"), "{}"),
        house.es256.raw(house.es256.header().to_string(), format!("{{\"{secret}\":")),
        house.es256.token_with(&json!({ "alg": "ES256", "kid": secret, "typ": "at+jwt" }), &claims()),
    ];

    for token in tokens {
        let error = house.verify(&token).await.unwrap_err();
        for text in [error.to_string(), format!("{error:?}")] {
            for leak in [secret, "line", "column", "expected", "ring", "serde", "EOF", "Unspecified"] {
                assert!(!text.contains(leak), "{text}");
            }
        }
    }
}
