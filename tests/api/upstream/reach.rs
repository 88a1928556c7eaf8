//! Addresses that may not be asked, however somebody leads us there.

use hallpass::clock::Clock;
use hallpass::upstream::{Answer, BadCertificate, Preset, Settings, Upstream, UpstreamError};

use super::{ASK, Room, description, upstream};
use crate::support::{NOW, Provider};

#[tokio::test]
async fn what_is_not_public_is_not_asked_unless_it_is_allowed() {
    let clock = Clock::held(NOW);
    let provider = Provider::open(&clock).await;
    let port = provider.url.rsplit(':').next().unwrap();
    let elsewhere = upstream(&clock, &["10.0.0.0/8"]);

    for issuer in [
        provider.url.clone(),
        format!("http://localhost:{port}"),
        format!("http://acme.localhost:{port}"),
        format!("http://127.1:{port}"),
        format!("http://0x7f000001:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        format!("http://[::1]:{port}"),
        "https://169.254.169.254".to_owned(),
        "https://192.168.0.1".to_owned(),
        "https://[fd00::1]".to_owned(),
        "https://0.0.0.0".to_owned(),
    ] {
        let outcome = elsewhere.authorize_url(&description(Preset::OpenId, &issuer), &ASK).await;
        let is_refused =
            matches!(outcome, Err(UpstreamError::Forbidden | UpstreamError::Unreachable | UpstreamError::Setup(_)));
        assert!(is_refused, "{issuer}: {outcome:?}");
    }
    let localhost = format!("http://localhost:{port}");
    let outcome = elsewhere.authorize_url(&description(Preset::OpenId, &localhost), &ASK).await;
    assert_eq!(outcome, Err(UpstreamError::Forbidden), "the name is resolved, and its address refused");
    assert!(provider.state().asked_at_all().is_empty());
}

#[tokio::test]
async fn a_name_is_judged_by_what_it_stands_for() {
    let mut room = Room::open().await;
    let port = room.provider.url.rsplit(':').next().unwrap().to_owned();
    let issuer = format!("http://localhost:{port}");
    room.provider.says("metadata", "issuer", issuer.clone());
    room.description.issuer = issuer;

    assert!(room.begin().await.is_ok(), "127.0.0.0/8 is allowed");
}

#[tokio::test]
async fn documents_lead_nowhere_that_is_not_allowed() {
    let room = Room::open().await;

    for name in ["token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        for inside in ["https://169.254.169.254/x", "https://10.0.0.1/x", "http://[::1]:1/x", "https://0x0a000001/x"] {
            room.provider.says("metadata", name, inside);
            assert_eq!(room.begin().await, Err(UpstreamError::Forbidden), "{name}: {inside}");
            room.advance(3);
        }
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_refused_when_it_is_asked() {
    let clock = Clock::held(NOW);
    let provider = Provider::open(&clock).await;
    let [_, _, port] = provider.url.split(':').collect::<Vec<_>>()[..] else { panic!("no port") };
    // A provider whose own address is allowed, and whose documents name this machine in another way.
    let room = upstream(&clock, &["127.0.0.1/32"]);
    let description = description(Preset::OpenId, &provider.url);
    for (name, path) in [("token_endpoint", "token"), ("jwks_uri", "jwks")] {
        provider.says("metadata", name, format!("http://[::1]:{port}/{path}"));
        assert_eq!(room.authorize_url(&description, &ASK).await, Err(UpstreamError::Forbidden));
        clock.advance(std::time::Duration::from_secs(3));
    }
    provider.behaves();
    let back = provider.sign_in(&room.authorize_url(&description, &ASK).await.unwrap()).await;
    let answer = Answer { code: &back.code, iss: back.iss.as_deref() };
    assert!(room.redeem(&description, &ASK, &answer, NOW).await.is_ok());
}

#[tokio::test]
async fn a_name_in_a_document_is_judged_by_the_addresses_that_it_stands_for() {
    let clock = Clock::held(NOW);
    // Whose own address is allowed, and whose documents lead to a neighbour by a name.
    let provider = Provider::open_at(&clock, "127.0.0.2").await;
    let inside = Provider::open(&clock).await;
    let port = inside.url.rsplit(':').next().unwrap();
    let description = description(Preset::OpenId, &provider.url);

    for (member, path) in [("token_endpoint", "token"), ("jwks_uri", "jwks"), ("userinfo_endpoint", "userinfo")] {
        provider.says("metadata", member, format!("http://localhost:{port}/{path}"));
        let room = upstream(&clock, &["10.0.0.0/8", "127.0.0.2/32"]);
        let there = room.authorize_url(&description, &ASK).await.unwrap();
        let back = provider.sign_in(&there).await;
        let answer = Answer { code: &back.code, iss: back.iss.as_deref() };
        let outcome = room.redeem(&description, &ASK, &answer, NOW).await;

        assert_eq!(outcome, Err(UpstreamError::Forbidden), "{member}");
        assert!(inside.state().asked_at_all().is_empty(), "{member}");
    }
    provider.says("metadata", "userinfo_endpoint", format!("http://localhost:{port}/userinfo"));
    let room = upstream(&clock, &["127.0.0.0/8"]);
    let back = provider.sign_in(&room.authorize_url(&description, &ASK).await.unwrap()).await;
    let answer = Answer { code: &back.code, iss: back.iss.as_deref() };
    let _ = room.redeem(&description, &ASK, &answer, NOW).await;
    assert_eq!(inside.asked("/userinfo").len(), 1, "where it is allowed, the same name is asked");
}

#[tokio::test]
async fn what_is_not_there_is_unreachable() {
    let room = upstream(&Clock::held(NOW), &["127.0.0.0/8"]);

    for issuer in ["https://does-not-exist.invalid", "http://127.0.0.1:1"] {
        let outcome = room.authorize_url(&description(Preset::OpenId, issuer), &ASK).await;
        assert_eq!(outcome, Err(UpstreamError::Unreachable), "{issuer}");
    }
}

#[tokio::test]
async fn a_root_certificate_that_is_none_is_told_at_the_start() {
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let settings = Settings { root_certificates: vec![pem.as_bytes().to_vec()], ..Settings::default() };
        assert_eq!(Upstream::new(&settings, Clock::held(NOW)).err(), Some(BadCertificate), "{pem}");
    }
}
