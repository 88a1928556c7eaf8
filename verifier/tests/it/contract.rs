//! What the server writes is what a service reads.

use hallpass_verifier::{
    Actor, Audience, Claims, Confirmation, NumericDate, Profile, Scope, Status, StatusListRef, UnknownProfile,
};
use proptest::prelude::*;
use serde_json::json;

fn full() -> Claims {
    Claims {
        iss: "https://issuer.example".into(),
        sub: "person_1".into(),
        aud: Audience::one("https://api.example"),
        exp: 1_700_000_300.into(),
        iat: 1_700_000_000.into(),
        nbf: Some(1_700_000_000.into()),
        jti: "t1".into(),
        client_id: "app_1".into(),
        scope: Some("orders:read".parse().unwrap()),
        key_id: Some("0123456789ABCDEF".into()),
        env: Some("live".into()),
        status: Some(Status {
            status_list: StatusListRef { idx: 7, uri: "https://issuer.example/oauth/status/1".into() },
        }),
        auth_time: Some(1_699_999_000.into()),
        sid: Some("s1".into()),
        email: Some("ada@example.org".into()),
        email_verified: Some(true),
        name: Some("Ada".into()),
        preferred_username: Some("ada".into()),
        groups: Some(vec!["staff".into()]),
        roles: Some(vec!["admin".into()]),
        act: Some(Actor { sub: "app_2".into(), client_id: Some("app_2".into()), act: None }),
        cnf: Some(Confirmation { jkt: Some("thumb".into()), x5t_s256: None }),
    }
}

#[test]
fn all_claims_are_written_in_their_order() {
    let claims = full();

    let text = serde_json::to_string(&claims).unwrap();

    assert_eq!(
        text,
        concat!(
            r#"{"iss":"https://issuer.example","sub":"person_1","aud":"https://api.example","exp":1700000300,"iat":1700000000,"#,
            r#""nbf":1700000000,"jti":"t1","client_id":"app_1","scope":"orders:read","key_id":"0123456789ABCDEF","env":"live","#,
            r#""status":{"status_list":{"idx":7,"uri":"https://issuer.example/oauth/status/1"}},"auth_time":1699999000,"sid":"s1","#,
            r#""email":"ada@example.org","email_verified":true,"name":"Ada","preferred_username":"ada","groups":["staff"],"#,
            r#""roles":["admin"],"act":{"sub":"app_2","client_id":"app_2"},"cnf":{"jkt":"thumb"}}"#
        )
    );
    assert_eq!(serde_json::from_str::<Claims>(&text).unwrap(), claims);
}

#[test]
fn absent_claims_are_left_out() {
    let claims = Claims { nbf: None, ..Claims::default() };

    let written = serde_json::to_value(&claims).unwrap();

    assert_eq!(written.as_object().unwrap().keys().count(), 7, "{written}");
}

#[test]
fn an_audience_is_a_string_for_one_and_an_array_for_several() {
    let several: Audience = ["a", "b"].into_iter().collect();
    let one: Audience = vec!["a".to_owned()].into();

    assert_eq!(serde_json::to_value(&one).unwrap(), json!("a"));
    assert_eq!(serde_json::to_value(&several).unwrap(), json!(["a", "b"]));
    assert_eq!(several.iter().collect::<Vec<_>>(), ["a", "b"]);
    assert!(several.has("b") && !several.has("c") && several.len() == 2);
    assert!(Audience::default().is_empty());
    assert_eq!(serde_json::from_value::<Audience>(json!(["a"])).unwrap(), Audience::one("a"));
}

#[test]
fn a_moment_is_a_number_that_stays_whole() {
    let text = |seconds: i64| serde_json::to_string(&NumericDate::from_seconds(seconds)).unwrap();

    assert_eq!((text(0), text(1_700_000_000), text(-5)), ("0".into(), "1700000000".into(), "0".into()));
    assert_eq!(text(i64::MAX), "9007199254740992");
    let half: NumericDate = serde_json::from_str("1.5").unwrap();
    assert_eq!((half.as_seconds(), serde_json::to_string(&half).unwrap()), (1, "1.5".into()));
    assert_eq!(serde_json::from_str::<NumericDate>("1e3").unwrap(), 1000.into());
    assert!(half < NumericDate::from_seconds(2));
    assert_eq!(half.to_string(), "1.5");
}

#[test]
fn a_scope_is_tokens_with_one_space_between() {
    let scope: Scope = "a b:c".parse().unwrap();

    assert_eq!((scope.as_str(), scope.iter().collect::<Vec<_>>()), ("a b:c", vec!["a", "b:c"]));
    assert!("".parse::<Scope>().unwrap().is_empty());
    assert!(" a".parse::<Scope>().is_err());
    assert!(Scope::try_from("a  b".to_owned()).is_err());
}

#[test]
fn a_profile_says_what_a_token_looks_like() {
    let looks = Profile::ALL.map(|profile| (profile.to_string(), profile.alg(), profile.typ()));

    assert_eq!(
        looks,
        [
            ("standard".into(), "ES256", "at+jwt"),
            ("compat".into(), "RS256", "JWT"),
            ("modern".into(), "EdDSA", "at+jwt")
        ]
    );
    for profile in Profile::ALL {
        assert_eq!(profile.as_str().parse(), Ok(profile));
    }
    assert_eq!("Standard".parse::<Profile>(), Err(UnknownProfile));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(seconds in 0..=1_i64 << 53, names in proptest::collection::vec(".*", 0..4), scope in "([!#-\\[\\]-~]+( [!#-\\[\\]-~]+){0,3})?") {
        let claims = Claims {
            exp: seconds.into(),
            aud: names.clone().into(),
            groups: Some(names),
            scope: Some(scope.parse().unwrap()),
            ..full()
        };

        let read: Claims = serde_json::from_slice(&serde_json::to_vec(&claims).unwrap()).unwrap();

        prop_assert_eq!(read, claims);
    }
}
