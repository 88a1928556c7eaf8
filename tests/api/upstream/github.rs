//! GitHub: no ID token, and the same identity at the end.

use hallpass::upstream::{Answer, Document, Preset, UpstreamError};
use serde_json::{Value, json};

use super::{ASK, Room};
use crate::support::Served;

#[tokio::test]
async fn a_person_comes_back_by_number_with_the_address_that_is_theirs() {
    let room = Room::with(Preset::GitHub).await;

    let ada = room.login().await.unwrap();

    assert_eq!((ada.issuer.as_str(), ada.subject.as_str()), (room.provider.url.as_str(), "1815"));
    assert_eq!((ada.email.as_deref(), ada.is_email_verified), (Some("ada@acme.example"), true));
    assert_eq!((ada.name.as_deref(), ada.preferred_username.as_deref()), (Some("Ada Lovelace"), Some("ada")));
    assert_eq!((ada.groups.len(), ada.auth_time), (0, None));
    assert!(room.provider.asked("/.well-known/openid-configuration").is_empty());
    let token = &room.provider.asked("/login/oauth/access_token")[0];
    assert_eq!(token.field("code_verifier").as_deref(), Some(ASK.code_verifier));
    let user = &room.provider.asked("/api/v3/user")[0];
    assert_eq!(user.header("accept"), Some("application/vnd.github+json"));
    assert!(user.header("user-agent").is_some_and(|agent| agent.starts_with("hallpass/")));
}

#[tokio::test]
async fn only_the_primary_address_counts_and_only_if_it_is_verified() {
    let room = Room::with(Preset::GitHub).await;
    let one =
        |primary: bool, verified: bool| json!([{ "email": "a@x.example", "primary": primary, "verified": verified }]);

    for (emails, expected) in [
        (one(true, true), (Some("a@x.example".to_owned()), true)),
        (one(true, false), (Some("a@x.example".to_owned()), false)),
        (one(false, true), (None, false)),
        (json!([]), (None, false)),
    ] {
        room.provider.edit("emails", move |document| *document = emails.clone());
        let ada = room.login().await.unwrap();
        assert_eq!((ada.email, ada.is_email_verified), expected);
    }
    for status in [403, 404] {
        room.provider.answers("/api/v3/user/emails", Served::status(status));
        assert_eq!(room.login().await.unwrap().email, None, "without leave to see them there is none");
    }
}

#[tokio::test]
async fn an_error_with_status_200_is_an_error() {
    let mut room = Room::with(Preset::GitHub).await;
    let wrong = room.redeem(&ASK, &Answer { code: "made-up", iss: None }).await;
    assert_eq!(wrong, Err(UpstreamError::Refused("bad_verification_code".to_owned())));

    room.description.client_secret = Some("wrong".to_owned().into());
    assert_eq!(room.refusal().await, UpstreamError::Refused("incorrect_client_credentials".to_owned()));
}

#[tokio::test]
async fn a_person_without_a_number_is_nobody() {
    let room = Room::with(Preset::GitHub).await;

    for id in [Value::Null, json!("1815"), json!(-1), json!(1.5)] {
        room.provider.says("user", "id", id);
        assert!(matches!(room.refusal().await, UpstreamError::Malformed(Document::UserInfo, _)));
    }
    room.provider.behaves();
    for served in
        [Served::status(500), Served::json(&json!({})), Served::json(&json!([{ "email": 1 }])), Served::redirect("/x")]
    {
        room.provider.answers("/api/v3/user/emails", served);
        assert!(!room.refusal().await.is_slow());
    }
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused() {
    let room = Room::with(Preset::GitHub).await;
    let back = room.provider.sign_in(&room.begin().await.unwrap()).await;
    let own = format!("{}/login/oauth", room.provider.url);

    let wrong = room.redeem(&ASK, &Answer { code: &back.code, iss: Some("https://evil.example") }).await;
    assert_eq!(wrong, Err(UpstreamError::MixedUp));
    assert!(room.redeem(&ASK, &Answer { code: &back.code, iss: Some(&own) }).await.is_ok());
}
