//! Signed out at the provider: what was begun there ends here, on the provider's word and nobody else's.

use std::time::Duration;

use hallpass::flow::ProviderWish;
use hallpass::policy::admission::Admission;
use serde_json::{Value, json};

use super::GLOBEX;
use crate::support::{ACME, Ask, Browser, CLIENT_ID, NOW, Portal, Program, Provider, Reply, Signer, within};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The claims of a good token about Ada.
fn claims(provider: &Provider, jti: &str) -> Value {
    json!({
        "iss": provider.url, "aud": CLIENT_ID, "iat": NOW, "exp": NOW + 120, "jti": jti, "sub": "ada-1",
        "events": { EVENT: {} },
    })
}

fn signed(provider: &Provider, typ: &str, claims: &Value) -> String {
    let state = provider.state();
    let key = state.keys.last().unwrap();
    key.sign(&json!({ "alg": "ES256", "kid": key.jwk["kid"], "typ": typ }), claims)
}

async fn tell(portal: &Portal, name: &str, token: &str) -> Reply {
    portal.house.send(&Ask::form(&[("logout_token", token)]).at(&format!("/login/logout/{name}"))).await
}

fn off() -> ProviderWish {
    ProviderWish { is_disabled: Some(true), ..ProviderWish::default() }
}

fn refused() -> (u16, String) {
    (400, "invalid_request".to_owned())
}

#[tokio::test]
async fn who_signs_out_at_the_provider_is_signed_out_here() {
    let portal = Portal::open().await;
    let (mut one, mut other) = (Browser::new(&portal.house), Browser::new(&portal.house));
    let tokens = portal.tokens(&mut one, &[]).await;
    let offline = portal.tokens(&mut other, &[("scope", "openid offline_access orders:read")]).await;
    let mut bob = portal.browser_of("bob-1").await;

    let token = signed(&portal.provider, "logout+jwt", &claims(&portal.provider, "j-1"));
    let reply = tell(&portal, ACME, &token).await;

    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")), "{reply:?}");
    assert!(!portal.is_signed_in(&mut one).await && !portal.is_signed_in(&mut other).await);
    assert!(portal.is_signed_in(&mut bob).await);
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
    assert!(!portal.is_active(&tokens.access).await);
    assert_eq!(portal.refresh(&offline.refresh, &[]).await.status, 200, "what holds offline_access goes on");
}

#[tokio::test]
async fn a_notice_of_a_stranger_is_no_warning_in_the_log() {
    let portal = Portal::open().await;
    let serve = Program::serve(portal.house.path()).on(&portal.house.database);
    let server = serve.variable("HALLPASS_UPSTREAM_ALLOWED_NETWORKS", "127.0.0.0/8").start().await;

    let notice = Ask::form(&[("logout_token", "nonsense")]).at(&format!("/login/logout/{ACME}"));
    assert_eq!(server.send(&notice).await.refusal(), refused());

    let is_told = || server.output().lines().any(|line| line.contains("\"step\":\"logout\""));
    assert!(within(Duration::from_secs(5), async || is_told()).await, "{}", server.output());
    assert!(!server.output().contains("\"level\":\"WARN\""), "{}", server.output());
}

#[tokio::test]
async fn who_is_just_coming_in_when_the_notice_comes_is_not_signed_in() {
    let portal = Portal::open().await;
    let globex = portal.second(Admission::default()).await;
    portal.provider.says("claims", "sid", "s-1");
    let about = |jti: &str, subject: Option<&str>, sid: Option<&str>| {
        let mut claims = claims(&portal.provider, jti);
        claims.as_object_mut().unwrap().remove("sub");
        for (name, value) in [("sub", subject), ("sid", sid)] {
            if let Some(value) = value {
                claims[name] = value.into();
            }
        }
        signed(&portal.provider, "logout+jwt", &claims)
    };
    let elsewhere = {
        let mut claims = claims(&globex, "j-0");
        claims["sid"] = "s-1".into();
        signed(&globex, "logout+jwt", &claims)
    };
    portal.browser_of("ada-1").await;

    for (name, token, comes_in) in [
        (ACME, about("j-1", Some("ada-1"), None), false),
        (ACME, about("j-2", Some("ada-1"), Some("s-1")), false),
        (ACME, about("j-3", None, Some("s-1")), false),
        (ACME, about("j-4", Some("ada-1"), Some("s-2")), true),
        (ACME, about("j-5", Some("bob-1"), None), true),
        (GLOBEX, elsewhere, true),
    ] {
        let mut browser = Browser::new(&portal.house);
        let back = portal.back(&mut browser).await;
        let held = portal.provider.holds("/userinfo");
        let telling = async {
            held.is_asked().await;
            let told = tell(&portal, name, &token).await;
            held.let_go();
            told
        };

        let (came, told) = tokio::join!(browser.get(back.as_str()), telling);

        assert_eq!(told.status, 200, "{told:?}");
        if comes_in {
            assert_eq!(came.status, 303, "{came:?}");
        } else {
            assert_eq!(came.stop(), (400, "login_state".to_owned()));
        }
        assert_eq!(portal.is_signed_in(&mut browser).await, comes_in);
        let mut afterwards = portal.browser_of("ada-1").await;
        assert!(portal.is_signed_in(&mut afterwards).await, "who comes later comes in");
    }
}

#[tokio::test]
async fn a_session_without_a_name_that_is_just_beginning_may_be_the_one_that_ended() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let back = portal.back(&mut browser).await;
    let held = portal.provider.holds("/token");
    let mut both = claims(&portal.provider, "j-1");
    both["sid"] = "s-1".into();
    let telling = async {
        held.is_asked().await;
        let told = tell(&portal, ACME, &signed(&portal.provider, "JWT", &both)).await;
        held.let_go();
        told
    };

    let (came, told) = tokio::join!(browser.get(back.as_str()), telling);

    assert_eq!((told.status, came.stop()), (200, (400, "login_state".to_owned())));
    assert_eq!(portal.users().await, 0, "nothing is kept of it");
}

#[tokio::test]
async fn a_session_that_is_named_ends_alone() {
    let portal = Portal::open().await;
    let globex = portal.second(Admission::default()).await;
    let mut browsers = Vec::new();
    for sid in ["s-1", "s-2"] {
        portal.provider.says("claims", "sid", sid);
        browsers.push(portal.browser_of("ada-1").await);
    }
    globex.says("claims", "sid", "s-1");
    let mut elsewhere = Browser::new(&portal.house);
    let back = portal.back_from(&mut elsewhere, GLOBEX, &globex).await;
    elsewhere.get(back.as_str()).await;

    let mut by_sid = claims(&portal.provider, "j-1");
    by_sid.as_object_mut().unwrap().remove("sub");
    by_sid["sid"] = "s-1".into();
    let mut of_another = claims(&portal.provider, "j-2");
    of_another["sid"] = "s-9".into();
    let named = tell(&portal, ACME, &signed(&portal.provider, "JWT", &by_sid)).await;
    let unknown = tell(&portal, ACME, &signed(&portal.provider, "JWT", &of_another)).await;

    let [first, second] = browsers.as_mut_slice() else { panic!("two browsers") };
    assert_eq!((named.status, unknown.status), (200, 200), "{named:?} {unknown:?}");
    assert!(!portal.is_signed_in(first).await);
    assert!(portal.is_signed_in(second).await, "the other session of the same person");
    assert!(portal.is_signed_in(&mut elsewhere).await, "another provider's session of the same name");
}

#[tokio::test]
async fn a_person_whose_session_has_no_name_here_is_signed_out_by_their_own() {
    let portal = Portal::open().await;
    let mut nameless = portal.browser_of("ada-1").await;
    portal.provider.says("claims", "sid", "s-2");
    let mut named = portal.browser_of("ada-1").await;
    portal.house.flows.update_provider(ACME, &off()).await.unwrap();

    let mut both = claims(&portal.provider, "j-1");
    both["sid"] = "s-1".into();
    let reply = tell(&portal, ACME, &signed(&portal.provider, "JWT", &both)).await;

    assert_eq!(reply.status, 200, "a provider that is switched off may still say so: {reply:?}");
    assert!(!portal.is_signed_in(&mut nameless).await, "it may be the one");
    assert!(portal.is_signed_in(&mut named).await);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_logout_token_ends_nothing() {
    let portal = Portal::open().await;
    let globex = portal.second(Admission::default()).await;
    let mut browser = portal.browser_of("ada-1").await;
    let good = || claims(&portal.provider, "j-1");
    let with = |name: &str, value: Value| {
        let mut claims = good();
        claims[name] = value;
        claims
    };
    let without = |name: &str| {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        claims
    };
    let signed = |claims: &Value| signed(&portal.provider, "logout+jwt", claims);
    let mut bad: Vec<String> = [
        with("iss", json!(globex.url)),
        with("aud", json!("somebody else")),
        with("aud", json!([CLIENT_ID, "somebody else"])),
        with("nonce", json!("n-1")),
        with("nonce", Value::Null),
        with("events", json!({})),
        with("events", json!({ "http://schemas.openid.net/event/other": {} })),
        with("events", json!({ EVENT: null })),
        with("events", json!([EVENT])),
        with("sub", json!("")),
        with("sub", json!(7)),
        with("sid", json!([])),
        with("exp", json!(NOW - 31)),
        with("iat", json!(NOW + 31)),
        with("iat", json!(NOW - 601)),
        without("iss"),
        without("aud"),
        without("iat"),
        without("exp"),
        without("jti"),
        without("sub"),
        without("events"),
    ]
    .iter()
    .map(signed)
    .collect();
    for typ in ["at+jwt", "id_token", "dpop+jwt", ""] {
        bad.push(self::signed(&portal.provider, typ, &good()));
    }
    let jwk = portal.provider.state().keys[0].jwk.clone();
    bad.push(Signer::es256("k1").sign(&json!({ "alg": "ES256", "kid": jwk["kid"] }), &good()));
    let none = signed(&good());
    let (_, rest) = none.split_once('.').unwrap();
    let payload = rest.split('.').next().unwrap();
    bad.push(format!("eyJhbGciOiJub25lIn0.{payload}."));
    bad.extend(["", "x", "a.b.c", &"x".repeat(12_000)].map(str::to_owned));

    for token in &bad {
        let reply = tell(&portal, ACME, token).await;
        assert_eq!(reply.refusal(), refused(), "{token}");
        assert_eq!(reply.header("cache-control"), Some("no-store"));
    }
    for name in ["nobody", GLOBEX] {
        assert_eq!(tell(&portal, name, &signed(&good())).await.refusal(), refused(), "{name}");
    }
    assert!(portal.is_signed_in(&mut browser).await);
    assert_eq!(tell(&portal, ACME, &signed(&good())).await.status, 200, "and the good one is good");
}

#[tokio::test]
async fn a_logout_token_counts_once() {
    let portal = Portal::open().await;
    portal.browser_of("ada-1").await;
    let token = signed(&portal.provider, "logout+jwt", &claims(&portal.provider, "j-1"));

    let first = tell(&portal, ACME, &token).await;
    let mut again = portal.browser_of("ada-1").await;
    portal.house.advance(Duration::from_mins(2));
    portal.house.flows.sweep_journeys().await.unwrap();
    let replayed = tell(&portal, ACME, &token).await;

    assert_eq!((first.status, replayed.refusal()), (200, refused()));
    assert!(portal.is_signed_in(&mut again).await);
}

#[tokio::test]
async fn a_provider_whose_keys_are_away_is_asked_to_tell_again() {
    let portal = Portal::open().await;
    let token = signed(&portal.provider, "logout+jwt", &claims(&portal.provider, "j-1"));
    portal.provider.answers("/.well-known/openid-configuration", crate::support::Served::status(500));

    let reply = tell(&portal, ACME, &token).await;

    assert_eq!(reply.refusal(), (503, "temporarily_unavailable".to_owned()));
}
