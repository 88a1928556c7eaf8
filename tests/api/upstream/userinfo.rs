//! Userinfo: asked only for what is missing, believed only about the same person.

use hallpass::upstream::{Document, UpstreamError};
use serde_json::{Value, json};

use super::Room;
use crate::support::Served;

#[tokio::test]
async fn it_is_asked_only_when_something_is_missing() {
    let mut room = Room::open().await;
    room.provider.state().is_id_token_full = true;
    assert_eq!(room.login().await.unwrap().email.as_deref(), Some("ada@acme.example"));
    assert!(room.provider.asked("/userinfo").is_empty());

    room.description.claims.groups = Some("realm_access.roles".to_owned());
    room.provider.says("userinfo", "realm_access", json!({ "roles": ["admin"] }));
    assert_eq!(room.login().await.unwrap().groups, ["admin"]);
    let asked = room.provider.asked("/userinfo");
    assert_eq!((asked.len(), asked[0].query.as_str()), (1, ""), "the token is in a header, not in an address");
}

#[tokio::test]
async fn a_provider_without_it_tells_less() {
    let room = Room::open().await;
    room.provider.omits("metadata", "userinfo_endpoint");

    let ada = room.login().await.unwrap();

    assert_eq!((ada.subject.as_str(), ada.email, ada.is_email_verified), ("ada-1", None, false));
}

#[tokio::test]
async fn it_is_about_the_same_person_to_the_byte() {
    let room = Room::open().await;

    for other in ["eve-1", "Ada-1", "ada-1 ", ""] {
        room.provider.says("userinfo", "sub", other);
        assert_eq!(room.refusal().await, UpstreamError::OtherSubject, "{other}");
    }
    for odd in [json!(1), Value::Null, json!(["ada-1"])] {
        room.provider.says("userinfo", "sub", odd);
        assert!(matches!(room.refusal().await, UpstreamError::Malformed(Document::UserInfo, _)));
    }
    room.provider.omits("userinfo", "sub");
    assert!(matches!(room.refusal().await, UpstreamError::Malformed(Document::UserInfo, _)));
}

#[tokio::test]
async fn an_answer_that_is_no_userinfo_ends_the_login() {
    let room = Room::open().await;
    let person = room.provider.state().person.to_string();

    for served in [
        Served::status(401),
        Served::status(500),
        Served::redirect("/elsewhere"),
        Served::typed("application/jwt", person.clone()),
        Served::typed("application/json", "eyJhbGciOiJub25lIn0.e30."),
        Served::typed("application/json", person.replace("\"email\"", "\"sub\"")),
        Served::BreaksOff,
    ] {
        room.provider.answers("/userinfo", served);
        assert!(!room.refusal().await.is_slow());
    }
    assert!(room.provider.asked("/elsewhere").is_empty());
    room.provider.answers("/userinfo", Served::typed("application/json; charset=UTF-8", person));
    assert!(room.login().await.is_ok());
}

#[tokio::test]
async fn an_address_is_verified_only_when_the_provider_says_so_of_it() {
    let room = Room::open().await;

    for (word, expected) in [(json!(true), true), (json!("true"), true), (json!(false), false), (json!("no"), false)] {
        room.provider.says("userinfo", "email_verified", word);
        assert_eq!(room.login().await.unwrap().is_email_verified, expected);
    }
    room.provider.omits("userinfo", "email_verified");
    assert!(!room.login().await.unwrap().is_email_verified);
}
