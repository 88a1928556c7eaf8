//! The header's rules.

use hallpass_verifier::Error;
use serde_json::{Value, json};

use crate::support::{House, Signer, b64, claims, compact};

fn header(name: &str, value: impl Into<Value>) -> Value {
    let mut header = json!({ "alg": "ES256", "kid": "e1", "typ": "at+jwt" });
    header[name] = value.into();
    header
}

fn header_without(name: &str) -> Value {
    let mut header = header("x", 0);
    header.as_object_mut().unwrap().remove(name);
    header
}

#[tokio::test]
async fn alg_is_one_of_three_names_written_exactly() {
    let house = House::open();
    let wrong = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "none ",
        " none",
        "",
        "FOO",
        "es256",
        "ES256 ",
        "ES256\u{0}",
        "HS256",
        "HS384",
        "HS512",
        "RS384",
        "RS512",
        "PS256",
        "PS384",
        "PS512",
        "ES384",
        "ES512",
        "ES256K",
        "Ed25519",
        "Ed448",
        "eddsa",
        "RSA-OAEP",
        "dir",
    ];

    for alg in wrong {
        assert_eq!(house.judge_header(&header("alg", alg)).await, Err(Error::Algorithm), "{alg:?}");
    }
    for alg in [Value::Null, json!(1), json!(true), json!(["ES256"]), json!({ "ES256": 1 })] {
        assert_eq!(house.judge_header(&header("alg", alg)).await, Err(Error::Algorithm));
    }
    assert_eq!(house.judge_header(&header_without("alg")).await, Err(Error::Algorithm));
}

#[tokio::test]
async fn a_token_without_signature_is_refused_whatever_is_left_in_its_place() {
    let house = House::open();
    let good = house.es256.token(&claims());
    let real = good.rsplit('.').next().unwrap();

    for alg in ["none", "None", "NONE", "nOnE", "none "] {
        for signature in ["", real, "cmFuZG9t"] {
            let token = format!("{}.{}.{signature}", b64(header("alg", alg).to_string()), b64(claims().to_string()));
            assert_eq!(house.verify(&token).await, Err(Error::Algorithm));
        }
    }
    for signature in ["", "AA", "cmFuZG9t"] {
        let token = format!("{}.{signature}", good.rsplit_once('.').unwrap().0);
        assert_eq!(house.verify(&token).await, Err(Error::Signature));
    }
}

#[tokio::test]
async fn a_key_has_one_algorithm() {
    let house = House::open();

    for signer in house.signers() {
        for other in ["ES256", "RS256", "EdDSA"] {
            if other != signer.algorithm().as_str() {
                let header = json!({ "alg": other, "kid": signer.kid, "typ": "at+jwt" });
                let refused = house.verify(&signer.token_with(&header, &claims())).await;
                assert_eq!(refused, Err(Error::WrongAlgorithm), "{} as {other}", signer.kid);
            }
        }
    }
}

#[tokio::test]
async fn the_public_key_is_no_shared_secret() {
    let house = House::open();
    let header = json!({ "alg": "HS256", "kid": "r1", "typ": "at+jwt" });
    let signed = format!("{}.{}", b64(header.to_string()), b64(claims().to_string()));
    let secrets = [house.rs256.jwk()["n"].to_string(), house.rs256.jwk().to_string(), String::new(), "\0".into()];

    for secret in secrets {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let token = format!("{signed}.{}", b64(ring::hmac::sign(&key, signed.as_bytes())));
        assert_eq!(house.verify(&token).await, Err(Error::Algorithm));
    }
}

#[tokio::test]
async fn kid_is_text_of_1_to_256_characters() {
    let house = House::open();

    for kid in
        [Value::Null, json!(1), json!(["e1"]), json!({ "e1": 1 }), json!(true), json!(""), json!("x".repeat(257))]
    {
        assert_eq!(house.judge_header(&header("kid", kid)).await, Err(Error::KeyId));
    }
    assert_eq!(house.judge_header(&header_without("kid")).await, Err(Error::KeyId));
    assert_eq!(house.judge_header(&header("kid", "x".repeat(256))).await, Err(Error::UnknownKey));
    assert_eq!(house.judge_header(&header("kid", "é".repeat(256))).await, Err(Error::UnknownKey));
}

#[tokio::test]
async fn a_kid_is_only_ever_compared() {
    let house = House::open();
    let names = [
        "../../../../dev/null",
        "/proc/self/environ",
        "|sleep 10",
        "x' UNION SELECT '1';--",
        "e1\r\nlevel=ERROR forged",
        "e1\0",
        "E1",
        " e1",
        "e1 ",
        "http://127.0.0.1/e1",
    ];

    for name in names {
        let refused = house.judge_header(&header("kid", name)).await;
        assert_eq!(refused, Err(Error::UnknownKey), "{name:?}");
        assert!(!refused.unwrap_err().to_string().contains(name), "the text repeats what the token said");
    }
}

#[tokio::test]
async fn typ_is_that_of_an_access_token_in_any_case() {
    let house = House::open();

    for typ in ["at+jwt", "AT+JWT", "At+Jwt", "application/at+jwt", "Application/AT+JWT"] {
        assert!(house.judge_header(&header("typ", typ)).await.is_ok(), "{typ}");
    }
    for typ in [
        "JWT",
        "jwt",
        "",
        "at+jwt ",
        "text/at+jwt",
        "application/jwt",
        "id+jwt",
        "logout+jwt",
        "statuslist+jwt",
        "dpop+jwt",
    ] {
        assert_eq!(house.judge_header(&header("typ", typ)).await, Err(Error::TokenType), "{typ}");
    }
    for typ in [Value::Null, json!(1), json!(["at+jwt"]), json!({})] {
        assert_eq!(house.judge_header(&header("typ", typ)).await, Err(Error::TokenType));
    }
    assert_eq!(house.judge_header(&header_without("typ")).await, Err(Error::TokenType));
}

#[tokio::test]
async fn typ_jwt_counts_with_rs256_and_only_where_the_service_chose_compat() {
    let (standard, compat) = (House::open(), House::compat());
    let jwt = |signer: &Signer| {
        let mut header = signer.header();
        header["typ"] = "JWT".into();
        signer.token_with(&header, &claims())
    };

    for signer in standard.signers() {
        assert_eq!(standard.verify(&jwt(signer)).await, Err(Error::TokenType));
    }
    assert!(compat.verify(&jwt(&compat.rs256)).await.is_ok());
    assert_eq!(compat.verify(&jwt(&compat.es256)).await, Err(Error::TokenType));
    assert_eq!(compat.verify(&jwt(&compat.eddsa)).await, Err(Error::TokenType));
    for signer in compat.signers() {
        assert!(compat.verify(&signer.token(&claims())).await.is_ok(), "at+jwt still counts");
    }
}

#[tokio::test]
async fn crit_and_b64_are_refused_in_any_form() {
    let house = House::open();
    let forms =
        [json!(["exp2"]), json!([]), json!("exp"), json!(["alg"]), json!(["absent"]), json!(null), json!(1), json!({})];

    for form in forms {
        assert_eq!(house.judge_header(&header("crit", form)).await, Err(Error::Critical));
    }
    for form in [json!(false), json!(true), json!(null), json!("false")] {
        assert_eq!(house.judge_header(&header("b64", form.clone())).await, Err(Error::UnencodedPayload));
        let mut both = header("crit", json!(["b64"]));
        both["b64"] = form;
        assert_eq!(house.judge_header(&both).await, Err(Error::Critical));
    }
    let escaped =
        house.es256.raw(r#"{"alg":"ES256","kid":"e1","typ":"at+jwt","cr\u0069t":["x"]}"#, claims().to_string());
    assert_eq!(house.verify(&escaped).await, Err(Error::Critical));
}

#[tokio::test]
async fn a_key_that_comes_with_the_token_is_never_used() {
    let house = House::open();
    let attacker = Signer::es256("attacker");

    for kid in ["attacker", "e1"] {
        for name in ["jwk", "jku", "x5u", "x5c"] {
            let mut header = header("kid", kid);
            header[name] = if name == "jwk" { attacker.jwk() } else { json!("https://attacker.example/keys") };
            let refused = house.verify(&attacker.token_with(&header, &claims())).await;
            assert!(matches!(refused, Err(Error::UnknownKey | Error::Signature)), "{refused:?}");

            let ignored = house
                .verify(&house.es256.token_with(
                    &{
                        header["kid"] = "e1".into();
                        header
                    },
                    &claims(),
                ))
                .await;
            assert!(ignored.is_ok(), "and beside a good signature it is ignored");
        }
    }
}

#[tokio::test]
async fn a_signature_belongs_to_its_header_and_payload() {
    let house = House::open();
    let one = house.es256.token(&claims());
    let other = Signer::es256("e1").token(&claims());

    assert_eq!(house.verify(&other).await, Err(Error::Signature), "the right kid, another's key");
    let signature = house.es256.sign(one.as_bytes());
    assert_eq!(house.verify(&compact(&house.es256.header(), &claims(), &signature)).await, Err(Error::Signature));
}
