//! The form of a token: length, parts, base64url, JSON.

use hallpass_verifier::{Error, Part};
use serde_json::json;

use crate::support::{House, b64, claims, compact, with};

#[tokio::test]
async fn a_good_token_of_each_kind_is_taken() {
    let house = House::open();

    for signer in house.signers() {
        let found = house.verify(&signer.token(&claims())).await.unwrap();

        assert_eq!((found.sub.as_str(), found.jti.as_str()), ("app_1", "t1"));
        assert!(found.has_scope("orders:read"));
    }
}

#[tokio::test]
async fn members_nobody_knows_are_ignored() {
    let house = House::open();
    let mut header = house.es256.header();
    header["cty"] = "whatever".into();
    header["x-new"] = json!({ "deep": [1, 2] });

    let found = house.verify(&house.es256.token_with(&header, &with("x-new", json!([{ "a": null }])))).await;

    assert!(found.is_ok());
}

#[tokio::test]
async fn a_token_has_three_parts() {
    let house = House::open();
    let good = house.es256.token(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else { unreachable!() };

    let wrong = [
        String::new(),
        ".".into(),
        "...".into(),
        header.into(),
        format!("{header}.{payload}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{good}.{payload}.{signature}"),
        format!("{good}.{header}.{payload}.{signature}"),
        r#"{"payload":"e30","protected":"e30","signature":"e30"}"#.into(),
        r#"{"payload":"e30","signatures":[]}"#.into(),
    ];

    for token in wrong {
        assert_eq!(house.verify(&token).await, Err(Error::NotThreeParts), "{token}");
    }
    for token in ["..", &format!("..{signature}"), &format!(".{payload}.{signature}")] {
        assert_eq!(house.verify(token).await, Err(Error::NotJson(Part::Header)), "{token}");
    }
    for token in [format!("{header}.."), format!("{header}.{payload}."), format!("{header}..{signature}")] {
        assert_eq!(house.verify(&token).await, Err(Error::Signature), "{token}");
    }
}

#[tokio::test]
async fn length_is_judged_before_anything_else() {
    let house = House::open();
    let padded = |size: usize| house.es256.token(&with("pad", "x".repeat(size)));
    let fitting = (0..8192).rev().map(padded).find(|token| token.len() <= 8192);
    let fitting = fitting.unwrap();

    assert!(house.verify(&fitting).await.is_ok(), "{} bytes", fitting.len());
    assert_eq!(house.verify(&format!("{fitting}{}", "A".repeat(8193 - fitting.len()))).await, Err(Error::TooLong));
    assert_eq!(house.verify(&".".repeat(1_000_000)).await, Err(Error::TooLong));
    assert_eq!(house.verify(&padded(1_000_000)).await, Err(Error::TooLong));
}

#[tokio::test]
async fn base64url_is_strict() {
    let house = House::open();
    let good = house.es256.token(&claims());
    let parts: Vec<String> = good.split('.').map(str::to_owned).collect();

    for (part, name) in [(0, Part::Header), (1, Part::Payload), (2, Part::Signature)] {
        let text = &parts[part];
        let middle = text.len() / 2;
        let inserts = ["\n", "\r\n", " ", "\t", "+", "/", "=", "%3D", "é", "\0"];
        let mut wrong: Vec<String> =
            inserts.iter().map(|insert| format!("{}{insert}{}", &text[..middle], &text[middle..])).collect();
        wrong.extend(["=", "==", "%3D", "\n", " "].iter().map(|end| format!("{text}{end}")));
        wrong.push(format!(" {text}"));

        for text in wrong {
            let mut parts = parts.clone();
            parts[part] = text;
            assert_eq!(house.verify(&parts.join(".")).await, Err(Error::NotBase64Url(name)), "{parts:?}");
        }
    }
}

#[tokio::test]
async fn stray_bits_at_the_end_of_a_part_are_refused() {
    let house = House::open();
    let good = house.es256.token(&claims());
    // 64 bytes leave four bits of the last character without a use.
    let last = good.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let value = alphabet.find(last).unwrap();

    for stray in 1..16 {
        let other = alphabet.as_bytes()[value + stray] as char;
        let token = format!("{}{other}", &good[..good.len() - 1]);
        assert_eq!(house.verify(&token).await, Err(Error::NotBase64Url(Part::Signature)));
    }
}

#[tokio::test]
async fn header_and_payload_are_objects_in_utf_8() {
    let house = House::open();
    let (header, payload) = (house.es256.header().to_string(), claims().to_string());
    let as_array = json!([house.es256.header()["alg"], "e1", "at+jwt"]).to_string();
    let texts: [&[u8]; 12] = [
        b"",
        b"null",
        b"[]",
        as_array.as_bytes(),
        b"\"text\"",
        b"{",
        b"{}}",
        b"{} {}",
        b"{\"alg\": \"\xff\"}",
        b"{\"a\": \"\\ud800\"}",
        b"\xef\xbb\xbf{}",
        b"{'alg': 'ES256'}",
    ];

    for text in texts {
        assert_eq!(house.verify(&house.es256.raw(text, &payload)).await, Err(Error::NotJson(Part::Header)));
        assert_eq!(house.verify(&house.es256.raw(&header, text)).await, Err(Error::NotJson(Part::Payload)));
    }
}

#[tokio::test]
async fn no_member_may_be_there_twice() {
    let house = House::open();
    let (header, payload) = (house.es256.header().to_string(), claims().to_string());
    let open = |text: &str| text.trim_end_matches('}').to_owned();
    let doubles = [
        r#""iss":"a","iss":"a""#,
        r#""x":1,"x":1"#,
        r#""x":1,"\u0078":1"#,
        r#""deep":{"a":[{"x":1,"x":2}]}"#,
        r#""status2":{"idx":1,"idx":2}"#,
    ];

    for double in doubles {
        let token = house.es256.raw(format!("{},{double}}}", open(&header)), &payload);
        assert_eq!(house.verify(&token).await, Err(Error::DuplicateMember(Part::Header)), "{double}");
        let payload = format!("{{{double},{}", &payload[1..]);
        assert_eq!(
            house.verify(&house.es256.raw(&header, payload)).await,
            Err(Error::DuplicateMember(Part::Payload)),
            "{double}"
        );
    }
}

#[tokio::test]
async fn many_members_are_no_trouble_and_a_double_among_them_is_found() {
    let house = House::open();
    let members: Vec<String> = (0..500).map(|n| format!(r#""m{n}":0"#)).collect();
    let payload = |extra: &str| format!("{{{}{extra},{}", members.join(","), &claims().to_string()[1..]);
    let header = house.es256.header().to_string();

    let distinct = house.verify(&house.es256.raw(&header, payload(""))).await;
    let doubled = house.verify(&house.es256.raw(&header, payload(r#","m250":1"#))).await;

    assert!(distinct.is_ok());
    assert_eq!(doubled, Err(Error::DuplicateMember(Part::Payload)));
}

#[tokio::test]
async fn sixteen_levels_are_enough() {
    let house = House::open();
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let token = |levels: usize| {
        let payload = format!(r#"{{"x":{},{}"#, nested(levels), &claims().to_string()[1..]);
        house.es256.raw(house.es256.header().to_string(), payload)
    };

    assert!(house.verify(&token(15)).await.is_ok());
    assert_eq!(house.verify(&token(16)).await, Err(Error::TooDeep(Part::Payload)));
    assert_eq!(house.verify(&token(1000)).await, Err(Error::TooDeep(Part::Payload)));
    let header = format!(r#"{{"alg":"ES256","x":{}}}"#, nested(16));
    assert_eq!(house.verify(&house.es256.raw(header, "{}")).await, Err(Error::TooDeep(Part::Header)));
}

#[tokio::test]
async fn a_json_serialisation_and_a_nested_token_are_no_tokens() {
    let house = House::open();
    let good = house.es256.token(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let flat = json!({ "protected": parts[0], "payload": parts[1], "signature": parts[2] }).to_string();
    let polyglot = format!("{{\"a\":\"{good}\"}}");
    let mut nesting = house.es256.header();
    nesting["cty"] = "JWT".into();
    let inner = compact(&json!({ "alg": "none" }), &claims(), b"");

    assert_eq!(house.verify(&flat).await, Err(Error::NotThreeParts));
    assert_eq!(house.verify(&polyglot).await, Err(Error::NotBase64Url(Part::Header)));
    assert_eq!(house.verify(&house.es256.raw(nesting.to_string(), inner)).await, Err(Error::NotJson(Part::Payload)));
}

#[tokio::test]
async fn an_encrypted_token_is_refused_before_anything_is_hashed() {
    let house = House::open();
    let header = json!({ "alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_147_483_648_u64, "p2s": "AAAA" });

    let five = house.verify(&format!("{}.a.b.c.d", b64(header.to_string()))).await;
    let three = house.verify(&compact(&header, &claims(), &[0; 64])).await;

    assert_eq!(five, Err(Error::NotThreeParts));
    assert_eq!(three, Err(Error::Algorithm));
}
