//! What a journey leaves behind in the log, and what it holds up while it waits.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use hallpass::clock::Clock;
use hallpass::flow::{AppWish, ProviderWish};

use super::{csrf_token, parameter};
use crate::support::{
    ACME, Ask, Browser, CALLBACK, CLIENT_SECRET, PORTAL, Portal, Program, Provider, Served, Server, Tokens, VERIFIER,
};

/// The parts of a slip or a key that are secret: what stands behind its id.
fn secret(text: &str) -> String {
    text[text.len() - 38..text.len() - 6].to_owned()
}

fn signature(token: &str) -> String {
    token.rsplit('.').next().unwrap().to_owned()
}

/// The portal served by a process, whose clock nobody holds; and a browser there.
async fn serve(portal: &mut Portal) -> (Server, Browser) {
    portal.provider = Provider::open(&Clock::System).await;
    let there = ProviderWish { issuer: Some(portal.provider.url.clone()), ..ProviderWish::default() };
    portal.house.flows.update_provider(ACME, &there).await.unwrap();
    let server = Program::serve(portal.house.path())
        .on(&portal.house.database)
        .variable("HALLPASS_LOG_LEVEL", "trace")
        .variable("HALLPASS_UPSTREAM_ALLOWED_NETWORKS", "127.0.0.0/8")
        .start()
        .await;
    let browser = Browser::at(server.address, "http://localhost");
    (server, browser)
}

async fn sign_in(portal: &Portal, browser: &mut Browser, login: &str) -> (url::Url, String) {
    let page = browser.get(login).await;
    let leaves = browser.submit(&page, "/login", &[("provider", ACME)]).await;
    let there: url::Url = leaves.location().parse().unwrap();
    let back = portal.provider.visit(&there).await;
    let reply = browser.get(back.as_str()).await;
    (back, reply.location().to_owned())
}

#[tokio::test]
async fn a_whole_journey_leaves_no_secret_in_the_log_even_when_everything_is_logged() {
    let mut portal = Portal::open().await;
    portal.change_app(AppWish { allows_personal_keys: Some(true), ..AppWish::default() }).await;
    let (server, mut browser) = serve(&mut portal).await;
    let key = &portal.key.text;
    let mut hidden: Vec<String> = Vec::new();

    let login = browser.get(&Portal::request(&[("login_hint", "hush-hint")])).await.location().to_owned();
    let (back, consent) = sign_in(&portal, &mut browser, &login).await;
    let page = browser.get(&consent).await;
    let csrf = page.hidden().into_iter().find(|(name, _)| name == "csrf").unwrap().1;
    let answer = browser.submit(&page, "/consent", &[("decision", "allow")]).await;
    let code = answer.sent("code").unwrap();
    let redeem = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    let tokens = Tokens::of(&server.send(&Ask::form(&redeem).basic(PORTAL, key)).await);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", &*tokens.refresh)];
    let next = Tokens::of(&server.send(&Ask::form(&refresh).basic(PORTAL, key)).await);
    server.send(&Ask::get("/oauth/userinfo").bearer(&next.access)).await;
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        server.send(&Ask::form(&[("token", &*next.refresh)]).at(path).basic(PORTAL, key)).await;
    }
    // What goes wrong is logged most readily: everything again, and everything where it does not belong.
    browser.get(back.as_str()).await;
    browser.get(&format!("{back}&state=again")).await;
    browser.get(&format!("/login/callback/{code}?state={}&code={code}", parameter(&back, "state"))).await;
    server.send(&Ask::form(&redeem).basic(PORTAL, key)).await;
    server.send(&Ask::form(&refresh).basic(PORTAL, key)).await;
    server.send(&Ask::get("/oauth/userinfo").bearer(&format!("{}x", next.access))).await;
    for misplaced in [&code, &tokens.refresh, &next.access, &browser.cookies["hallpass-session"].clone(), &csrf] {
        browser.get(&format!("/{misplaced}")).await;
        browser.get(&format!("/login?request={misplaced}")).await;
        browser.get(&format!("/account/keys/revoke?key={misplaced}")).await;
        browser.get(&Portal::request(&[("client_id", misplaced)])).await;
        browser.get(&Portal::request(&[("state", misplaced), ("nonce", misplaced), ("prompt", "none none")])).await;
        browser.get(&format!("/oauth/logout?id_token_hint={misplaced}")).await;
        browser.post("/login", &[("csrf", &csrf), ("provider", misplaced)]).await;
        browser.post("/account/sessions/end", &[("csrf", misplaced)]).await;
    }
    let made = browser.get("/account/keys/new").await;
    let fields = [("name", "laptop"), ("days", "30"), ("scope", "orders:read")];
    let made = browser.submit(&made, "/account/keys/new", &fields).await;
    let sealed = browser.cookies["hallpass-new-key"].clone();
    let made = browser.get(made.location()).await;
    let personal =
        made.text().split("id=\"key\" translate=\"no\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    server.send(&Ask::token(&[]).bearer(&personal)).await;
    portal.provider.answers("/token", Served::error(401, "invalid_client"));
    browser.cookies.remove("hallpass-session");
    let (failed, _) = {
        let page = browser.get("/login").await;
        let leaves = browser.submit(&page, "/login", &[("provider", ACME)]).await;
        let back = portal.provider.visit(&leaves.location().parse().unwrap()).await;
        (back.clone(), browser.get(back.as_str()).await)
    };
    let exchange = portal.provider.asked("/token");

    for back in [&back, &failed] {
        hidden.extend([parameter(back, "state"), parameter(back, "code")]);
    }
    hidden.extend(exchange.iter().filter_map(|asked| asked.field("code_verifier")));
    hidden.extend(portal.provider.asked("/authorize").iter().filter_map(|asked| asked.parameter("nonce")));
    hidden.extend([&code, &tokens.refresh, &next.refresh, key, &personal].map(|text| secret(text)));
    hidden.extend([&tokens.access, &tokens.id, &next.access, &next.id].map(|token| signature(token)));
    hidden.extend(browser.cookies.values().cloned());
    hidden.push(sealed);
    hidden.extend([csrf, csrf_token(&browser, ""), VERIFIER.to_owned(), CLIENT_SECRET.to_owned()]);
    hidden.extend(["hush-hint", "ada@acme.example", "Ada Lovelace", "access-0", "n-1"].map(str::to_owned));
    let output = server.output();
    assert!(output.contains("stopped") && output.contains("refused"), "it did log: {output}");
    for needle in &hidden {
        let line = output.lines().find(|line| line.contains(needle.as_str()));
        assert_eq!(line, None, "{needle} stands in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_provider_is_asked_nothing_else_waits() {
    let portal = Portal::open().await;
    let globex = portal.second(hallpass::policy::admission::Admission::default()).await;
    portal.come_in(&mut Browser::new(&portal.house)).await;
    let (mut waits, mut goes_on) = (Browser::new(&portal.house), Browser::new(&portal.house));
    let back = portal.back(&mut waits).await;
    portal.provider.answers("/token", Served::Hangs);
    let hanging = tokio::spawn(async move { waits.get(back.as_str()).await });
    let provider_is_asked = async || portal.provider.asked("/token").len() == 2;
    assert!(crate::support::within(Duration::from_secs(5), provider_is_asked).await);

    let began = Instant::now();
    let leaves = portal.back_from(&mut goes_on, super::GLOBEX, &globex).await;
    let came_in = goes_on.get(leaves.as_str()).await;
    let exchanged = portal.house.exchange(&portal.key, &[]).await;
    let code = portal.code(&mut goes_on, &[]).await;
    let redeemed = portal.redeem(&code, &[]).await;
    let made = portal.house.key(PORTAL, &["orders:read"]).await;
    let took = began.elapsed();

    assert!(!hanging.is_finished(), "the provider still hangs");
    assert_eq!((came_in.status, exchanged.status, redeemed.status), (303, 200, 200));
    assert_eq!(portal.house.exchange(&made, &[]).await.status, 200);
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(hanging.await.unwrap().stop(), (504, "provider_slow".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_signed_in_keeps_that_even_when_what_they_came_for_is_gone() {
    let portal = Portal::open().await;
    let mut browser = portal.browser_of("ada-1").await;
    let waiting = browser.get(&Portal::request(&[("prompt", "login")])).await;
    let page = browser.get(waiting.location()).await;
    let leaves = browser.submit(&page, "/login", &[("provider", ACME)]).await;
    let back = portal.provider.visit(&leaves.location().parse().unwrap()).await;
    let (asked, was_asked) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let may_go_on = std::sync::Mutex::new(may_go_on);
    portal.provider.edit("tokens", move |_| {
        let _ = asked.send(());
        let _ = may_go_on.lock().unwrap().recv_timeout(Duration::from_secs(5));
    });

    let mut its_browser = browser.clone();
    let coming = tokio::spawn(async move { (its_browser.get(back.as_str()).await, its_browser) });
    tokio::task::spawn_blocking(move || was_asked.recv_timeout(Duration::from_secs(5)).unwrap()).await.unwrap();
    portal.change_app(AppWish { is_disabled: Some(true), ..AppWish::default() }).await;
    go_on.send(()).unwrap();
    let (reply, mut browser) = coming.await.unwrap();
    let told = browser.get(reply.location()).await;

    assert_eq!(told.stop(), (400, "unknown_app".to_owned()));
    assert!(portal.is_signed_in(&mut browser).await, "with the new cookie");
}

#[tokio::test]
async fn what_a_provider_did_wrong_stands_in_the_log_once_with_its_name_the_cause_and_the_pages_id() {
    let mut portal = Portal::open().await;
    let (server, mut browser) = serve(&mut portal).await;
    let mut stops = Vec::new();

    for (served, cause) in [
        (Served::error(401, "invalid_client"), "invalid_client"),
        (Served::status(500), "500"),
        (Served::BreaksOff, "can't be reached, or broke off"),
    ] {
        portal.provider.answers("/token", served);
        let page = browser.get("/login").await;
        let leaves = browser.submit(&page, "/login", &[("provider", ACME)]).await;
        let back = portal.provider.visit(&leaves.location().parse().unwrap()).await;
        let reply = browser.get(back.as_str()).await;
        assert_eq!(reply.stop(), (502, "provider_error".to_owned()));
        assert!(!reply.text().contains(cause), "the page does not say it: {reply:?}");
        stops.push((reply.header("x-request-id").unwrap().to_owned(), cause));
    }

    let is_written = async || stops.iter().all(|(id, _)| server.output().contains(id));
    assert!(crate::support::within(Duration::from_secs(5), is_written).await, "{}", server.output());
    let lines: Vec<serde_json::Value> =
        server.output().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    for (id, cause) in &stops {
        let told: Vec<_> =
            lines.iter().filter(|line| line["request_id"] == **id && line["error"] == "provider_error").collect();
        let [line] = told[..] else { panic!("one line for {id}: {told:?}") };
        assert_eq!((&line["level"], &line["message"]), (&"ERROR".into(), &"stopped".into()), "{line}");
        let told = line["cause"].as_str().unwrap_or_default();
        assert!(told.contains("Acme") && told.contains(cause), "{cause}: {line}");
    }
}
