//! The claims that are moments.

use std::time::Duration;

use hallpass_verifier::Error;
use serde_json::json;

use crate::support::{House, NOW, claims, with};

#[tokio::test]
async fn times_are_numbers_from_0_to_2_to_the_53rd() {
    let house = House::open();
    let wrong = [
        json!("9999999999"),
        json!("never"),
        json!(true),
        json!([]),
        json!({}),
        json!([NOW]),
        json!(-1),
        json!(-0.5),
        json!(9_007_199_254_740_993_u64),
        json!(u64::MAX),
        json!(1e300),
        json!(null),
    ];

    for name in ["exp", "iat", "nbf"] {
        for value in &wrong {
            let refused = house.judge(&with(name, value.clone())).await;
            assert_eq!(refused, Err(Error::MalformedClaim(name)), "{name}: {value}");
        }
    }
    #[expect(clippy::cast_precision_loss)]
    let half = NOW as f64 + 0.5;
    assert!(house.judge(&with("exp", half)).await.is_ok());
    assert!(house.judge(&with("iat", half)).await.is_ok());
    assert!(house.judge(&with("nbf", half)).await.is_ok());
    let exponent = claims().to_string().replace(&(NOW + 300).to_string(), "1.7000003e9");
    assert!(house.verify(&house.es256.raw(house.es256.header().to_string(), exponent)).await.is_ok());
    let infinite = claims().to_string().replace(&(NOW + 300).to_string(), "1e999");
    assert!(house.verify(&house.es256.raw(house.es256.header().to_string(), infinite)).await.is_err());
}

#[tokio::test]
async fn a_token_is_dead_30_s_after_exp() {
    let house = House::open();

    for left in [1, 0, -1, -29] {
        assert!(house.judge(&with("exp", NOW + left)).await.is_ok(), "{left}");
    }
    for left in [-30, -31, -300] {
        assert_eq!(house.judge(&with("exp", NOW + left)).await, Err(Error::Expired { maybe_clock: true }), "{left}");
    }
    let mut long_ago = with("exp", NOW - 3600);
    long_ago["iat"] = (NOW - 7200).into();
    assert_eq!(house.judge(&long_ago).await, Err(Error::Expired { maybe_clock: false }));
    assert_eq!(house.judge(&with("exp", 0)).await, Err(Error::Expired { maybe_clock: false }));
}

#[tokio::test]
async fn iat_and_nbf_may_be_30_s_ahead() {
    let house = House::open();

    for name in ["iat", "nbf"] {
        for ahead in [0, 1, 30] {
            assert!(house.judge(&with(name, NOW + ahead)).await.is_ok(), "{name} {ahead}");
        }
        for (ahead, maybe_clock) in [(31, true), (300, true), (3600, false)] {
            let mut claims = with(name, NOW + ahead);
            claims["exp"] = (NOW + 7200).into();
            let refused = match name {
                "iat" => Error::IssuedInFuture { maybe_clock },
                _ => Error::NotYetValid { maybe_clock },
            };
            assert_eq!(house.judge(&claims).await, Err(refused), "{name} {ahead}");
        }
    }
}

#[tokio::test]
async fn a_wrong_clock_is_forgiven_a_little_and_named_when_it_is_more() {
    let house = House::open();
    let mut claims = claims();
    claims["exp"] = (NOW + 20).into();

    for (off, good) in [(-300, false), (-30, true), (0, true), (30, true), (300, false)] {
        house.clock.set(NOW + off);
        let verdict = house.judge(&claims).await;
        assert_eq!(verdict.is_ok(), good, "{off}");
        if let Err(error) = verdict {
            assert!(error.to_string().contains("clock"), "{error}");
        }
    }
}

#[tokio::test]
async fn the_skew_can_be_set_and_is_then_the_same_for_all_three() {
    let house = House::with(|builder| builder.skew(Duration::ZERO));

    assert!(house.judge(&claims()).await.is_ok());
    assert!(house.judge(&with("exp", NOW)).await.is_err());
    assert!(house.judge(&with("iat", NOW + 1)).await.is_err());
    assert!(house.judge(&with("nbf", NOW + 1)).await.is_err());
}

#[tokio::test]
async fn a_token_lives_a_day_at_most() {
    let house = House::open();
    let living = |seconds: i64| with("exp", NOW - 5 + seconds);

    assert!(house.judge(&living(24 * 3600)).await.is_ok());
    assert_eq!(house.judge(&living(24 * 3600 + 1)).await, Err(Error::LivesTooLong));
    assert_eq!(house.judge(&with("exp", 1_i64 << 53)).await, Err(Error::LivesTooLong));
}
