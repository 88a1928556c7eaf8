//! Documents for machines: the JWKS, the discovery documents, and keys that come and go.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass::flow::ResourceWish;
use hallpass::limit;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::support::{Ask, House, ORDERS, Reply};

const JWKS: &str = "/.well-known/jwks.json";
const DOCUMENTS: [&str; 3] = [JWKS, "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"];

fn keys(jwks: &Reply) -> Vec<Value> {
    jwks.json()["keys"].as_array().unwrap().clone()
}

async fn with_profile(house: &House, profile: &str) {
    let wish = ResourceWish { profile: Some(profile.to_owned()), ..ResourceWish::default() };
    house.flows.create_resource(&format!("https://{profile}.example"), &wish).await.unwrap();
}

/// RFC 7638 section 3: the required members in lexical order, no white space.
fn thumbprint(jwk: &Value) -> String {
    let members: &[&str] = match jwk["kty"].as_str().unwrap() {
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        _ => &["crv", "kty", "x"],
    };
    let members: Vec<String> = members.iter().map(|name| format!("\"{name}\":{}", jwk[name])).collect();
    URL_SAFE_NO_PAD.encode(digest(&SHA256, format!("{{{}}}", members.join(",")).as_bytes()))
}

#[tokio::test]
async fn only_the_kinds_of_keys_in_use_are_published() {
    let house = House::open().await;
    let kinds = async || {
        let mut kinds: Vec<String> = keys(&house.send(&Ask::get(JWKS)).await)
            .iter()
            .map(|key| key["alg"].as_str().unwrap().to_owned())
            .collect();
        kinds.sort();
        kinds
    };

    assert_eq!(kinds().await, ["ES256"]);
    with_profile(&house, "compat").await;
    assert_eq!(kinds().await, ["ES256", "RS256"]);
    with_profile(&house, "modern").await;
    assert_eq!(kinds().await, ["ES256", "EdDSA", "RS256"]);
}

#[tokio::test]
async fn a_published_key_has_its_use_its_algorithm_its_thumbprint_and_nothing_private() {
    let house = House::open().await;
    with_profile(&house, "compat").await;
    with_profile(&house, "modern").await;

    for key in keys(&house.send(&Ask::get(JWKS)).await) {
        let mut members: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        let expected: &[&str] = match key["kty"].as_str().unwrap() {
            "EC" => &["alg", "crv", "kid", "kty", "use", "x", "y"],
            "RSA" => &["alg", "e", "kid", "kty", "n", "use"],
            _ => &["alg", "crv", "kid", "kty", "use", "x"],
        };

        assert_eq!(members, expected);
        assert_eq!(key["use"], "sig");
        assert_eq!(key["kid"], thumbprint(&key));
    }
}

#[tokio::test]
async fn a_document_may_be_kept_for_as_long_as_keys_are_known_ahead() {
    let house = House::open().await;

    for target in DOCUMENTS {
        let reply = house.send(&Ask::get(target)).await;

        let max_age = format!("public, max-age={}", limit::JWKS_MAX_AGE.as_secs());
        assert_eq!(reply.header("cache-control"), Some(&*max_age), "{target}");
        assert_eq!(reply.header("content-type"), Some("application/json"));
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    }
}

#[tokio::test]
async fn who_has_a_document_already_gets_304() {
    let house = House::open().await;

    for target in DOCUMENTS {
        let first = house.send(&Ask::get(target)).await;
        let etag = first.header("etag").unwrap().to_owned();
        for (tags, is_known) in [
            (etag.clone(), true),
            (format!("W/{etag}"), true),
            (format!("\"other\", {etag}"), true),
            (format!("{etag},\"other\""), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
            (etag.trim_matches('"').to_owned(), false),
            (String::new(), false),
        ] {
            let reply = house.send(&Ask::get(target).header("If-None-Match", &tags)).await;

            assert_eq!(reply.status, if is_known { 304 } else { 200 }, "{target}: {tags}");
            assert_eq!(reply.header("etag"), Some(&*etag));
            assert_eq!(reply.header("cache-control"), first.header("cache-control"));
            assert_eq!(reply.body.is_empty(), is_known);
        }
    }
}

#[tokio::test]
async fn head_says_what_get_says_without_the_body() {
    let house = House::open().await;

    for target in [&DOCUMENTS[..], &["/errors/invalid_client", "/livez", "/version"]].concat() {
        let get = house.send(&Ask::get(target)).await;
        let head = house.send(&Ask::new("HEAD", target)).await;

        let headers = |reply: &Reply| reply.comparable().headers;
        assert_eq!((head.status, headers(&head)), (get.status, headers(&get)), "{target}");
    }
}

#[tokio::test]
async fn a_browser_may_ask_before_it_reads_a_document() {
    let house = House::open().await;

    for target in DOCUMENTS {
        let ask = Ask::new("OPTIONS", target)
            .header("Origin", "https://app.example")
            .header("Access-Control-Request-Method", "GET");
        let reply = house.send(&ask).await;

        assert_eq!(reply.status, 204, "{target}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(reply.header("access-control-allow-methods"), Some("GET, HEAD"));
        assert_eq!(reply.header("access-control-allow-credentials"), None);
    }
}

#[tokio::test]
async fn a_document_takes_no_other_method() {
    let house = House::open().await;

    for target in DOCUMENTS {
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let reply = house.send(&Ask::new(method, target)).await;

            assert_eq!(reply.refusal(), (405, "method_not_allowed".to_owned()), "{method} {target}");
            assert_eq!(reply.header("allow"), Some("GET, HEAD, OPTIONS"));
        }
    }
}

#[tokio::test]
async fn both_discovery_documents_say_what_is_there_and_nothing_else() {
    let house = House::open().await;
    let issuer = house.issuer();

    let oauth = house.send(&Ask::get(DOCUMENTS[1])).await;
    let openid = house.send(&Ask::get(DOCUMENTS[2])).await;

    assert_eq!(oauth.body, openid.body);
    assert_eq!(
        oauth.json(),
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
            "authorization_endpoint": format!("{issuer}/oauth/authorize"),
            "token_endpoint": format!("{issuer}/oauth/token"),
            "userinfo_endpoint": format!("{issuer}/oauth/userinfo"),
            "introspection_endpoint": format!("{issuer}/oauth/introspect"),
            "revocation_endpoint": format!("{issuer}/oauth/revoke"),
            "end_session_endpoint": format!("{issuer}/oauth/logout"),
            "grant_types_supported": ["client_credentials", "authorization_code", "refresh_token"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "form_post"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email", "groups", "roles", "offline_access"],
            "claims_supported": [
                "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid",
                "name", "preferred_username", "email", "email_verified", "groups", "roles",
            ],
            "claim_types_supported": ["normal"],
            "claims_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "ui_locales_supported": ["en", "de"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        })
    );
}

#[tokio::test]
async fn an_issuer_with_a_path_has_its_documents_in_both_places() {
    let house = House::with(|settings| "http://localhost/tenant/one".clone_into(&mut settings.issuer)).await;
    let key = house.furnish().await;

    for target in ["/.well-known/oauth-authorization-server/tenant/one", "/tenant/one/.well-known/openid-configuration"]
    {
        let metadata = house.send(&Ask::get(target)).await.json();

        assert_eq!(metadata["issuer"], "http://localhost/tenant/one", "{target}");
        assert_eq!(metadata["jwks_uri"], "http://localhost/tenant/one/.well-known/jwks.json");
        assert_eq!(metadata["token_endpoint"], "http://localhost/tenant/one/oauth/token");
    }
    let issued = house.send(&Ask::exchange(&key, &[]).at("/tenant/one/oauth/token")).await;
    let jwks = house.send(&Ask::get("/tenant/one/.well-known/jwks.json")).await;
    assert_eq!(house.verify_with(&issued.token(), ORDERS, &jwks).await.unwrap().iss, "http://localhost/tenant/one");
    for target in [JWKS, "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        assert_eq!(house.send(&Ask::get(target)).await.status, 404, "{target}");
    }
    assert_eq!(house.send(&Ask::exchange(&key, &[])).await.status, 404);
}
