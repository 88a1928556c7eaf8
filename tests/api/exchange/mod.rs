//! From key to token: what is in it, for whom, how long.

mod target;

use std::time::Duration;

use hallpass::config::Span;
use hallpass::credential::Environment;
use hallpass::flow::ResourceWish;
use hallpass::policy::lifetime::Expiry;
use serde_json::{Value, json};

use crate::support::{Ask, BILLING, House, NOW, ORDER_SCOPES, ORDERS, SHOP, Token, owned};

#[tokio::test]
async fn a_key_may_be_shown_in_four_ways() {
    let (house, key) = House::with_shop().await;

    for (way, ask) in Ask::ways(SHOP, &key.text, &[]) {
        let reply = house.send(&ask).await;
        let claims = house.verify(&reply.token(), ORDERS).await;

        assert_eq!(reply.status, 200, "{way}: {reply:?}");
        assert_eq!(claims.unwrap().client_id, SHOP, "{way}");
    }
}

#[tokio::test]
async fn a_scheme_is_read_in_any_case_and_basic_as_the_rfc_encodes_it() {
    let (house, key) = House::with_shop().await;
    let escaped = key.text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let pair = |client_id: &str, secret: &str| {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(format!("{client_id}:{secret}"))
    };

    for value in [
        format!("bEARER {}", key.text),
        format!("basic {}", pair(SHOP, &key.text)),
        format!("BASIC {}", pair("%73hop", &escaped)),
    ] {
        let reply = house.send(&Ask::token(&[]).header("Authorization", &value)).await;

        assert_eq!(reply.status, 200, "{value}");
    }
}

#[tokio::test]
async fn a_token_says_what_the_contract_says_under_each_profile() {
    let house = House::open().await;
    for (profile, alg, typ) in
        [("standard", "ES256", "at+jwt"), ("compat", "RS256", "JWT"), ("modern", "EdDSA", "at+jwt")]
    {
        let resource = format!("https://{profile}.example");
        let wish = ResourceWish {
            scopes: Some(owned(&["a", "b"])),
            profile: Some(profile.to_owned()),
            ..ResourceWish::default()
        };
        house.flows.create_resource(&resource, &wish).await.unwrap();
        house.app(profile, &["a", "b"], &[&resource]).await;
        let key = house.key(profile, &["a", "b"]).await;

        let reply = house.exchange(&key, &[]).await;
        let token = Token::read(&reply.token());
        let claims = house.verify(&reply.token(), &resource).await.unwrap();

        assert_eq!(token.header_names(), ["alg", "kid", "typ"]);
        assert_eq!((&token.header["alg"], &token.header["typ"]), (&json!(alg), &json!(typ)));
        let expected = json!({
            "iss": house.issuer(), "sub": profile, "aud": resource, "exp": NOW + 300, "iat": NOW - 5, "nbf": NOW - 5,
            "jti": token.claims["jti"], "client_id": profile, "scope": "a b", "key_id": key.id, "env": "live",
        });
        assert_eq!(token.claims, expected);
        assert_eq!(serde_json::to_value(claims).unwrap(), expected);
        let body = reply.json();
        assert_eq!(
            (&body["token_type"], &body["expires_in"], &body["scope"]),
            (&json!("Bearer"), &json!(300), &json!("a b"))
        );
        assert_eq!(body.as_object().unwrap().len(), 4);
    }
}

#[tokio::test]
async fn a_test_key_says_so() {
    let (house, _) = House::with_shop().await;
    let wish = hallpass::flow::KeyWish { environment: Environment::Test, ..House::wish(SHOP, &["orders:read"]) };
    let key = house.key_as(&wish).await;

    let token = Token::read(&house.exchange(&key, &[]).await.token());

    assert!(key.text.starts_with("hp_test_"));
    assert_eq!(token.claims["env"], "test");
}

#[tokio::test]
async fn no_two_tokens_have_the_same_jti() {
    let (house, key) = House::with_shop().await;
    let mut seen = std::collections::HashSet::new();

    for _ in 0..200 {
        let token = Token::read(&house.exchange(&key, &[]).await.token());
        seen.insert(token.claims["jti"].as_str().unwrap().to_owned());
    }

    assert_eq!(seen.len(), 200);
    assert!(seen.iter().all(|jti| jti.len() >= 22), "128 bits are 22 characters");
}

#[tokio::test]
async fn a_token_lives_as_its_resource_says_and_never_past_its_key() {
    let (house, _) = House::with_shop().await;
    let lifetime = Some(Span::from(Duration::from_mins(10)));
    house.change_resource(ORDERS, ResourceWish { token_lifetime: lifetime, ..ResourceWish::default() }).await;
    let wish = hallpass::flow::KeyWish {
        expiry: Expiry::After(Duration::from_mins(15)),
        ..House::wish(SHOP, &["orders:read"])
    };
    let key = house.key_as(&wish).await;

    for (later, expected) in [(0, Some(600)), (300, Some(600)), (240, Some(360)), (359, Some(1)), (1, None)] {
        house.advance(Duration::from_secs(later));
        let reply = house.exchange(&key, &[]).await;

        let Some(expected) = expected else {
            assert_eq!(reply.refusal(), (401, "invalid_client".to_owned()));
            continue;
        };
        let token = Token::read(&reply.token());
        let now = house.clock.now();
        assert_eq!(reply.json()["expires_in"], json!(expected), "{later}");
        assert_eq!(token.number("exp"), now + expected);
        assert_eq!((token.number("iat"), token.number("nbf")), (now - 5, now - 5));
    }
}

#[tokio::test]
async fn a_lifetime_is_a_minute_to_an_hour() {
    let (house, _) = House::with_shop().await;
    for (seconds, is_good) in [(59, false), (60, true), (3600, true), (3601, false)] {
        let lifetime = Some(Span::from(Duration::from_secs(seconds)));
        let wish = ResourceWish { token_lifetime: lifetime, ..ResourceWish::default() };

        let outcome = house.flows.update_resource(ORDERS, &wish).await;

        assert_eq!(outcome.is_ok(), is_good, "{seconds}");
    }
}

#[tokio::test]
async fn a_scope_narrows_the_token_and_never_widens_it() {
    let (house, _) = House::with_shop().await;
    let key = house.key(SHOP, &["orders:read"]).await;
    let both = house.key(SHOP, &ORDER_SCOPES).await;
    let none = house.key(SHOP, &[]).await;
    let expect = |scope: &'static str| Ok::<_, (u16, String)>(scope);
    let lacks = || Err((400, "invalid_scope".to_owned()));

    for (key, asked, expected) in [
        (&both, None, expect("orders:read orders:write")),
        (&both, Some(""), expect("orders:read orders:write")),
        (&both, Some("orders:write"), expect("orders:write")),
        (&both, Some("orders:write orders:read"), expect("orders:write orders:read")),
        (&both, Some("orders:read orders:read"), expect("orders:read")),
        (&key, None, expect("orders:read")),
        (&key, Some("orders:write"), lacks()),
        (&key, Some("orders:read orders:write"), lacks()),
        (&key, Some("orders"), lacks()),
        (&key, Some("ORDERS:READ"), lacks()),
        (&key, Some("orders:read  orders:read"), lacks()),
        (&key, Some(" orders:read"), lacks()),
        (&key, Some("orders:read\""), lacks()),
        (&key, Some("ördérs"), lacks()),
        (&none, None, expect("")),
        (&none, Some("orders:read"), lacks()),
    ] {
        let fields: Vec<(&str, &str)> = asked.iter().map(|asked| ("scope", *asked)).collect();
        let reply = house.exchange(key, &fields).await;

        match expected {
            Ok(scope) => {
                assert_eq!(reply.json()["scope"], scope, "{asked:?}");
                let claim = Token::read(&reply.token()).claims["scope"].clone();
                let expected = if scope.is_empty() { Value::Null } else { scope.into() };
                assert_eq!(claim, expected, "{asked:?}: a token without a scope has no `scope`");
            }
            Err(refusal) => assert_eq!(reply.refusal(), refusal, "{asked:?}"),
        }
    }
}

#[tokio::test]
async fn without_a_wish_the_token_has_the_scopes_that_its_resource_knows() {
    let house = House::open().await;
    let key = house.furnish_two().await;

    for (resource, scope) in [(ORDERS, "orders:read orders:write"), (BILLING, "orders:read billing:read")] {
        let reply = house.exchange(&key, &[("resource", resource)]).await;

        assert_eq!(reply.json()["scope"], scope, "{resource}");
    }
    let unknown_there = house.exchange(&key, &[("resource", BILLING), ("scope", "orders:write")]).await;
    assert_eq!(unknown_there.refusal(), (400, "invalid_scope".to_owned()));
}
