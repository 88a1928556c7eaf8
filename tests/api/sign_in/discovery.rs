//! The discovery documents claim exactly what works: each claim is tried, and what is not claimed is refused.

use std::collections::BTreeSet;

use hallpass::flow::{AppWish, ProviderWish};
use hallpass::policy::admission::Admission;
use serde_json::{Value, json};

use crate::support::{ACME, Ask, Browser, LOOPBACK, NATIVE, PORTAL, Portal, Token, Tokens, owned};

async fn open() -> (Portal, Value) {
    let portal = Portal::open().await;
    let metadata = portal.house.send(&Ask::get("/.well-known/openid-configuration")).await.json();
    (portal, metadata)
}

fn list<'a>(metadata: &'a Value, name: &str) -> Vec<&'a str> {
    let all = metadata[name].as_array().unwrap_or_else(|| panic!("{name} in {metadata}"));
    all.iter().map(|one| one.as_str().unwrap()).collect()
}

#[tokio::test]
async fn every_endpoint_that_is_named_is_there() {
    let (portal, metadata) = open().await;
    let issuer = portal.house.issuer();

    let named =
        metadata.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri");
    let mut count = 0;
    for (name, address) in named {
        let path = address.as_str().unwrap().strip_prefix(issuer).unwrap_or_else(|| panic!("{name} is elsewhere"));
        let reply = portal.house.send(&Ask::new("DELETE", path)).await;

        assert_eq!(reply.status, 405, "{name}: there, and takes other methods");
        count += 1;
    }

    assert_eq!(count, 7);
    for path in ["par", "device_authorization", "register"] {
        assert_eq!(metadata.get(format!("{path}_endpoint")), None);
        assert_eq!(portal.house.send(&Ask::form(&[]).at(&format!("/oauth/{path}"))).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn every_grant_that_is_named_is_known_and_no_other() {
    let (portal, metadata) = open().await;
    let ask = async |grant: &str| {
        let ask = Ask::form(&[("grant_type", grant)]).basic(PORTAL, &portal.key.text);
        portal.house.send(&ask).await
    };

    for grant in list(&metadata, "grant_types_supported") {
        let reply = ask(grant).await;
        assert!(reply.status == 200 || reply.error() == "invalid_request", "{grant}: {reply:?}");
    }
    for grant in [
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:saml2-bearer",
    ] {
        assert_eq!(ask(grant).await.error(), "unsupported_grant_type", "{grant}");
    }
}

#[tokio::test]
async fn every_scope_and_claim_that_is_named_is_told() {
    let (portal, metadata) = open().await;
    let roles = [("engines".to_owned(), owned(&["staff"]))].into();
    let admission = Some(Admission { roles, ..Admission::default() });
    portal.house.flows.update_provider(ACME, &ProviderWish { admission, ..ProviderWish::default() }).await.unwrap();
    portal.provider.edit("claims", |claims| {
        claims["acr"] = json!("gold");
        claims["amr"] = json!(["pwd"]);
    });
    let scopes = list(&metadata, "scopes_supported");

    let code = portal.code(&mut Browser::new(&portal.house), &[("scope", &scopes.join(" "))]).await;
    let reply = portal.redeem(&code, &[]).await;
    let tokens = Tokens::of(&reply);
    let userinfo = portal.userinfo(&tokens.access).await.json();

    let sorted = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(sorted(reply.json()["scope"].as_str().unwrap().split(' ').collect()), sorted(scopes));
    let told: BTreeSet<String> = [&Token::read(&tokens.id).claims, &userinfo]
        .into_iter()
        .flat_map(|claims| claims.as_object().unwrap().keys().cloned())
        .collect();
    assert_eq!(told, sorted(list(&metadata, "claims_supported")));
}

#[tokio::test]
async fn every_mode_prompt_and_method_that_is_named_is_taken() {
    let (portal, metadata) = open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    for mode in list(&metadata, "response_modes_supported") {
        let reply = browser.get(&Portal::request(&[("response_mode", mode)])).await;
        assert!(matches!((mode, reply.status), ("query", 303) | ("form_post", 200)), "{mode}: {reply:?}");
    }
    for prompt in list(&metadata, "prompt_values_supported") {
        let reply = browser.get(&Portal::request(&[("prompt", prompt)])).await;
        assert!(reply.status == 303 && reply.sent("error").is_none(), "{prompt}: {reply:?}");
    }
    for kind in list(&metadata, "response_types_supported") {
        let reply = browser.get(&Portal::request(&[("response_type", kind)])).await;
        assert!(reply.sent("code").is_some(), "{kind}: {reply:?}");
    }
    assert_eq!(list(&metadata, "code_challenge_methods_supported"), ["S256"]);
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    assert_eq!(metadata["claims_parameter_supported"], true);
    for name in ["request_parameter_supported", "request_uri_parameter_supported"] {
        assert_eq!(metadata[name], false, "absent would mean yes for one of them");
    }
}

#[tokio::test]
async fn every_algorithm_that_is_named_signs_id_tokens() {
    let (portal, metadata) = open().await;
    let mut browser = Browser::new(&portal.house);
    let named = list(&metadata, "id_token_signing_alg_values_supported");

    for algorithm in &named {
        let wish = AppWish { id_token_alg: Some((*algorithm).to_owned()), ..AppWish::default() };
        portal.house.change_app(PORTAL, wish).await;
        let tokens = portal.tokens(&mut browser, &[]).await;

        assert_eq!(Token::read(&tokens.id).header["alg"], *algorithm);
    }

    assert!(named.contains(&"RS256"), "OpenID Connect Discovery 3 asks for it");
    for other in ["none", "HS256", "PS256", "ES384"] {
        let wish = AppWish { id_token_alg: Some(other.to_owned()), ..AppWish::default() };
        assert!(portal.house.flows.update_app(PORTAL, &wish).await.is_err(), "{other}");
    }
}

#[tokio::test]
async fn every_way_to_say_who_calls_that_is_named_is_taken() {
    let (portal, metadata) = open().await;
    portal.with_native().await;
    let mut browser = Browser::new(&portal.house);
    let own = [("client_id", NATIVE), ("redirect_uri", LOOPBACK)];
    let by = |method: &str, ask: Ask, fields: &[(&str, &str)]| match method {
        "client_secret_basic" => ask.basic(PORTAL, &portal.key.text),
        "client_secret_post" => {
            let target = ask.clone();
            let fields = [fields, &[("client_id", PORTAL), ("client_secret", &portal.key.text)]].concat();
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
            target.body(body)
        }
        other => panic!("{other}"),
    };

    for endpoint in ["token", "introspection", "revocation"] {
        for method in list(&metadata, &format!("{endpoint}_endpoint_auth_methods_supported")) {
            let (target, fields): (&str, Vec<(&str, &str)>) = match endpoint {
                "token" => ("/oauth/token", vec![("grant_type", "client_credentials")]),
                "introspection" => ("/oauth/introspect", vec![("token", "x")]),
                _ => ("/oauth/revoke", vec![("token", "x")]),
            };
            let reply = if method == "none" && endpoint == "token" {
                let code = portal.code(&mut browser, &own).await;
                portal.house.send(&Portal::redemption(&code, &own)).await
            } else if method == "none" {
                let fields = [&fields[..], &own[..1]].concat();
                portal.house.send(&Ask::form(&fields).at(target)).await
            } else {
                portal.house.send(&by(method, Ask::form(&fields).at(target), &fields)).await
            };

            assert_eq!(reply.status, 200, "{method} at {endpoint}: {reply:?}");
        }
    }
    let unnamed = Ask::form(&[("token", "x"), ("client_id", NATIVE)]).at("/oauth/introspect");
    assert_eq!(portal.house.send(&unnamed).await.status, 401, "introspection needs a credential");
}

#[tokio::test]
async fn every_language_that_is_named_is_spoken() {
    let (portal, metadata) = open().await;

    for tag in list(&metadata, "ui_locales_supported") {
        let mut browser = Browser::new(&portal.house);
        let away = browser.get(&Portal::request(&[("ui_locales", tag)])).await;
        let page = browser.get(away.location()).await;

        assert!(page.text().contains(&format!("lang=\"{tag}\"")), "{tag}: {}", page.text());
    }
}
