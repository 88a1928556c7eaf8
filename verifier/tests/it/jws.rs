//! The bare signature check, against the vectors of the RFCs.

use hallpass_verifier::{Algorithm, Error, KeyFault, Part, UnknownAlgorithm, verify_jws};
use serde_json::{Value, json};

use crate::support::{Signer, b64};

const RFC_7515_PAYLOAD: &[u8] = b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

#[test]
fn rfc_7515_a_2_is_rs256() {
    let jwk = r#"{"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}"#;
    let jws = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

    let payload = verify_jws(jws, jwk, Algorithm::Rs256);

    assert_eq!(payload.unwrap(), RFC_7515_PAYLOAD);
}

#[test]
fn rfc_7515_a_3_is_es256() {
    let jwk = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
    let jws = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    let payload = verify_jws(jws, jwk, "ES256".parse().unwrap());

    assert_eq!(payload.unwrap(), RFC_7515_PAYLOAD);
}

#[test]
fn rfc_8037_a_4_is_eddsa_over_bytes_that_are_no_json() {
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let jws = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

    let payload = verify_jws(jws, jwk, Algorithm::EdDsa);

    assert_eq!(payload.unwrap(), b"Example of Ed25519 signing");
}

#[test]
fn any_bytes_may_be_signed() {
    for signer in [Signer::es256("e1"), Signer::rs256("r1"), Signer::eddsa("o1")] {
        for payload in [&b""[..], b"\xff\x00\xfe", b"{\"a\":1,\"a\":2}", &[b'['; 1000]] {
            let jws = signer.raw(json!({ "alg": signer.algorithm().as_str() }).to_string(), payload);
            assert_eq!(verify_jws(&jws, &signer.jwk().to_string(), signer.algorithm()).unwrap(), payload);
        }
    }
}

#[test]
fn the_algorithm_is_that_of_caller_header_and_key() {
    let signers = [Signer::es256("e1"), Signer::rs256("r1"), Signer::eddsa("o1")];

    for signer in &signers {
        let jws = signer.raw(json!({ "alg": signer.algorithm().as_str() }).to_string(), "x");
        for other in Algorithm::ALL.into_iter().filter(|other| *other != signer.algorithm()) {
            let relabelled = signer.raw(json!({ "alg": other.as_str() }).to_string(), "x");
            let foreign = signers.iter().find(|signer| signer.algorithm() == other).unwrap().jwk().to_string();

            assert_eq!(verify_jws(&jws, &signer.jwk().to_string(), other), Err(Error::WrongAlgorithm));
            assert_eq!(
                verify_jws(&relabelled, &signer.jwk().to_string(), signer.algorithm()),
                Err(Error::WrongAlgorithm)
            );
            assert_eq!(verify_jws(&jws, &foreign, other), Err(Error::WrongAlgorithm));
            assert_eq!(verify_jws(&jws, &foreign, signer.algorithm()), Err(Error::WrongAlgorithm));
        }
    }
}

#[test]
fn the_header_rules_hold_for_a_bare_signature_too() {
    let signer = Signer::es256("e1");
    let judge = |header: &str| verify_jws(&signer.raw(header, "x"), &signer.jwk().to_string(), Algorithm::Es256);

    assert!(judge(r#"{"alg":"ES256"}"#).is_ok());
    assert!(judge(r#"{"alg":"ES256","typ":"JOSE","cty":"x","x5u":"https://attacker.example"}"#).is_ok());
    assert_eq!(judge(r#"{"alg":"ES256","crit":["exp"]}"#), Err(Error::Critical));
    assert_eq!(judge(r#"{"alg":"ES256","b64":false}"#), Err(Error::UnencodedPayload));
    assert_eq!(judge(r#"{"alg":"ES256","alg":"ES256"}"#), Err(Error::DuplicateMember(Part::Header)));
    assert_eq!(judge(r#"{"alg":"none"}"#), Err(Error::Algorithm));
    assert_eq!(judge("{}"), Err(Error::Algorithm));
    assert_eq!(judge("[]"), Err(Error::NotJson(Part::Header)));
}

#[test]
fn a_kid_that_names_another_key_is_refused() {
    let signer = Signer::es256("e1");
    let without_kid = {
        let mut jwk = signer.jwk();
        jwk.as_object_mut().unwrap().remove("kid");
        jwk
    };
    let judge = |kid: Value, jwk: &Value| {
        verify_jws(
            &signer.raw(json!({ "alg": "ES256", "kid": kid }).to_string(), "x"),
            &jwk.to_string(),
            Algorithm::Es256,
        )
    };

    assert!(judge(json!("e1"), &signer.jwk()).is_ok());
    assert!(judge(json!("e2"), &without_kid).is_ok());
    assert_eq!(judge(json!("e2"), &signer.jwk()), Err(Error::UnknownKey));
    assert_eq!(judge(json!(1), &without_kid), Err(Error::KeyId));
}

#[test]
fn form_and_length_are_those_of_a_token() {
    let signer = Signer::es256("e1");
    let jwk = signer.jwk().to_string();
    let good = signer.raw(r#"{"alg":"ES256"}"#, "x");

    assert_eq!(verify_jws("", &jwk, Algorithm::Es256), Err(Error::NotThreeParts));
    assert_eq!(verify_jws(&format!("{good}."), &jwk, Algorithm::Es256), Err(Error::NotThreeParts));
    assert_eq!(verify_jws(&format!("{good}="), &jwk, Algorithm::Es256), Err(Error::NotBase64Url(Part::Signature)));
    assert_eq!(verify_jws(&"a".repeat(8193), &jwk, Algorithm::Es256), Err(Error::TooLong));
    assert_eq!(verify_jws(&good, "{", Algorithm::Es256), Err(Error::Key(KeyFault::NotJson)));
}

#[test]
fn an_algorithm_has_one_name() {
    for algorithm in Algorithm::ALL {
        assert_eq!(algorithm.to_string().parse(), Ok(algorithm));
    }
    for name in ["", "none", "es256", "HS256", "PS256", "ES256 ", "ES384", "Ed25519"] {
        assert_eq!(name.parse::<Algorithm>(), Err(UnknownAlgorithm), "{name}");
    }
    assert_eq!(b64("x"), "eA");
}
