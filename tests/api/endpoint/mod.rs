//! The token endpoint, to the letter.

mod credential;
mod form;

use serde_json::{Value, json};

use crate::support::{Ask, House, ORDERS, Reply, SHOP, send};

const INVALID_REQUEST: &str = "invalid_request";

/// Every refusal is JSON of ours, with an id, and nothing keeps it.
fn assert_is_our_json(reply: &Reply, issuer: &str) {
    let body = reply.json();
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["error", "error_description", "error_uri"], "{reply:?}");
    let error = body["error"].as_str().unwrap();
    assert_eq!(body["error_uri"], format!("{issuer}/errors/{error}"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert!(reply.header("x-request-id").is_some_and(|id| id.len() >= 16), "{reply:?}");
}

#[tokio::test]
async fn a_good_answer_is_not_kept_by_anyone() {
    let (house, key) = House::with_shop().await;

    let reply = house.exchange(&key, &[]).await;

    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("pragma"), Some("no-cache"));
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn only_post_has_an_effect() {
    let (house, key) = House::with_shop().await;

    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        let mut ask = Ask::exchange(&key, &[]);
        ask.method = method.to_owned();
        // nginx takes no `TRACE` itself, and says so in its own words.
        let address = if method == "TRACE" { house.node } else { house.address };
        let reply = send(address, &ask).await;

        assert_eq!((reply.status, reply.header("allow")), (405, Some("POST")), "{method}");
        if method != "HEAD" {
            assert_is_our_json(&reply, house.issuer());
        }
    }
    house.flush_uses().await;
    assert!(house.flows.find_key(&key.id).await.unwrap().1.is_none(), "none of them counted as a use");
}

#[tokio::test]
async fn nothing_is_taken_from_the_query() {
    let (house, key) = House::with_shop().await;

    let grant = house.send(&Ask::form(&[]).bearer(&key.text).at("/oauth/token?grant_type=client_credentials")).await;
    let secret = format!("/oauth/token?client_id={SHOP}&client_secret={}&api_key={}", key.text, key.text);
    let credential = house.send(&Ask::token(&[]).at(&secret)).await;
    let twice = house.send(&Ask::exchange(&key, &[]).at("/oauth/token?grant_type=x&scope=nothing")).await;

    assert_eq!(grant.refusal(), (400, INVALID_REQUEST.to_owned()));
    assert_eq!(credential.refusal(), (401, "invalid_client".to_owned()));
    assert_eq!((twice.status, &twice.json()["scope"]), (200, &json!("orders:read orders:write")));
}

#[tokio::test]
async fn documents_and_tokens_go_by_the_configuration_whatever_host_says() {
    let (house, key) = House::with_shop().await;
    let spoofed = |ask: Ask| {
        ask.header("Host", "evil.test")
            .header("X-Forwarded-Host", "evil.test")
            .header("X-Forwarded-Proto", "https")
            .header("X-Forwarded-Prefix", "/evil")
            .header("Forwarded", "host=evil.test;proto=https")
    };

    let token = house.send(&spoofed(Ask::exchange(&key, &[]))).await;
    let refused = house.send(&spoofed(Ask::token(&[]))).await;
    let metadata = house.send(&spoofed(Ask::get("/.well-known/oauth-authorization-server"))).await;
    let plain = house.send(&Ask::get("/.well-known/oauth-authorization-server")).await;

    assert!(house.verify(&token.token(), ORDERS).await.is_ok());
    assert!(!refused.text().contains("evil") && !metadata.text().contains("evil"));
    assert_eq!(metadata.body, plain.body);
    assert_eq!(metadata.json()["issuer"], Value::from(house.issuer()));
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_a_strangers_own_is_not_taken_over() {
    let (house, key) = House::with_shop().await;
    let mut ids = std::collections::HashSet::new();

    for ask in [
        Ask::exchange(&key, &[]),
        Ask::token(&[]),
        Ask::get("/oauth/token"),
        Ask::get("/nowhere"),
        Ask::get("/livez"),
        Ask::get("/.well-known/jwks.json"),
        Ask::get("/.well-known/openid-configuration"),
        Ask::new("OPTIONS", "/.well-known/jwks.json"),
        Ask::new("HEAD", "/.well-known/jwks.json"),
        Ask::get("/errors/invalid_client"),
        Ask::get("/version"),
        Ask::get("/%2e"),
    ] {
        let reply = house.send(&ask.clone().header("X-Request-Id", "chosen-by-a-stranger")).await;
        let id = reply.header("x-request-id").unwrap_or_else(|| panic!("{ask:?}: {reply:?}")).to_owned();

        assert_ne!(id, "chosen-by-a-stranger");
        assert!(ids.insert(id), "{ask:?}");
    }
}

#[tokio::test]
async fn a_trusted_proxys_request_id_is_taken_over_if_it_looks_like_one() {
    let house = House::with(|settings| settings.server.trusted_proxies = vec!["127.0.0.1".to_owned()]).await;

    for (id, is_taken) in
        [("0af7651916cd43dd-8448", true), ("a b", false), ("<script>", false), (&*"x".repeat(65), false)]
    {
        let reply = send(house.node, &Ask::get("/livez").header("X-Request-Id", id)).await;

        assert_eq!(reply.header("x-request-id") == Some(id), is_taken, "{id}");
    }
}

#[tokio::test]
async fn a_person_who_opens_an_address_that_takes_nobody_gets_a_page_and_a_program_json() {
    let house = House::open().await;
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";

    for (target, status, allow) in [("/nowhere", 404, None), ("/account/keys/rotate", 405, Some("POST"))] {
        let page = house.send(&Ask::get(target).header("Accept", html)).await;
        let sent = house.send(&Ask::new("DELETE", target).header("Accept", html)).await;
        let json = house.send(&Ask::get(target).header("Accept", "application/json")).await;

        assert_eq!((page.status, page.header("allow")), (status, allow), "{target}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{target}");
        for reply in [sent, json] {
            assert_eq!((reply.status, reply.header("allow")), (status, allow), "{target}");
            assert_is_our_json(&reply, house.issuer());
        }
    }
}

#[tokio::test]
async fn a_person_who_opens_the_issuer_is_sent_to_their_account() {
    let below = House::with(|settings| "http://localhost/tenant/one".clone_into(&mut settings.issuer)).await;

    for (house, targets) in [(House::open().await, &["/"][..]), (below, &["/tenant/one", "/tenant/one/"])] {
        let account = format!("{}/account", house.issuer());

        for target in targets {
            let person = house.send(&Ask::get(target).header("Accept", "text/html")).await;
            let programs = [Ask::get(target), Ask::new("POST", target), Ask::new("HEAD", target)];

            assert_eq!((person.status, person.header("location")), (303, Some(&*account)), "{target}");
            assert_eq!(person.header("cache-control"), Some("no-store"), "{target}");
            for program in programs {
                assert_eq!(house.send(&program).await.status, 404, "{program:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_nowhere_is_404_as_our_json() {
    let house = House::open().await;

    for target in
        ["/", "/oauth", "/oauth/par", "/oauth/token/x", "/.well-known", "/.well-known/none", "/errors/none", "/metrics"]
    {
        let reply = house.send(&Ask::get(target)).await;

        assert_eq!(reply.refusal(), (404, "not_found".to_owned()), "{target}");
        assert_is_our_json(&reply, house.issuer());
    }
}
