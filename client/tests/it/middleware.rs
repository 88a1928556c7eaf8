//! The middleware: who is shown the token, and what happens when it is refused.

use std::time::Duration;

use hallpass_client::middleware::Bearer;
use hallpass_client::{BuildError, TokenSource};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

use crate::support::{House, Reply, Service};

const INVALID: &str = r#"Bearer realm="orders", error="invalid_token""#;

fn client(source: &TokenSource, service: &Service) -> ClientWithMiddleware {
    client_with(Bearer::new(source.clone()).origin(&service.url).unwrap())
}

fn client_with(bearer: Bearer) -> ClientWithMiddleware {
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
    ClientBuilder::new(client).with(bearer).build()
}

async fn status(client: &ClientWithMiddleware, url: &str) -> u16 {
    client.get(url).send().await.unwrap().status().as_u16()
}

fn bearer(tokens: &[&str]) -> Vec<Option<String>> {
    tokens.iter().map(|token| Some(format!("Bearer {token}"))).collect()
}

#[tokio::test]
async fn the_token_is_shown_to_the_origins_that_were_named_and_to_nobody_else() {
    let (house, service, other) = (House::open().await, Service::open().await, Service::open().await);
    let client = client(&house.source(), &service);

    for path in ["/", "/orders?x=y"] {
        assert_eq!(status(&client, &format!("{}{path}", service.url)).await, 200);
    }
    assert_eq!(status(&client, &other.url).await, 200);
    assert_eq!(status(&client, &service.url.replace("127.0.0.1", "localhost")).await, 200);

    let mut expected = bearer(&["token-1", "token-1"]);
    expected.push(None);
    assert_eq!((service.shown(), other.shown()), (expected, vec![None]));
    assert_eq!(house.trades(), 1);
}

#[tokio::test]
async fn what_the_caller_shows_itself_is_left_alone() {
    let (house, service) = (House::open().await, Service::open().await);
    let client = client(&house.source(), &service);

    client.get(&service.url).bearer_auth("mine").send().await.unwrap();

    assert_eq!((service.shown(), house.trades()), (bearer(&["mine"]), 0));
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_the_request_repeated_with_its_body() {
    let (house, service) = (House::open().await, Service::open().await);
    let client = client(&house.source(), &service);
    service.refuses(&["token-1"], INVALID);

    let response = client.post(&service.url).body("an order").send().await.unwrap();

    assert_eq!(response.status(), 200);
    assert_eq!(service.shown(), bearer(&["token-1", "token-2"]));
    assert_eq!(service.bodies(), ["an order", "an order"]);
}

#[tokio::test]
async fn a_body_that_is_spent_is_not_sent_again_but_the_next_request_has_a_new_token() {
    let (house, service) = (House::open().await, Service::open().await);
    let source = house.source();
    let client = client(&source, &service);
    service.refuses(&["token-1"], INVALID);
    let stream = || reqwest::Body::wrap(reqwest::Body::from("an order"));

    let first = client.post(&service.url).header("content-length", "8").body(stream()).send().await.unwrap();
    within_a_second(async {
        while source.token().await.unwrap().reveal() == "token-1" {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let second = client.post(&service.url).header("content-length", "8").body(stream()).send().await.unwrap();

    assert_eq!((first.status().as_u16(), second.status().as_u16()), (401, 200));
    assert_eq!(service.shown(), bearer(&["token-1", "token-2"]));
}

#[tokio::test]
async fn a_request_is_repeated_once() {
    let (house, service) = (House::open().await, Service::open().await);
    let client = client(&house.source(), &service);
    service.refuses(&["token-1", "token-2", "token-3"], INVALID);

    assert_eq!(status(&client, &service.url).await, 401);
    assert_eq!(status(&client, &service.url).await, 401);

    assert_eq!(service.shown(), bearer(&["token-1", "token-2", "token-2"]));
    assert_eq!(house.trades(), 2);
}

#[tokio::test]
async fn another_401_is_the_callers_own() {
    let (house, service) = (House::open().await, Service::open().await);
    let client = client(&house.source(), &service);

    for challenge in ["Basic realm=\"x\"", "Bearer", r#"Bearer error="insufficient_scope""#] {
        service.refuses(&["token-1"], challenge);
        assert_eq!(status(&client, &service.url).await, 401);
    }
    assert_eq!((service.shown().len(), house.trades()), (3, 1));
}

#[tokio::test]
async fn when_there_is_no_new_token_the_callers_gets_the_services_answer() {
    let (house, service) = (House::open().await, Service::open().await);
    let client = client(&house.source(), &service);
    assert_eq!(status(&client, &service.url).await, 200);
    service.refuses(&["token-1"], INVALID);
    house.knows(&[]);

    assert_eq!(status(&client, &service.url).await, 401);
    assert_eq!(service.shown(), bearer(&["token-1", "token-1"]));
}

#[tokio::test]
async fn while_the_issuer_is_away_a_401_is_handed_on_at_once() {
    let (house, service) = (House::open().await, Service::open().await);
    let client = client(&house.source(), &service);
    assert_eq!(status(&client, &service.url).await, 200);
    service.refuses(&["token-1"], INVALID);
    house.answers(Reply::status(503));

    // The clock stands still, and with it every pause.
    for _ in 0..3 {
        assert_eq!(within_a_second(status(&client, &service.url)).await, 401);
    }
    assert_eq!(house.trades(), 2);
}

#[tokio::test]
async fn a_401_to_what_can_not_be_sent_again_waits_for_no_token() {
    let (house, service) = (House::open().await, Service::open().await);
    let client = client(&house.source(), &service);
    assert_eq!(status(&client, &service.url).await, 200);
    service.refuses(&["token-1"], INVALID);
    house.answers(Reply::Hangs);

    let body = reqwest::Body::wrap(reqwest::Body::from("an order"));
    let request = client.post(&service.url).header("content-length", "8").body(body).send();

    assert_eq!(within_a_second(request).await.unwrap().status(), 401);
    house.until(|house| house.trades() == 2).await;
}

async fn within_a_second<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(1), future).await.expect("it waits for a token")
}

#[tokio::test]
async fn without_a_token_no_request_goes_out() {
    let (house, service) = (House::open().await, Service::open().await);
    house.answers(Reply::error(400, "invalid_scope"));

    let error = client(&house.source(), &service).get(&service.url).send().await.unwrap_err();

    assert!(error.to_string().contains("invalid_scope"), "{error}");
    assert_eq!(service.shown(), []);
}

#[tokio::test]
async fn a_middleware_may_show_another_target_than_the_source() {
    let (house, service) = (House::open().await, Service::open().await);
    let source = house.source();
    let bearer = Bearer::new(source.clone()).token_for("https://orders.example", &["orders:read"]);
    let client = client_with(bearer.origin(&service.url).unwrap());
    service.refuses(&["token-1"], INVALID);

    assert_eq!(status(&client, &service.url).await, 200);

    let form = |at: usize| house.asked()[at].form.clone();
    assert_eq!((form(0).len(), form(0)), (3, form(1)));
}

#[tokio::test]
async fn an_origin_is_https_or_on_this_machine() {
    let house = House::open().await;
    for origin in ["http://orders.example", "https://orders.example/path", "orders.example", "https://u@orders.example"]
    {
        assert_eq!(Bearer::new(house.source()).origin(origin).err(), Some(BuildError::Origin), "{origin}");
    }
}
