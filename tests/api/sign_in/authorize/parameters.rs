//! What a request may say, and how it may be sent.

use super::{ask, assert_asks, assert_goes_back, assert_stops, query};
use crate::support::{Ask, Browser, CALLBACK, CHALLENGE, PORTAL, Portal, owned};

#[tokio::test]
async fn what_is_wrong_with_a_request_goes_back_to_the_app() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    for (parameters, error) in [
        ("&scope=openid", "invalid_request"),
        ("&nonce=n-1", "invalid_request"),
        ("&unknown=1&unknown=2", "invalid_request"),
        ("&prompt=login&prompt=login", "invalid_request"),
        ("&prompt=", ""),
        ("&prompt=create", "invalid_request"),
        ("&prompt=LOGIN", "invalid_request"),
        ("&prompt=none+login", "invalid_request"),
        ("&prompt=login+none", "invalid_request"),
        ("&max_age=-1", "invalid_request"),
        ("&max_age=abc", "invalid_request"),
        ("&max_age=1.5", "invalid_request"),
        ("&max_age=1e3", "invalid_request"),
        ("&max_age=%2B1", "invalid_request"),
        ("&max_age=+1", "invalid_request"),
        ("&max_age=0x10", "invalid_request"),
        ("&max_age=%D9%A1", "invalid_request"),
        ("&max_age=9223372036854775808", "invalid_request"),
        ("&max_age=99999999999999999999999999", "invalid_request"),
        ("&max_age=9223372036854775807", ""),
        ("&max_age=", ""),
        ("&response_mode=fragment", "invalid_request"),
        ("&response_mode=query.jwt", "invalid_request"),
        ("&claims=x", "invalid_request"),
        ("&claims=%5B%5D", "invalid_request"),
        ("&claims=%7B%22id_token%22%3A1%7D", "invalid_request"),
        ("&id_token_hint=x", "invalid_request"),
        ("&registration=x", "registration_not_supported"),
        ("&resource=https://nowhere.example", "invalid_target"),
    ] {
        let reply = ask(&mut browser, &query(parameters)).await;

        if error.is_empty() {
            assert!(reply.sent("code").is_some(), "{parameters}: {reply:?}");
        } else {
            assert_goes_back(&portal, &reply, error, parameters);
        }
    }
}

#[tokio::test]
async fn what_would_wait_as_a_burden_is_too_long() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let (long, longer) = ("x".repeat(4096), "x".repeat(4097));

    for name in ["state", "nonce", "login_hint", "ui_locales", "acr_values"] {
        let good = browser.get(&Portal::request(&[(name, &long)])).await;
        let bad = browser.get(&Portal::request(&[(name, &longer)])).await;

        assert!(good.location().contains("/login?request="), "{name}: {good:?}");
        assert_eq!(bad.sent("error").as_deref(), Some("invalid_request"), "{name}");
    }
    let hint = browser.get(&Portal::request(&[("id_token_hint", &longer)])).await;
    assert!(hint.sent("error_description").unwrap().contains("id_token_hint"), "it is not kept: {hint:?}");
    let unknown = browser.get(&Portal::request(&[("client_id", &long)])).await;
    assert_stops(&unknown, "unknown_app", "a name that no app has");
}

#[tokio::test]
async fn what_we_do_not_know_is_ignored() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    // RFC 6749, section 3.1.
    for parameters in ["&foo=bar", "&foo=", "&foo", "&code=x&access_token=y&error=z", "&STATE=s-2&Scope=orders:write"] {
        let reply = ask(&mut browser, &query(parameters)).await;

        let code = reply.sent("code").unwrap_or_else(|| panic!("{parameters}: {reply:?}"));
        assert_eq!(reply.sent("state").as_deref(), Some("s-1"), "{parameters}");
        assert_eq!(portal.redeem(&code, &[]).await.json()["scope"], "openid profile email orders:read", "{parameters}");
    }
}

#[tokio::test]
async fn a_repeated_state_or_mode_goes_back_as_well() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);

    for parameters in ["&state=s-2", "&response_mode=query&response_mode=form_post"] {
        let reply = ask(&mut browser, &query(parameters)).await;
        assert_goes_back(&portal, &reply, "invalid_request", parameters);
    }
}

#[tokio::test]
async fn only_a_code_is_ever_given_in_the_front_channel() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    for wish in
        ["", "token", "id_token", "id_token token", "code token", "token code", "code code", "CODE", "none", "x"]
    {
        let reply = browser.get(&Portal::request(&[("response_type", wish)])).await;
        assert_goes_back(&portal, &reply, "unsupported_response_type", wish);
    }
}

#[tokio::test]
async fn a_challenge_is_43_base64url_characters_of_s256() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;
    let long = format!("{CHALLENGE}A");

    for (challenge, method) in [
        ("", ""),
        ("", "S256"),
        (CHALLENGE, ""),
        (CHALLENGE, "plain"),
        (CHALLENGE, "s256"),
        (CHALLENGE, "S512"),
        (&CHALLENGE[1..], "S256"),
        (&long, "S256"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM", "S256"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstwcM=", "S256"),
        ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw cM", "S256"),
        ("äE9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstwc", "S256"),
    ] {
        let asked = Portal::request(&[("code_challenge", challenge), ("code_challenge_method", method)]);
        let reply = browser.get(&asked).await;
        assert_goes_back(&portal, &reply, "invalid_request", &format!("{challenge} {method}"));
    }
}

#[tokio::test]
async fn request_objects_are_not_read_and_nothing_is_fetched_for_them() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let unsigned = "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwudGVzdCJ9.";
    let there = format!("{}/request.jwt", portal.provider.url);

    for request in [unsigned, "x", "{}"] {
        let reply = browser.get(&Portal::request(&[("request", request)])).await;
        assert_goes_back(&portal, &reply, "request_not_supported", request);
    }
    for uri in [&*there, "http://169.254.169.254/latest", "file:///etc/passwd", "urn:ietf:params:oauth:request_uri:x"] {
        let reply = browser.get(&Portal::request(&[("request_uri", uri)])).await;
        assert_goes_back(&portal, &reply, "request_uri_not_supported", uri);
    }
    assert!(portal.provider.asked("/request.jwt").is_empty());
}

#[tokio::test]
async fn a_form_works_as_the_query_does_and_goes_on_by_303() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;
    let body = query("&resource=https%3A%2F%2Forders.example");

    let form = Ask::form_text(&body).at("/oauth/authorize").header("Origin", "https://portal.example");
    let sent = portal.house.send(&form).await;
    let answer = browser.get(sent.location()).await;

    assert_eq!(sent.status, 303);
    assert!(sent.location().starts_with(&format!("{}/oauth/authorize?", portal.house.issuer())), "{sent:?}");
    let code = answer.sent("code").unwrap_or_else(|| panic!("signed in, and allowed: {answer:?}"));
    assert_eq!(portal.redeem(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn a_form_from_another_site_leaves_the_browser_its_cookies() {
    let portal = Portal::open().await;

    // Another site's form shows no cookies; what comes back must not overwrite those that wait in the browser.
    for body in [query(""), query("&prompt=x"), "client_id=nobody".to_owned()] {
        let sent = portal.house.send(&Ask::form_text(&body).at("/oauth/authorize")).await;

        assert_eq!(sent.header("set-cookie"), None, "{body}: {sent:?}");
    }
}

#[tokio::test]
async fn a_form_that_is_sent_on_arrives_or_is_told_to_be_too_long() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    // Plain in a form, three times as long in an address.
    let form = |length: usize| {
        let body = ["login_hint", "x", "y"].map(|name| format!("&{name}={}", "{".repeat(length))).concat();
        Ask::form_text(&query(&body)).at("/oauth/authorize")
    };

    let sent = portal.house.send(&form(1_700)).await;
    let arrived = browser.get(sent.location()).await;
    let long = portal.house.send(&form(1_800)).await;
    let longer = portal.house.send(&form(4_096)).await;

    assert_eq!((sent.status, arrived.status), (303, 303), "{arrived:?}");
    assert_asks(&portal, &arrived, "login");
    for reply in [long, longer] {
        assert_goes_back(&portal, &reply, "invalid_request", "too long");
    }
}

#[tokio::test]
async fn a_parameter_stands_in_the_query_or_in_the_body() {
    let portal = Portal::open().await;
    let form = |target: &str, body: &str| Ask::form_text(body).at(target);

    let split = portal.house.send(&form("/oauth/authorize?ui_locales=de", &query(""))).await;
    assert_eq!(split.status, 303);
    assert!(split.location().contains("/oauth/authorize?ui_locales=de&client_id=portal&"), "{split:?}");
    let both = portal.house.send(&form("/oauth/authorize?nonce=n-1", &query(""))).await;
    assert_goes_back(&portal, &both, "invalid_request", "the nonce in both");
    let both = portal.house.send(&form("/oauth/authorize?state=s-1", &query(""))).await;
    assert_goes_back(&portal, &both, "invalid_request", "the state in both");
    let both = portal.house.send(&form(&format!("/oauth/authorize?redirect_uri={CALLBACK}"), &query(""))).await;
    assert_stops(&both, "unregistered_redirect", "the redirect URI in both");
    let both = portal.house.send(&form(&format!("/oauth/authorize?client_id={PORTAL}"), &query(""))).await;
    assert_stops(&both, "unknown_app", "the app in both");
}

#[tokio::test]
async fn other_methods_are_405_and_no_other_origin_may_read_along() {
    let portal = Portal::open().await;
    let target = Portal::request(&[]);

    for method in ["HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let ask = Ask::new(method, &target).header("Origin", "https://portal.example");
        let reply = portal.house.send(&ask.header("Access-Control-Request-Method", "GET")).await;

        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, POST")), "{method}");
        assert!(!reply.headers.iter().any(|(name, _)| name.starts_with("access-control")), "{method}: {reply:?}");
        assert_eq!(reply.header("set-cookie"), None, "{method}");
    }
    let plain = portal.house.send(&Ask::get(&target).header("Origin", "https://portal.example")).await;
    assert!(!plain.headers.iter().any(|(name, _)| name.starts_with("access-control")), "{plain:?}");
}

#[tokio::test]
async fn a_form_that_can_not_be_read_is_a_page() {
    let portal = Portal::open().await;

    for (ask, status) in [
        (Ask::form_text(&query("")).at("/oauth/authorize").without("content-type"), 415),
        (Ask::form_text("%").at("/oauth/authorize"), 400),
        (Ask::form_text("client_id=%ff").at("/oauth/authorize"), 400),
        (Ask::form_text("client_id=a%00b").at("/oauth/authorize"), 400),
        (Ask::form_text(&"x".repeat(20_000)).at("/oauth/authorize"), 413),
        (Ask::get("/oauth/authorize?%"), 400),
        (Ask::get("/oauth/authorize?client_id=%ff"), 400),
        (Ask::get("/oauth/authorize"), 400),
    ] {
        let reply = portal.house.send(&ask).await;

        assert_eq!((reply.status, reply.header("location")), (status, None), "{ask:?}");
        assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{ask:?}");
    }
}

#[tokio::test]
async fn an_app_that_signs_nobody_in_is_told_so() {
    let portal = Portal::open().await;
    portal.another("mute", |wish| wish.grant_types = Some(owned(&["client_credentials"]))).await;
    let mut browser = Browser::new(&portal.house);

    let reply = browser.get(&Portal::request(&[("client_id", "mute")])).await;

    assert_goes_back(&portal, &reply, "unauthorized_client", "mute");
}
