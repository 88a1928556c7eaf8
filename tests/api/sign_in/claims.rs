//! What tokens say of a person, to whom, and where each kind of token is good.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass::flow::{AppWish, KeyWish, ProviderWish, ResourceWish};
use hallpass::policy::admission::Admission;
use ring::digest::{Algorithm, SHA256, SHA512, digest};
use serde_json::{Value, json};

use crate::support::{ACME, Ask, BILLING, Browser, House, NOW, ORDERS, PORTAL, Portal, Token, Tokens, owned};

pub(super) const EVERYTHING: &str = "openid profile email groups roles orders:read";

/// The members of `token` that are about the person.
pub(super) fn personal(claims: &Value) -> Vec<&str> {
    let all = ["name", "preferred_username", "email", "email_verified", "groups", "roles"];
    all.into_iter().filter(|name| claims.get(name).is_some()).collect()
}

fn half(algorithm: &'static Algorithm, text: &str) -> String {
    let hash = digest(algorithm, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// A portal whose people have a role, and billing beside the orders.
pub(super) async fn open() -> Portal {
    let portal = Portal::open().await;
    let roles = [("engines".to_owned(), owned(&["staff"]))].into();
    let admission = Some(Admission { roles, ..Admission::default() });
    portal.house.flows.update_provider(ACME, &ProviderWish { admission, ..ProviderWish::default() }).await.unwrap();
    let wish = ResourceWish {
        scopes: Some(owned(&["orders:read"])),
        claims: Some(owned(&["email", "email_verified", "groups", "roles"])),
        ..ResourceWish::default()
    };
    portal.house.flows.create_resource(BILLING, &wish).await.unwrap();
    let resources = Some(owned(&[ORDERS, BILLING]));
    let wish = AppWish { resources, default_resource: Some(Some(ORDERS.to_owned())), ..AppWish::default() };
    portal.house.change_app(PORTAL, wish).await;
    portal
}

#[tokio::test]
async fn a_token_carries_what_its_resource_may_see_and_no_more() {
    let portal = open().await;
    let mut browser = Browser::new(&portal.house);

    let mut said = Vec::new();
    for resources in [vec![ORDERS], vec![BILLING], vec![ORDERS, BILLING]] {
        let mut wish = vec![("scope", EVERYTHING)];
        wish.extend(resources.iter().map(|resource| ("resource", *resource)));
        let tokens = portal.tokens(&mut browser, &wish).await;
        said.push(Token::read(&tokens.access).claims);
    }

    assert_eq!(personal(&said[0]), ["name", "email"]);
    assert_eq!(personal(&said[1]), ["email", "email_verified", "groups", "roles"]);
    assert_eq!(personal(&said[2]), ["email"], "what both may see");
    assert_eq!((&said[1]["groups"], &said[1]["roles"]), (&json!(["engines", "poets"]), &json!(["staff"])));
    assert_eq!(said[2]["aud"], json!([ORDERS, BILLING]));
}

#[tokio::test]
async fn an_access_token_names_the_app_the_person_and_the_sign_in() {
    let portal = open().await;
    let tokens = portal.tokens(&mut Browser::new(&portal.house), &[("scope", EVERYTHING)]).await;

    let (access, id) = (Token::read(&tokens.access), Token::read(&tokens.id));

    assert_eq!(access.header_names(), ["alg", "kid", "typ"]);
    assert_eq!((&access.header["alg"], &access.header["typ"]), (&json!("ES256"), &json!("at+jwt")));
    let mut names: Vec<&String> = access.claims.as_object().unwrap().keys().collect();
    names.sort_unstable();
    let expected = [
        "aud",
        "auth_time",
        "client_id",
        "email",
        "env",
        "exp",
        "iat",
        "iss",
        "jti",
        "key_id",
        "name",
        "nbf",
        "scope",
        "sid",
        "sub",
    ];
    assert_eq!(names, expected);
    assert_eq!((&access.claims["client_id"], &access.claims["aud"]), (&json!(PORTAL), &json!(ORDERS)));
    assert_eq!((&access.claims["sub"], &access.claims["sid"]), (&id.claims["sub"], &id.claims["sid"]));
    assert_eq!(
        (access.number("auth_time"), access.number("iat"), access.number("exp")),
        (NOW - 60, NOW - 5, NOW + 300)
    );
    assert!(access.claims["sub"].as_str().unwrap().starts_with("usr_"));
}

#[tokio::test]
async fn an_id_token_binds_the_answer_together() {
    let portal = open().await;
    let tokens = portal.tokens(&mut Browser::new(&portal.house), &[]).await;

    let id = Token::read(&tokens.id);

    assert_eq!(id.header_names(), ["alg", "kid", "typ"]);
    assert_eq!((&id.header["alg"], &id.header["typ"]), (&json!("RS256"), &json!("JWT")));
    assert_eq!((&id.claims["iss"], &id.claims["aud"]), (&json!(portal.house.issuer()), &json!(PORTAL)));
    assert_eq!((&id.claims["nonce"], id.number("auth_time"), id.number("iat")), (&json!("n-1"), NOW - 60, NOW));
    assert!(id.number("exp") > NOW && id.claims["sid"].is_string());
    assert_eq!(id.claims["at_hash"], half(&SHA256, &tokens.access));
    assert_eq!(personal(&id.claims), ["name", "preferred_username", "email", "email_verified"]);
    assert_eq!((id.claims.get("client_id"), id.claims.get("scope")), (None, None));
}

#[tokio::test]
async fn a_refreshed_id_token_is_of_the_same_sign_in_and_answers_no_request() {
    let portal = open().await;
    let first = portal.tokens(&mut Browser::new(&portal.house), &[]).await;

    portal.house.advance(std::time::Duration::from_mins(10));
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);

    let (first, token) = (Token::read(&first.id), Token::read(&second.id));
    for name in ["iss", "sub", "aud", "auth_time", "sid"] {
        assert_eq!(token.claims[name], first.claims[name], "{name}");
    }
    assert_eq!((token.claims.get("nonce"), token.number("iat")), (None, NOW + 600));
    assert_eq!(token.claims["at_hash"], half(&SHA256, &second.access));
}

#[tokio::test]
async fn an_app_chooses_how_its_id_tokens_are_signed() {
    let portal = open().await;
    let mut browser = Browser::new(&portal.house);

    for (algorithm, hash) in [("ES256", &SHA256), ("EdDSA", &SHA512), ("RS256", &SHA256)] {
        portal
            .house
            .change_app(PORTAL, AppWish { id_token_alg: Some(algorithm.to_owned()), ..AppWish::default() })
            .await;
        let tokens = portal.tokens(&mut browser, &[]).await;
        let jwks = portal.house.send(&Ask::get("/.well-known/jwks.json")).await.json();

        let id = Token::read(&tokens.id);
        assert_eq!(id.header["alg"], algorithm);
        assert_eq!(id.claims["at_hash"], half(hash, &tokens.access), "{algorithm}");
        let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == id.header["kid"]).unwrap().clone();
        assert!(hallpass_verifier::verify_jws(&tokens.id, &key.to_string(), algorithm.parse().unwrap()).is_ok());
        assert_eq!(Token::read(&tokens.access).header["alg"], "ES256", "the access token is the resource's affair");
    }
}

#[tokio::test]
async fn a_persons_own_key_says_who_they_are_as_of_their_last_sign_in() {
    let portal = open().await;
    portal.house.change_app(PORTAL, AppWish { allows_personal_keys: Some(true), ..AppWish::default() }).await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let sub = Token::read(&tokens.id).claims["sub"].as_str().unwrap().to_owned();
    let wish = KeyWish { owner_id: Some(sub.clone()), ..House::wish(PORTAL, &["orders:read"]) };
    let key = portal.house.key_as(&wish).await;

    let before = portal.house.exchange(&key, &[]).await.token();
    portal.person(json!({ "sub": "ada-1", "name": "Ada King" }));
    portal.tokens(&mut browser, &[("prompt", "login")]).await;
    let after = portal.house.exchange(&key, &[]).await.token();

    let (before, after) = (Token::read(&before).claims, Token::read(&after).claims);
    assert_eq!((&before["sub"], &before["client_id"]), (&json!(sub), &json!(PORTAL)));
    assert_eq!((&before["name"], &before["email"]), (&json!("Ada Lovelace"), &json!("ada@acme.example")));
    assert_eq!((&after["name"], after.get("email")), (&json!("Ada King"), None));
    assert_eq!((before.get("sid"), before.get("auth_time")), (None, None), "a key is no sign-in");
}

#[tokio::test]
async fn a_token_shows_the_person_as_they_are_when_it_is_made() {
    let portal = open().await;
    let mut browser = Browser::new(&portal.house);
    let first = portal.tokens(&mut browser, &[("scope", EVERYTHING)]).await;

    portal.person(json!({ "sub": "ada-1", "name": "Ada King", "groups": ["poets"] }));
    portal.tokens(&mut browser, &[("prompt", "login")]).await;
    let second = Tokens::of(&portal.refresh(&first.refresh, &[]).await);

    assert_eq!(Token::read(&second.access).claims["name"], "Ada King");
    assert_eq!(portal.userinfo(&first.access).await.json().get("roles"), None, "userinfo is about now");
}
