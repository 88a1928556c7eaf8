//! A provider in trouble, or a liar: a page that says so, in time, and a house that goes on.

use std::time::{Duration, Instant};

use hallpass::flow::ProviderWish;
use hallpass::policy::admission::Admission;
use serde_json::{Value, json};

use crate::support::{ACME, Ask, Browser, Portal, Reply, Served, Signer};

const METADATA: &str = "/.well-known/openid-configuration";

fn wrong() -> (u16, String) {
    (502, "provider_error".to_owned())
}

/// A login while the provider answers so at `path`; how it ends, and how often `/token` was asked.
async fn login_while(path: &str, served: Served) -> (Reply, Duration, usize) {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.provider.answers(path, served);
    let began = Instant::now();
    let leaves = portal.choose(&mut browser, ACME).await;
    let reply = if leaves.status == 303 {
        let back = portal.provider.visit(&leaves.location().parse().unwrap()).await;
        browser.get(back.as_str()).await
    } else {
        leaves
    };
    let took = began.elapsed();
    assert!(!portal.is_signed_in(&mut browser).await);
    assert_eq!(portal.users().await, 0);
    portal.provider.behaves();
    portal.house.advance(Duration::from_secs(31));
    assert_eq!(portal.come_in(&mut browser).await.status, 303, "and once it behaves, people come in: {path}");
    (reply, took, portal.provider.asked("/token").len() - 1)
}

#[tokio::test]
async fn who_waits_for_a_provider_that_hangs_is_told_in_time() {
    let (metadata, keys, tokens, userinfo, drip) = tokio::join!(
        login_while(METADATA, Served::Hangs),
        login_while("/jwks", Served::Hangs),
        login_while("/token", Served::Hangs),
        login_while("/userinfo", Served::Hangs),
        login_while("/token", Served::Drips),
    );

    for ((reply, took, asked), most) in [(metadata, 0), (keys, 1), (tokens, 1), (userinfo, 1), (drip, 1)] {
        assert_eq!(reply.stop(), (504, "provider_slow".to_owned()));
        assert!(took < Duration::from_secs(14), "{took:?}");
        assert_eq!(asked, most, "no code is shown twice");
    }
}

#[tokio::test]
async fn a_document_without_end_is_read_to_the_limit_and_no_further() {
    let (metadata, keys, tokens, userinfo) = tokio::join!(
        login_while(METADATA, Served::Floods),
        login_while("/jwks", Served::Floods),
        login_while("/token", Served::Floods),
        login_while("/userinfo", Served::Floods),
    );

    for (reply, took, _) in [metadata, keys, tokens, userinfo] {
        assert_eq!(reply.stop(), wrong());
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
}

#[tokio::test]
async fn fifty_megabytes_are_refused_at_their_announcement() {
    let body = vec![b' '; 50_000_000];
    let reply = login_while("/token", Served::typed("application/json", body)).await.0;

    assert_eq!(reply.stop(), wrong());
}

#[tokio::test]
async fn a_redirect_is_not_followed_wherever_it_leads() {
    let portal = Portal::open().await;
    let other = portal.second(Admission::default()).await;
    let mut browser = Browser::new(&portal.house);

    for target in ["http://169.254.169.254/latest/meta-data/", "http://[::1]/", &other.url] {
        for path in [METADATA, "/jwks", "/token", "/userinfo"] {
            let reply = login_while(path, Served::redirect(&format!("{target}{path}"))).await.0;
            assert_eq!(reply.stop(), wrong(), "{path} → {target}");
        }
    }

    assert!(other.state().asked_at_all().is_empty());
    assert_eq!(portal.come_in(&mut browser).await.status, 303);
}

#[tokio::test]
async fn an_endpoint_at_an_address_out_of_reach_is_never_asked() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);

    for (name, address) in [
        ("token_endpoint", "http://169.254.169.254/token"),
        ("token_endpoint", "https://169.254.169.254/token"),
        ("jwks_uri", "https://[fe80::1]/jwks"),
        ("jwks_uri", "https://10.0.0.1/jwks"),
        ("userinfo_endpoint", "https://192.168.0.1/userinfo"),
        ("userinfo_endpoint", "https://[::ffff:169.254.169.254]/userinfo"),
        ("token_endpoint", "file:///etc/passwd"),
    ] {
        portal.provider.says("metadata", name, address);
        portal.house.advance(Duration::from_hours(2));
        let began = Instant::now();
        let leaves = portal.choose(&mut browser, ACME).await;
        let reply = if leaves.status == 303 {
            let back = portal.provider.visit(&leaves.location().parse().unwrap()).await;
            browser.get(back.as_str()).await
        } else {
            leaves
        };

        assert_eq!(reply.stop(), wrong(), "{name} {address}");
        assert!(began.elapsed() < Duration::from_secs(4), "nobody waited for an answer from there");
    }
}

#[tokio::test]
async fn a_provider_that_lies_about_who_it_is_is_not_believed() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let alias = format!("{}/", portal.provider.url);

    for issuer in ["https://accounts.google.com", &*alias] {
        portal.provider.says("claims", "iss", issuer);
        let of_token = portal.come_in(&mut browser).await;
        portal.provider.behaves();
        portal.provider.says("metadata", "issuer", issuer);
        portal.house.advance(Duration::from_hours(2));
        let of_metadata = portal.choose(&mut browser, ACME).await;
        portal.provider.behaves();
        portal.house.advance(Duration::from_hours(2));

        assert_eq!((of_token.stop(), of_metadata.stop()), (wrong(), wrong()), "{issuer}");
    }
    portal.provider.says("userinfo", "sub", "somebody-else");

    assert_eq!(portal.come_in(&mut browser).await.stop(), wrong());
    assert_eq!(portal.users().await, 0);
}

#[tokio::test]
async fn keys_that_rotate_while_a_person_is_away_are_found_and_old_ones_forgotten() {
    let portal = Portal::open().await;
    // Each node fetches a provider's keys for itself: this is about one of them.
    let mut browser = Browser::at(portal.house.node, portal.house.issuer());
    portal.come_in(&mut browser).await;
    let back = portal.back(&mut browser).await;
    portal.house.advance(Duration::from_secs(31));

    portal.provider.state().keys = vec![Signer::es256("k2")];
    let rotated = browser.get(back.as_str()).await;
    portal.provider.state().keys.push(Signer::es256("k3"));
    let at_once = portal.come_in(&mut browser).await;
    portal.house.advance(Duration::from_secs(31));
    let later = portal.come_in(&mut browser).await;

    assert_eq!(rotated.status, 303, "{rotated:?}");
    assert_eq!(at_once.stop(), wrong(), "the keys were fetched a moment ago");
    assert_eq!(later.status, 303);
    assert_eq!(portal.provider.asked("/jwks").len(), 3);
}

#[tokio::test]
async fn an_answer_that_is_none_is_a_page_and_the_code_is_shown_once() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let bad = [
        Served::BreaksOff,
        Served::status(500),
        Served::status(204),
        Served::error(200, "invalid_grant"),
        Served::error(400, "invalid_grant"),
        Served::error(401, "invalid_client"),
        Served::typed("application/json", "{"),
        Served::typed("text/html", "<html>"),
        Served::Full(200, vec!["Content-Encoding: gzip".to_owned()], vec![0x1f, 0x8b, 8, 0]),
    ];

    for (at, served) in bad.into_iter().enumerate() {
        let before = portal.provider.asked("/token").len();
        portal.provider.answers("/token", served);
        let reply = portal.come_in(&mut browser).await;
        assert_eq!(reply.stop(), wrong(), "{at}");
        assert_eq!(portal.provider.asked("/token").len(), before + 1, "{at}");
    }
    portal.provider.mends("/token");
    let edits: [fn(&mut Value); 7] = [
        |tokens| tokens["token_type"] = json!("mac"),
        |tokens| tokens["token_type"] = Value::Null,
        |tokens| tokens["access_token"] = Value::Null,
        |tokens| tokens["access_token"] = json!(["a"]),
        |tokens| tokens["id_token"] = json!(""),
        |tokens| tokens["id_token"] = json!("a.b.c"),
        |tokens| *tokens = json!([1]),
    ];
    for (at, edit) in edits.into_iter().enumerate() {
        portal.provider.edit("tokens", edit);
        assert_eq!(portal.come_in(&mut browser).await.stop(), wrong(), "{at}");
    }
    assert_eq!(portal.users().await, 0);
}

#[tokio::test]
async fn nonsense_that_does_not_matter_keeps_nobody_out() {
    let portal = Portal::open().await;

    for expires_in in [json!("x"), json!(-1), json!(1e18), Value::Null] {
        portal.provider.edit("tokens", move |tokens| {
            tokens["expires_in"] = expires_in.clone();
            tokens["more"] = json!({ "deep": [1] });
        });
        assert_eq!(portal.come_in(&mut Browser::new(&portal.house)).await.status, 303);
    }
}

#[tokio::test]
async fn a_house_opens_while_its_providers_are_down_and_says_so_when_somebody_signs_in() {
    let portal = Portal::open().await;
    let Portal { house, provider, .. } = portal;
    drop(provider);
    let nowhere = ProviderWish { issuer: Some("http://127.0.0.1:9".to_owned()), ..ProviderWish::default() };
    house.flows.update_provider(ACME, &nowhere).await.unwrap();

    let house = house.restart().await;
    let mut browser = Browser::new(&house);
    let ready = house.send(&Ask::get("/readyz")).await;
    let page = browser.get("/login").await;
    let leaves = browser.submit(&page, "/login", &[("provider", ACME)]).await;

    assert_eq!((ready.status, page.status), (200, 200));
    assert_eq!(leaves.stop(), wrong());
}
