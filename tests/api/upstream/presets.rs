//! Presets: what each kind of provider is asked, and what is read in its answers.

use hallpass::upstream::Preset;
use serde_json::json;

use super::{ASK, Room};

#[tokio::test]
async fn at_okta_groups_are_asked_for_and_found() {
    let room = Room::with(Preset::Okta).await;
    // As an Okta organization answers: the ID token is thin, and the groups come for their scope with userinfo.
    room.provider.edit("metadata", |metadata| {
        for name in ["authorization_response_iss_parameter_supported", "prompt_values_supported"] {
            metadata.as_object_mut().unwrap().remove(name);
        }
        metadata["scopes_supported"] =
            json!(["openid", "email", "profile", "address", "phone", "offline_access", "groups"]);
        metadata["token_endpoint_auth_methods_supported"] =
            json!(["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"]);
    });
    room.provider.edit("claims", |claims| {
        claims["ver"] = json!(1);
        claims["amr"] = json!(["pwd", "mfa"]);
        claims["idp"] = json!("00o1gatsadGgHnyj70h8");
        claims["sub"] = json!("00uid4BxXw6I6TV4m0g3");
    });
    room.provider.state().person = json!({
        "sub": "00uid4BxXw6I6TV4m0g3", "name": "Ada Lovelace", "locale": "en-GB", "email": "ada@acme.example",
        "email_verified": true, "preferred_username": "ada@acme.example", "zoneinfo": "Europe/London",
        "groups": ["Everyone", "Engines"],
    });

    let there = room.begin().await.unwrap();
    let ada = room.login().await.unwrap();

    let scope = there.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
    assert_eq!(scope, "openid profile email groups");
    assert_eq!((ada.issuer.as_str(), ada.subject.as_str()), (room.provider.url.as_str(), "00uid4BxXw6I6TV4m0g3"));
    assert_eq!((ada.email.as_deref(), ada.is_email_verified), (Some("ada@acme.example"), true));
    assert_eq!(ada.preferred_username.as_deref(), Some("ada@acme.example"));
    assert_eq!(
        (ada.groups, ada.amr),
        (vec!["Everyone".to_owned(), "Engines".to_owned()], vec!["pwd".to_owned(), "mfa".to_owned()])
    );
    assert_eq!(room.provider.asked("/token")[0].field("code_verifier").as_deref(), Some(ASK.code_verifier));
}

#[tokio::test]
async fn at_gitlab_a_number_is_the_subject_and_groups_are_paths() {
    let room = Room::with(Preset::GitLab).await;
    // As a GitLab answers: it announces neither prompts nor RFC 9207, and its subject is a number as text.
    room.provider.edit("metadata", |metadata| {
        for name in ["authorization_response_iss_parameter_supported", "prompt_values_supported"] {
            metadata.as_object_mut().unwrap().remove(name);
        }
        metadata["id_token_signing_alg_values_supported"] = json!(["RS256"]);
        metadata["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic", "client_secret_post"]);
    });
    room.provider.state().keys = vec![crate::support::Signer::rs256("gitlab")];
    room.provider.edit("claims", |claims| {
        claims["sub"] = json!("1815");
        claims["sub_legacy"] = json!("c1d08d1e");
        claims["groups_direct"] = json!(["poets"]);
    });
    room.provider.state().person = json!({
        "sub": "1815", "sub_legacy": "c1d08d1e", "name": "Ada Lovelace", "nickname": "ada",
        "preferred_username": "ada", "email": "ada@acme.example", "email_verified": true,
        "profile": "https://gitlab.example/ada", "groups": ["engines", "engines/analytical"],
        "https://gitlab.org/claims/groups/owner": ["engines"],
    });

    let there = room.begin().await.unwrap();
    let ada = room.login().await.unwrap();

    let scope = there.query_pairs().find(|(name, _)| name == "scope").unwrap().1.into_owned();
    assert_eq!(scope, "openid profile email");
    assert_eq!((ada.issuer.as_str(), ada.subject.as_str()), (room.provider.url.as_str(), "1815"));
    assert_eq!((ada.email.as_deref(), ada.is_email_verified), (Some("ada@acme.example"), true));
    assert_eq!((ada.name.as_deref(), ada.preferred_username.as_deref()), (Some("Ada Lovelace"), Some("ada")));
    assert_eq!(ada.groups, ["engines", "engines/analytical"]);
}
