//! `oauth2-mock-server` says what no provider should, and nobody is signed in by that.

use serde_json::{Value, json};

use super::{Guest, assert_stops, is_signed_in, peer, portal, sign_in, visit, wish};
use crate::support::{NOW, ORDERS, Portal};
use hallpass::flow::ProviderWish;
use peer::Peer;

/// A provider that says what it is told to.
async fn mock(portal: &Portal) -> Peer {
    // Its metadata name no way to prove ourselves, and it reads no encoded name.
    let claims = json!({ "name": "John Doe", "email": "john@acme.example", "email_verified": true });
    let peer = Peer::start("mock_server.mjs", json!({ "now": NOW, "claims": claims })).await;
    let wish = ProviderWish { client_id: Some("hallpass".to_owned()), ..wish(&peer) };
    portal.house.flows.create_provider("mock", &wish).await.expect("a provider");
    peer
}

/// Signs in while `change` holds, which must fail so; then once more without, which must not.
async fn assert_refused(changes: &[(&str, Value)], status: u16, code: &str) {
    let portal = portal().await;
    let mut mock = mock(&portal).await;
    for (hook, change) in changes {
        let mut change = change.clone();
        change["hook"] = (*hook).into();
        let mut guest = Guest::new(&portal);

        mock.tell("corrupt", change.clone()).await;
        let there = visit(&mut guest, "mock", &[]).await;
        let refused = guest.browser.get(&there.back).await;
        let is_in = is_signed_in(&mut guest).await;
        mock.tell("corrupt", Value::Null).await;
        let (_, control) = sign_in(&portal, &mut guest, "mock", &[]).await;

        // The last of these lines is the one that fails.
        eprintln!("{change}");
        assert_stops(&refused, status, code);
        assert!(!is_in, "{change}");
        assert_eq!(portal.house.verify(&control.access, ORDERS).await.unwrap().name.as_deref(), Some("John Doe"));
    }
}

#[tokio::test]
async fn a_wrong_id_token_signs_nobody_in() {
    if !peer::are_there() {
        return;
    }
    let set = |name: &str, value: Value| ("beforeTokenSigning", json!({ "set": { name: value } }));
    let omit = |name: &str| ("beforeTokenSigning", json!({ "omit": [name] }));
    let changes = [
        set("iss", json!("https://id.example")),
        set("aud", json!("another")),
        set("aud", json!(["hallpass", "another"])),
        set("azp", json!("another")),
        set("exp", json!(NOW - 60)),
        set("exp", json!("tomorrow")),
        set("iat", json!(NOW - 3600)),
        set("iat", json!(NOW + 3600)),
        set("nbf", json!(NOW + 3600)),
        set("nonce", json!("another")),
        set("sub", json!("")),
        set("sub", json!(7)),
        set("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA")),
        omit("iss"),
        omit("sub"),
        omit("aud"),
        omit("exp"),
        omit("iat"),
        ("beforeTokenSigning", json!({ "header": { "kid": "unknown" } })),
        ("beforeResponse", json!({ "omit": ["id_token"] })),
        ("beforeResponse", json!({ "set": { "id_token": "garbage" } })),
        ("beforeResponse", json!({ "set": { "id_token": "e30.e30.e30" } })),
        // {"alg":"none"} and {}
        ("beforeResponse", json!({ "set": { "id_token": "eyJhbGciOiJub25lIn0.e30." } })),
    ];

    assert_refused(&changes, 502, "provider_error").await;
}

#[tokio::test]
async fn a_wrong_answer_of_the_token_endpoint_signs_nobody_in() {
    if !peer::are_there() {
        return;
    }
    let says = |change: Value| ("beforeResponse", change);
    let changes = [
        says(json!({ "omit": ["token_type"] })),
        says(json!({ "set": { "token_type": "mac" } })),
        says(json!({ "omit": ["access_token"] })),
        says(json!({ "set": { "access_token": "two words" } })),
        says(json!({ "set": { "access_token": 7 } })),
        says(json!({ "status": 201 })),
        says(json!({ "status": 302 })),
        says(json!({ "status": 500 })),
        says(json!({ "status": 503, "body": { "error": "temporarily_unavailable" } })),
        says(json!({ "status": 400, "body": { "error": "invalid_grant" } })),
        says(json!({ "status": 401, "body": { "error": "invalid_client" } })),
        says(json!({ "status": 200, "body": { "error": "invalid_grant" } })),
        says(json!({ "body": [] })),
        says(json!({ "body": "no object" })),
    ];

    assert_refused(&changes, 502, "provider_error").await;
}

#[tokio::test]
async fn wrong_userinfo_signs_nobody_in() {
    if !peer::are_there() {
        return;
    }
    let says = |change: Value| ("beforeUserinfo", change);
    let changes = [
        says(json!({ "set": { "sub": "janedoe" } })),
        says(json!({ "set": { "sub": "JOHNDOE" } })),
        says(json!({ "omit": ["sub"] })),
        says(json!({ "status": 401, "body": { "error": "invalid_token" } })),
        says(json!({ "status": 500 })),
        says(json!({ "body": "no object" })),
    ];

    assert_refused(&changes, 502, "provider_error").await;
}

#[tokio::test]
async fn a_wrong_way_back_signs_nobody_in() {
    if !peer::are_there() {
        return;
    }
    let set = |name: &str, value: &str| ("beforeAuthorizeRedirect", json!({ "set": { name: value } }));
    let says = |error: &str| ("beforeAuthorizeRedirect", json!({ "omit": ["code"], "set": { "error": error } }));

    let states = [set("state", "another"), ("beforeAuthorizeRedirect", json!({ "omit": ["state"] }))];
    assert_refused(&states, 400, "login_state").await;
    let codes = [
        ("beforeAuthorizeRedirect", json!({ "omit": ["code"] })),
        set("code", "made-up"),
        set("error", "access_denied"),
        set("iss", "https://id.example"),
        says("server_error"),
        says("temporarily_unavailable"),
    ];
    assert_refused(&codes, 502, "provider_error").await;
    let refusals = [says("access_denied"), says("login_required"), says("<b>no</b>")];
    assert_refused(&refusals, 403, "provider_refused").await;
}

#[tokio::test]
async fn what_harms_nobody_is_let_through() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let mut mock = mock(&portal).await;
    for change in [
        json!({ "hook": "beforeTokenSigning", "set": { "aud": ["hallpass"] } }),
        json!({ "hook": "beforeTokenSigning", "set": { "aud": ["another", "hallpass"], "azp": "hallpass" } }),
        json!({ "hook": "beforeTokenSigning", "set": { "iat": NOW - 60, "exp": NOW + 60 } }),
        json!({ "hook": "beforeResponse", "set": { "token_type": "bearer", "expires_in": "soon", "scope": 7 } }),
        json!({ "hook": "beforeResponse", "omit": ["refresh_token", "expires_in", "scope"] }),
        json!({ "hook": "beforeUserinfo", "set": { "groups": 7, "picture": {} } }),
        json!({ "hook": "beforeAuthorizeRedirect", "set": { "session_state": "x", "scope": "openid" } }),
    ] {
        let mut guest = Guest::new(&portal);
        mock.tell("corrupt", change.clone()).await;

        let (_, tokens) = sign_in(&portal, &mut guest, "mock", &[]).await;

        let claims = portal.house.verify(&tokens.access, ORDERS).await.unwrap();
        assert_eq!(claims.name.as_deref(), Some("John Doe"), "{change}");
    }
}
