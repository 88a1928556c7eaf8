//! One credential, and what becomes of a bad one.

use std::time::{Duration, Instant};

use hallpass::limit;

use super::{INVALID_REQUEST, assert_is_our_json};
use crate::support::{Ask, House, Key, SHOP, send};

#[tokio::test]
async fn only_one_credential_at_a_time() {
    let (house, key) = House::with_shop().await;
    let secret = &*key.text;

    let twice = [
        Ask::token(&[]).basic(SHOP, secret).bearer(secret),
        Ask::token(&[]).bearer(secret).api_key(secret),
        Ask::token(&[]).bearer(secret).bearer(secret),
        Ask::token(&[]).api_key(secret).api_key(secret),
        Ask::token(&[("client_secret", secret)]).basic(SHOP, secret),
        Ask::token(&[("client_secret", secret)]).bearer(secret),
        Ask::token(&[("client_secret", secret)]).api_key(secret),
        Ask::token(&[("client_secret", secret)]).bearer("nonsense"),
        Ask::token(&[("client_secret", "nonsense")]).bearer(secret),
        Ask::token(&[]).bearer(secret).header("Authorization", "Negotiate x"),
        Ask::token(&[("client_assertion", "x")]).basic(SHOP, secret),
        Ask::token(&[("client_assertion", "x")]).bearer(secret),
    ];

    for ask in twice {
        // nginx answers two lines of `Authorization` by itself.
        let reply = send(house.node, &ask).await;
        assert_eq!(reply.refusal(), (400, INVALID_REQUEST.to_owned()), "{ask:?}");
    }
}

#[tokio::test]
async fn a_client_id_beside_a_key_must_be_that_keys_app() {
    let (house, key) = House::with_shop().await;
    house.app("other", &[], &[]).await;

    for client_id in ["other", "nobody", "Shop", "shop "] {
        for ask in [
            Ask::token(&[]).basic(client_id, &key.text),
            Ask::token(&[("client_id", client_id), ("client_secret", &key.text)]),
            Ask::token(&[("client_id", client_id)]).bearer(&key.text),
            Ask::token(&[("client_id", client_id)]).api_key(&key.text),
            Ask::token(&[("client_id", client_id)]).basic(SHOP, &key.text),
        ] {
            let reply = house.send(&ask).await;

            assert_eq!(reply.refusal(), (401, "invalid_client".to_owned()), "{ask:?}");
        }
    }
    let same = Ask::token(&[("client_id", SHOP)]).basic(SHOP, &key.text);
    assert_eq!(house.send(&same).await.status, 200);
}

/// A key whose checksum fits, of nobody.
fn stranger() -> String {
    let prefix = "hp".parse().unwrap();
    hallpass::credential::ApiKey::mint(hallpass::credential::Environment::Live).reveal(&prefix)
}

/// The same id with another secret, and a checksum that fits.
fn with_another_secret(key: &Key) -> String {
    let other = stranger();
    let covered = format!("hp_live_{}_{}", key.id, &other[25..57]);
    format!("{covered}{}", checksum(&covered))
}

/// CRC-32 in base62, as the contract has it.
fn checksum(covered: &str) -> String {
    const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = crc32fast::hash(covered.as_bytes());
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[usize::try_from(rest % 62).unwrap()];
        rest /= 62;
    }
    String::from_utf8(digits.to_vec()).unwrap()
}

#[tokio::test]
async fn malformed_unknown_wrong_expired_disabled_and_revoked_keys_look_the_same() {
    let (house, good) = House::with_shop().await;
    let brief = hallpass::flow::KeyWish {
        expiry: hallpass::policy::lifetime::Expiry::After(Duration::from_secs(1)),
        ..House::wish(SHOP, &[])
    };
    let expired = house.key_as(&brief).await;
    house.advance(Duration::from_secs(1));
    let (disabled, revoked) = (house.key(SHOP, &[]).await, house.key(SHOP, &[]).await);
    house.flows.disable_key(&disabled.id, true).await.unwrap();
    house.revoke(&revoked).await;
    house.app("closed", &[], &[]).await;
    let of_closed = house.key("closed", &[]).await;
    let off = hallpass::flow::AppWish { is_disabled: Some(true), ..Default::default() };
    house.change_app("closed", off).await;
    let mut typo = good.text.clone();
    typo.replace_range(30..31, if &typo[30..31] == "a" { "b" } else { "a" });
    let bad: Vec<(&str, String)> = vec![
        ("unknown", stranger()),
        ("wrong secret", with_another_secret(&good)),
        ("expired", expired.text),
        ("disabled", disabled.text),
        ("revoked", revoked.text),
        ("of a disabled app", of_closed.text),
        ("one character changed", typo),
        ("wrong checksum", format!("{}000000", &good.text[..57])),
        ("live made test", good.text.replace("_live_", "_test_")),
        ("live made test with its checksum", {
            let covered = good.text[..57].replace("_live_", "_test_");
            format!("{covered}{}", checksum(&covered))
        }),
        ("another prefix", good.text.replace("hp_", "sk_")),
        ("truncated", good.text[..60].to_owned()),
        ("longer", format!("{}x", good.text)),
        ("white space behind", format!("{} ", good.text)),
        ("white space before", format!(" {}", good.text)),
        ("a look-alike letter", good.text.replacen('h', "һ", 1)),
        ("no key at all", "nonsense".to_owned()),
        ("two keys", format!("{},{}", good.text, good.text)),
        ("long", "x".repeat(3000)),
    ];

    for at in 0..4 {
        let way = Ask::ways("shop", "x", &[])[at].0;
        let mut replies = Vec::new();
        for (name, secret) in &bad {
            // A header can't hold white space at its ends: there it is the good key.
            if name.starts_with("white space") && way == "x-api-key" || *name == "white space behind" && way == "bearer"
            {
                continue;
            }
            let client_id = if *name == "of a disabled app" { "closed" } else { SHOP };
            replies.push((name, house.send(&Ask::ways(client_id, secret, &[])[at].1).await));
        }

        let first = replies[0].1.comparable();
        assert_eq!(first.refusal(), (401, "invalid_client".to_owned()));
        for (name, reply) in &replies {
            assert_eq!(reply.comparable(), first, "{name}, shown as {way}");
            assert_is_our_json(reply, house.issuer());
        }
        let challenge = if way == "bearer" { "Bearer realm=\"hallpass\"" } else { "Basic realm=\"hallpass\"" };
        assert_eq!(first.header("www-authenticate"), Some(challenge), "{way}");
    }
}

#[tokio::test]
async fn without_a_credential_it_is_401_with_a_basic_challenge() {
    let (house, key) = House::with_shop().await;

    for ask in [
        Ask::token(&[]),
        Ask::token(&[("client_id", SHOP)]),
        Ask::token(&[("client_secret", "")]),
        Ask::token(&[]).header("Cookie", format!("api_key={}", key.text)),
        Ask::token(&[("api_key", &key.text), ("key", &key.text), ("access_token", &key.text)]),
        Ask::token(&[]).header("Authorization", format!("Token {}", key.text)),
        Ask::token(&[]).header("Authorization", &key.text),
        Ask::token(&[]).header("Authorization", "Digest username=\"x\""),
        Ask::token(&[("client_assertion", "x"), ("client_assertion_type", "x")]),
    ] {
        let reply = house.send(&ask).await;

        assert_eq!(reply.refusal(), (401, "invalid_client".to_owned()), "{ask:?}");
        assert_eq!(reply.header("www-authenticate"), Some("Basic realm=\"hallpass\""));
        assert_is_our_json(&reply, house.issuer());
    }
}

#[tokio::test]
async fn a_scheme_without_its_credential_is_refused() {
    let (house, key) = House::with_shop().await;
    let pair = |text: &str| {
        use base64::Engine;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
    };

    for value in [
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer  {}", key.text),
        format!("Bearer\t{}", key.text),
        format!("Bearer {},{}", key.text, key.text),
        format!("Bearer{}", key.text),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic !!!".to_owned(),
        format!("Basic {}", key.text),
        pair(&key.text),
        pair(&format!(":{}", key.text)),
        pair(&format!("{SHOP}:")),
        pair(&format!("{SHOP}:%{}", key.text)),
    ] {
        let reply = house.send(&Ask::token(&[]).header("Authorization", &value)).await;

        assert_eq!(reply.refusal(), (401, "invalid_client".to_owned()), "{value}");
    }
}

#[tokio::test]
async fn a_refused_credential_is_answered_no_sooner_than_the_slowest_look_up() {
    let (house, good) = House::with_shop().await;
    let revoked = house.key(SHOP, &[]).await;
    house.revoke(&revoked).await;

    for secret in [stranger(), with_another_secret(&good), revoked.text, "nonsense".to_owned()] {
        for (way, ask) in Ask::ways(SHOP, &secret, &[]) {
            let began = Instant::now();
            let reply = house.send(&ask).await;

            assert_eq!(reply.status, 401);
            assert!(began.elapsed() >= limit::REFUSAL_BEAT, "{way}: {:?}", began.elapsed());
        }
    }
}
