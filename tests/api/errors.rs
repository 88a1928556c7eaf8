//! The error catalogue: every code in any answer has its page.

use hallpass::flow::{AppWish, KeyWish};

use crate::support::{Ask, House, ORDERS, Reply, SHOP, at_each_node};

/// One answer of each kind.
async fn answers(house: &House) -> Vec<Reply> {
    let key = house.furnish().await;
    house
        .change_app(
            SHOP,
            AppWish { redirect_uris: Some(vec!["https://shop.example/cb".to_owned()]), ..AppWish::default() },
        )
        .await;
    house.app("other", &[], &[]).await;
    let other = house.key("other", &[]).await;
    let own_token = house.exchange(&key, &[]).await.token();
    let slow = house.key_as(&KeyWish { rate_limit: Some(1), ..House::wish(SHOP, &[]) }).await;
    let asks = [
        Ask::token(&[]),
        Ask::token(&[]).bearer("nonsense"),
        Ask::form(&[]).bearer(&key.text),
        Ask::form(&[("grant_type", "x")]).bearer(&key.text),
        Ask::exchange(&key, &[("scope", "x")]),
        Ask::exchange(&key, &[("scope", "\"")]),
        Ask::exchange(&key, &[("resource", "x")]),
        Ask::exchange(&key, &[("resource", "https://x.example")]),
        Ask::exchange(&key, &[]).body("%"),
        Ask::exchange(&key, &[]).body("x".repeat(20_000)),
        Ask::exchange(&key, &[]).without("content-type"),
        Ask::exchange(&key, &[]).header("Content-Encoding", "gzip"),
        Ask::exchange(&key, &[]).header("Upgrade", "websocket"),
        Ask::form(&[("grant_type", "authorization_code")]).bearer(&other.text),
        Ask::form(&[("grant_type", "authorization_code")]).bearer(&key.text),
        Ask::form(&[("grant_type", "authorization_code"), ("code", "x")]).bearer(&key.text),
        Ask::form(&[("grant_type", "refresh_token"), ("refresh_token", "x")]).bearer(&key.text),
        Ask::form(&[]).at("/oauth/introspect").bearer(&key.text),
        Ask::form(&[("token", "x")]).at("/oauth/revoke").bearer("x"),
        Ask::get("/oauth/userinfo"),
        Ask::get("/oauth/userinfo").bearer("x"),
        Ask::get("/oauth/userinfo").bearer(&own_token),
        Ask::get("/oauth/token"),
        Ask::get("/nowhere"),
        Ask::new("POST", "/livez"),
    ];
    let mut answers = Vec::new();
    for ask in asks {
        answers.push(house.send(&ask).await);
    }
    for _ in 0..2 {
        answers.push(at_each_node(async || house.exchange(&slow, &[("resource", ORDERS)]).await).await);
    }
    answers
}

#[tokio::test]
async fn every_error_uri_leads_to_the_page_of_its_code() {
    let house = House::open().await;

    let mut codes = std::collections::BTreeSet::new();
    for answer in answers(&house).await.into_iter().filter(|answer| answer.status != 200) {
        let code = answer.error();
        let uri = answer.json()["error_uri"].as_str().unwrap().to_owned();
        let page = house.send(&Ask::get(uri.strip_prefix(house.issuer()).unwrap())).await;

        assert_eq!((page.status, page.header("content-type")), (200, Some("text/plain; charset=utf-8")), "{uri}");
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert!(page.text().starts_with(&format!("# {code}\n")), "{uri}: {}", page.text());
        assert!(page.text().contains(&answer.status.to_string()), "{code} speaks of {}", answer.status);
        codes.insert(code);
    }

    let expected = [
        "insufficient_scope",
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "invalid_scope",
        "invalid_target",
        "invalid_token",
        "method_not_allowed",
        "not_found",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_grant_type",
    ];
    assert_eq!(codes.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn every_page_of_the_catalogue_is_served_as_it_is_written() {
    let house = House::open().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors");
    let mut count = 0;

    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let code = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if code == "index" {
            continue;
        }
        let page = house.send(&Ask::get(&format!("/errors/{code}"))).await;

        assert_eq!(page.body, std::fs::read(&path).unwrap(), "{code}");
        count += 1;
    }

    assert!(count >= 9);
    assert_eq!(house.send(&Ask::get("/errors/server_error")).await.status, 200);
    for nowhere in ["/errors/", "/errors/index", "/errors/none", "/errors/../Cargo.toml", "/errors/invalid_client/"] {
        assert_eq!(house.send(&Ask::get(nowhere)).await.status, 404, "{nowhere}");
    }
}

#[tokio::test]
async fn a_word_of_the_callers_is_not_echoed() {
    let (house, key) = House::with_shop().await;
    let word = "zebra\"<script>";

    for ask in [
        Ask::exchange(&key, &[("scope", word)]),
        Ask::exchange(&key, &[("resource", word)]),
        Ask::form(&[("grant_type", word)]).bearer(&key.text),
        Ask::token(&[("client_id", word)]).bearer(&key.text),
        Ask::token(&[]).bearer(word),
        Ask::get("/zebra"),
        Ask::get("/errors/zebra"),
    ] {
        let reply = house.send(&ask).await;

        assert!(!format!("{reply:?}").contains("zebra"), "{reply:?}");
    }
}
