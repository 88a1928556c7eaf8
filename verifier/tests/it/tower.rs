//! The layer for tower: what a caller gets that shows this or that, and what reaches the service behind it.

use axum::body::Body;
use axum::routing::get;
use axum::{Extension, Router};
use hallpass_verifier::tower::{BearerLayer, ScopeLayer};
use hallpass_verifier::{Claims, ScopeRule, Verifier};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::support::{AUDIENCE, House, claims, with, without};

async fn whoami(Extension(caller): Extension<Claims>) -> axum::Json<Claims> {
    axum::Json(caller)
}

fn door(verifier: &Verifier) -> Router {
    let either = ScopeLayer::new(ScopeRule::any_of("orders:admin orders:write"));
    Router::new()
        .route("/either", get(whoami).route_layer(either))
        .route("/", get(whoami).post(whoami))
        .route_layer(BearerLayer::new(verifier.clone()))
        .merge(
            Router::new()
                .route("/orders", get(whoami))
                .route_layer(BearerLayer::new(verifier.clone()).require(ScopeRule::all_of("orders:read orders:write"))),
        )
        .merge(Router::new().route("/lost", get(whoami)).route_layer(either))
}

/// Status, challenge, and the body as JSON.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    challenge: Option<String>,
    body: Value,
}

async fn ask(door: &Router, uri: &str, authorization: &[HeaderValue]) -> Answer {
    let mut request = Request::get(uri).body(Body::empty()).unwrap();
    for value in authorization {
        request.headers_mut().append("authorization", value.clone());
    }
    let answer = door.clone().oneshot(request).await.unwrap();
    let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, challenge) = (answer.status().as_u16(), header("www-authenticate"));
    if status >= 400 {
        assert_eq!(header("cache-control").as_deref(), Some("no-store"));
    }
    let kind = header("content-type");
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(kind.is_some(), !bytes.is_empty());
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status, challenge, body }
}

fn bearer(token: &str) -> [HeaderValue; 1] {
    [HeaderValue::try_from(format!("Bearer {token}")).unwrap()]
}

#[tokio::test]
async fn a_good_token_gets_in_and_its_claims_with_it() {
    let house = House::open();
    let token = house.es256.token(&claims());

    for scheme in ["Bearer", "bearer", "bEaReR"] {
        let header = HeaderValue::try_from(format!("{scheme} {token}")).unwrap();
        let answer = ask(&door(&house.verifier), "/", &[header]).await;
        assert_eq!((answer.status, answer.body), (200, claims()));
    }
}

#[tokio::test]
async fn whoever_shows_nothing_gets_the_bare_challenge() {
    let house = House::open();
    let door = door(&house.verifier);
    let token = house.es256.token(&claims());
    let bare = || Answer { status: 401, challenge: Some("Bearer".into()), body: Value::Null };

    assert_eq!(ask(&door, "/", &[]).await, bare());
    assert_eq!(ask(&door, &format!("/?access_token={token}"), &[]).await, bare());
    for other in ["", "Basic YTpi", "BearerX abc", &token] {
        assert_eq!(ask(&door, "/", &[HeaderValue::try_from(other).unwrap()]).await, bare(), "{other:?}");
    }
}

#[tokio::test]
async fn a_token_shown_in_a_wrong_way_or_in_two_is_an_invalid_request() {
    let house = House::open();
    let door = door(&house.verifier);
    let token = house.es256.token(&claims());
    let [good] = bearer(&token);
    let refused = |answer: &Answer| (answer.status, answer.body["error"].clone()) == (400, "invalid_request".into());

    assert!(refused(&ask(&door, "/", &[good.clone(), good.clone()]).await));
    assert!(refused(&ask(&door, "/", &[good.clone(), HeaderValue::from_static("Basic YTpi")]).await));
    assert!(refused(&ask(&door, "/?a=b&access%5Ftoken=x", &bearer(&token)).await));
    for header in [&b"Bearer"[..], b"Bearer ", b"Bearer a b", b"Bearer \xff", b"\xff"] {
        let answer = ask(&door, "/", &[HeaderValue::from_bytes(header).unwrap()]).await;
        assert!(refused(&answer), "{answer:?}");
    }
    assert_eq!(ask(&door, "/?token=x", &[good]).await.status, 200);
}

#[tokio::test]
async fn a_bad_token_is_told_which_rule_it_broke() {
    let house = House::open();
    let token = house.es256.token(&with("aud", "other"));

    let answer = ask(&door(&house.verifier), "/", &bearer(&token)).await;

    let text = "the token is for another audience";
    assert_eq!(answer.status, 401);
    assert_eq!(answer.challenge.unwrap(), format!(r#"Bearer error="invalid_token", error_description="{text}""#));
    assert_eq!(answer.body, serde_json::json!({ "error": "invalid_token", "error_description": text }));
}

#[tokio::test]
async fn too_little_scope_is_403_and_names_what_would_do() {
    let house = House::open();
    let door = door(&house.verifier);

    for (claims, path, status, scope) in [
        (claims(), "/orders", 200, None),
        (with("scope", "orders:read"), "/orders", 403, Some("orders:read orders:write")),
        (without("scope"), "/orders", 403, Some("orders:read orders:write")),
        (claims(), "/either", 200, None),
        (with("scope", "orders:admin"), "/either", 200, None),
        (with("scope", "orders:read"), "/either", 403, Some("orders:admin")),
        (with("scope", "orders:write_all"), "/either", 403, Some("orders:admin")),
    ] {
        let answer = ask(&door, path, &bearer(&house.es256.token(&claims))).await;
        assert_eq!(answer.status, status, "{path} {claims}");
        if let Some(scope) = scope {
            let challenge = answer.challenge.unwrap();
            assert!(challenge.starts_with(r#"Bearer error="insufficient_scope", "#), "{challenge}");
            assert!(challenge.ends_with(&format!(r#", scope="{scope}""#)), "{challenge}");
        }
    }
}

#[tokio::test]
async fn a_scope_layer_without_a_bearer_layer_lets_nobody_in() {
    let house = House::open();

    let answer = ask(&door(&house.verifier), "/lost", &bearer(&house.es256.token(&claims()))).await;

    assert_eq!((answer.status, answer.challenge), (500, None));
}

#[tokio::test]
async fn no_keys_is_503_with_retry_after_and_without_challenge() {
    let house = House::open();
    let down = Verifier::builder("http://127.0.0.1:1").audience(AUDIENCE).http_get(NoIssuer).build().unwrap();
    let mut request = Request::get("/").body(Body::empty()).unwrap();
    let [header] = bearer(&house.es256.token(&claims()));
    request.headers_mut().insert("authorization", header);

    let answer = door(&down).oneshot(request).await.unwrap();

    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    let seconds: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=36).contains(&seconds));
    assert!(answer.headers().get("www-authenticate").is_none());
}

struct NoIssuer;

impl hallpass_verifier::HttpGet for NoIssuer {
    fn get<'g>(&'g self, _: hallpass_verifier::GetRequest<'g>) -> hallpass_verifier::GetFuture<'g> {
        Box::pin(async { Err(hallpass_verifier::NoAnswer::Unreachable) })
    }
}
