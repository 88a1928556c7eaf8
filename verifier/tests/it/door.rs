//! The extractor for actix-web: what a caller gets that shows this or that.

use actix_http::Request;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, Error as ActixError, HttpResponse, web};
use hallpass_verifier::actix::{Bearer, Challenge, RequiredScope};
use hallpass_verifier::{Error, ScopeRule, Verifier};
use serde_json::Value;

use crate::support::{AUDIENCE, House, claims, with, without};

struct ReadOrders;

impl RequiredScope for ReadOrders {
    const SCOPE: &'static str = "orders:read";
}

struct Ship;

impl RequiredScope for Ship {
    const SCOPE: &'static str = "orders:read orders:write";
    const ANY_OF: &'static str = "shop:eu shop:us";
}

async fn ship(caller: Bearer<Ship>) -> HttpResponse {
    HttpResponse::Ok().body(caller.into_claims().sub)
}

async fn track(caller: Bearer) -> Result<HttpResponse, Challenge> {
    caller.require(ScopeRule::any_of("orders:track orders:read"))?;
    Ok(HttpResponse::Ok().finish())
}

async fn whoami(caller: Bearer) -> HttpResponse {
    HttpResponse::Ok().json(caller.claims())
}

async fn orders(caller: Bearer<ReadOrders>) -> HttpResponse {
    HttpResponse::Ok().body(caller.into_claims().sub)
}

async fn refund(caller: Bearer) -> Result<HttpResponse, Challenge> {
    caller.require_scope("orders:refund")?;
    Ok(HttpResponse::Ok().finish())
}

async fn form(caller: Bearer, form: web::Form<Vec<(String, String)>>) -> HttpResponse {
    HttpResponse::Ok().body(format!("{} {:?}", caller.sub, form.0))
}

async fn body(caller: Bearer, body: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().body(format!("{} {}", caller.sub, body.len()))
}

macro_rules! door {
    ($verifier:expr) => {
        init_service(
            App::new()
                .app_data(web::Data::new($verifier))
                .route("/", web::get().to(whoami))
                .route("/orders", web::get().to(orders))
                .route("/refund", web::get().to(refund))
                .route("/ship", web::get().to(ship))
                .route("/track", web::get().to(track))
                .route("/form", web::post().to(form))
                .route("/body", web::post().to(body)),
        )
        .await
    };
}

/// Status, challenge, and the two words of the body.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    challenge: Option<String>,
    error: Value,
}

async fn ask<S>(door: &S, request: TestRequest) -> Answer
where
    S: Service<Request, Response = ServiceResponse, Error = ActixError>,
{
    let response = call_service(door, request.to_request()).await;
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (status, challenge, cache) = (response.status().as_u16(), header("www-authenticate"), header("cache-control"));
    if status >= 400 {
        assert_eq!(cache.as_deref(), Some("no-store"));
    }
    let body: Value = serde_json::from_slice(&read_body(response).await).unwrap_or_default();
    Answer { status, challenge, error: body["error"].clone() }
}

fn bearer(token: &str) -> TestRequest {
    TestRequest::get().insert_header((AUTHORIZATION, format!("Bearer {token}")))
}

#[actix_web::test]
async fn a_good_token_gets_in_with_the_scheme_in_any_case() {
    let house = House::open();
    let door = door!(house.verifier.clone());
    let token = house.es256.token(&claims());

    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let request = TestRequest::get().insert_header((AUTHORIZATION, format!("{scheme} {token}")));
        let response = call_service(&door, request.to_request()).await;
        assert_eq!(response.status(), StatusCode::OK);
        let shown: Value = serde_json::from_slice(&read_body(response).await).unwrap();
        assert_eq!(shown, claims());
    }
}

#[actix_web::test]
async fn whoever_shows_nothing_gets_the_bare_challenge() {
    let house = House::open();
    let door = door!(house.verifier.clone());
    let token = house.es256.token(&claims());
    let bare = Answer { status: 401, challenge: Some("Bearer".into()), error: Value::Null };

    assert_eq!(ask(&door, TestRequest::get()).await, bare);
    for other in
        ["", "Basic YTpi", "Token abc", "DPoP abc", "BearerX abc", "Bearer\tabc", &token, &format!("Basic {token}")]
    {
        let request = TestRequest::get().insert_header((AUTHORIZATION, other));
        assert_eq!(ask(&door, request).await, bare, "{other:?}");
    }
}

#[actix_web::test]
async fn a_token_in_the_query_or_a_body_is_not_read() {
    let house = House::open();
    let door = door!(house.verifier.clone());
    let token = house.es256.token(&claims());
    let bare = Answer { status: 401, challenge: Some("Bearer".into()), error: Value::Null };

    assert_eq!(ask(&door, TestRequest::get().uri(&format!("/?access_token={token}"))).await, bare);
    assert_eq!(ask(&door, TestRequest::post().uri("/form").set_form([("access_token", &token)])).await, bare);
}

#[actix_web::test]
async fn beside_a_header_it_is_an_invalid_request() {
    let house = House::open();
    let door = door!(house.verifier.clone());
    let token = house.es256.token(&claims());
    let header = (AUTHORIZATION, format!("Bearer {token}"));

    for query in ["access_token=x", "a=b&access_token=", "access%5Ftoken=x", "access_token"] {
        let answer = ask(&door, bearer(&token).uri(&format!("/?{query}"))).await;
        assert_eq!((answer.status, answer.error), (400, "invalid_request".into()), "{query}");
    }
    assert_eq!(ask(&door, bearer(&token).uri("/?token=x&xaccess_token=y")).await.status, 200);
    for path in ["/form", "/body"] {
        let request = TestRequest::post().uri(path).insert_header(header.clone());
        let answer = ask(&door, request.set_form([("a", "b"), ("access_token", "x")])).await;
        assert_eq!((answer.status, answer.error), (400, "invalid_request".into()), "{path}");
        assert!(answer.challenge.unwrap().contains(r#"error="invalid_request""#));
    }
}

#[actix_web::test]
async fn a_form_reaches_its_handler_whole() {
    let house = House::open();
    let door = door!(house.verifier.clone());
    let header = (AUTHORIZATION, format!("Bearer {}", house.es256.token(&claims())));

    let request = TestRequest::post().uri("/form").insert_header(header.clone()).set_form([("a", "b"), ("c", "d")]);
    let small = read_body(call_service(&door, request.to_request()).await).await;
    let long = "x".repeat(100_000);
    let request = TestRequest::post().uri("/body").insert_header(header.clone()).set_form([("a", &long)]);
    let large = read_body(call_service(&door, request.to_request()).await).await;
    let request = TestRequest::post().uri("/body").insert_header(header).set_payload("access_token=x");
    let no_form = read_body(call_service(&door, request.to_request()).await).await;

    assert_eq!(small, r#"app_1 [("a", "b"), ("c", "d")]"#);
    assert_eq!(large, "app_1 100002");
    assert_eq!(no_form, "app_1 14");
}

#[actix_web::test]
async fn two_headers_are_an_invalid_request() {
    let house = House::open();
    let door = door!(house.verifier.clone());
    let token = house.es256.token(&claims());

    for second in [format!("Bearer {token}"), "Bearer x".into(), "Basic YTpi".into(), String::new()] {
        let answer = ask(&door, bearer(&token).append_header((AUTHORIZATION, second))).await;
        assert_eq!((answer.status, answer.error), (400, "invalid_request".into()));
    }
}

#[actix_web::test]
async fn a_header_that_is_not_one_token_is_an_invalid_request() {
    let house = House::open();
    let door = door!(house.verifier.clone());
    let token = house.es256.token(&claims());
    let wrong = [
        "Bearer".to_owned(),
        "bearer ".into(),
        format!("Bearer  {token}"),
        format!("Bearer {token} "),
        format!("Bearer \t{token}"),
        format!("Bearer {token},{token}"),
        format!("Bearer {token}, Basic YTpi"),
        format!("Bearer {token} {token}"),
        "Bearer =".into(),
        "Bearer a=b".into(),
        format!("Bearer \"{token}\""),
        "Bearer a;b".into(),
        "Bearer a%20b".into(),
    ];

    for header in wrong {
        let answer = ask(&door, TestRequest::get().insert_header((AUTHORIZATION, header.as_str()))).await;
        assert_eq!((answer.status, answer.error), (400, "invalid_request".into()), "{header:?}");
    }
    for bytes in [&b"Bearer \xff\xfe"[..], "Bearer tökén".as_bytes(), b"\xff"] {
        let header = HeaderValue::from_bytes(bytes).unwrap();
        let answer = ask(&door, TestRequest::get().insert_header((AUTHORIZATION, header))).await;
        assert_eq!((answer.status, answer.error), (400, "invalid_request".into()));
    }
    assert_eq!(ask(&door, bearer(&token)).await.status, 200, "and the next caller is served");
}

#[actix_web::test]
async fn a_bad_token_is_told_which_rule_it_broke() {
    let house = House::open();
    let door = door!(house.verifier.clone());
    let cases = [
        ("abc".to_owned(), "the token is not three parts with a dot between"),
        (house.es256.token(&with("aud", "other")), "the token is for another audience"),
        (house.es256.token(&without("jti")), "the claim `jti` is missing"),
        (house.es256.token(&with("exp", "soon")), "the claim `exp` is malformed"),
        ("x".repeat(9000), "the token is too long"),
    ];

    for (token, text) in cases {
        let answer = ask(&door, bearer(&token)).await;
        let challenge = format!(r#"Bearer error="invalid_token", error_description="{text}""#);
        assert_eq!(answer, Answer { status: 401, challenge: Some(challenge), error: "invalid_token".into() });
    }
}

#[actix_web::test]
async fn too_little_scope_is_403_and_names_what_is_asked_for() {
    let house = House::open();
    let door = door!(house.verifier.clone());
    let good = house.es256.token(&claims());

    for (claims, path, scope) in [
        (with("scope", "orders:read_all orders"), "/orders", "orders:read"),
        (without("scope"), "/orders", "orders:read"),
        (claims(), "/refund", "orders:refund"),
    ] {
        let answer = ask(&door, bearer(&house.es256.token(&claims)).uri(path)).await;
        assert_eq!((answer.status, answer.error), (403, "insufficient_scope".into()));
        let challenge = answer.challenge.unwrap();
        assert!(challenge.starts_with(r#"Bearer error="insufficient_scope", "#), "{challenge}");
        assert!(challenge.ends_with(&format!(r#", scope="{scope}""#)), "{challenge}");
    }
    assert_eq!(ask(&door, bearer(&good).uri("/orders")).await.status, 200);
}

#[actix_web::test]
async fn several_scopes_are_all_needed_and_of_others_one_is() {
    let house = House::open();
    let door = door!(house.verifier.clone());

    for (scope, path, missing) in [
        ("orders:read orders:write shop:us", "/ship", None),
        ("shop:eu shop:us orders:write orders:read", "/ship", None),
        ("orders:read orders:write", "/ship", Some("orders:read orders:write shop:eu")),
        ("orders:read shop:us", "/ship", Some("orders:read orders:write shop:us")),
        ("orders:read", "/track", None),
        ("orders:track", "/track", None),
        ("orders:write", "/track", Some("orders:track")),
    ] {
        let answer = ask(&door, bearer(&house.es256.token(&with("scope", scope))).uri(path)).await;
        assert_eq!(answer.status, if missing.is_some() { 403 } else { 200 }, "{path} {scope}");
        if let Some(missing) = missing {
            let challenge = answer.challenge.unwrap();
            assert!(challenge.ends_with(&format!(r#", scope="{missing}""#)), "{challenge}");
        }
    }
}

#[actix_web::test]
async fn no_keys_is_503_with_retry_after_and_without_challenge() {
    let house = House::open();
    let down = Verifier::builder("http://127.0.0.1:1").audience(AUDIENCE).build().unwrap();
    let door = door!(down);

    let response = call_service(&door, bearer(&house.es256.token(&claims())).to_request()).await;

    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let seconds: u64 = response.headers().get("retry-after").unwrap().to_str().unwrap().parse().unwrap();
    assert!((1..=36).contains(&seconds));
    assert!(response.headers().get("www-authenticate").is_none());
}

#[actix_web::test]
async fn a_service_without_a_verifier_lets_nobody_in() {
    let door = init_service(App::new().route("/", web::get().to(whoami))).await;

    assert_eq!(ask(&door, bearer("a.b.c")).await.status, 500);
}

#[test]
fn every_text_may_stand_in_a_header() {
    use actix_web::ResponseError as _;
    let retry_after = std::time::Duration::from_millis(1500);
    let challenges = [
        Challenge::NoCredentials,
        Challenge::InvalidRequest("x"),
        Challenge::NotConfigured,
        Challenge::Unavailable { retry_after },
        Challenge::InsufficientScope { scope: "a\"b\r\nX: y".into() },
        Challenge::InvalidToken(Error::Expired { maybe_clock: true }),
        Challenge::InvalidToken(Error::NotJson(hallpass_verifier::Part::Payload)),
        Challenge::InvalidToken(Error::Algorithm),
        Challenge::InvalidToken(Error::KeyId),
        Challenge::InvalidToken(Error::Bound),
    ];

    for challenge in challenges {
        let text = challenge.to_string();
        assert!(text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)), "{text}");
        let answer = challenge.error_response();
        if let Some(header) = answer.headers().get("www-authenticate") {
            assert!(header.to_str().unwrap().starts_with("Bearer"));
        }
    }
    let answer = Challenge::Unavailable { retry_after }.error_response();
    assert_eq!(answer.headers().get("retry-after").unwrap(), "2");
}
