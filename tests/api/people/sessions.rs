//! Sessions: what a browser holds, how long it counts, and who ends it.

use std::time::Duration;

use hallpass::limit;
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

use super::{Connected, csrf_token};
use crate::support::{Ask, Browser, Portal, Tokens, is_postgres, owned};

const SESSION: &str = "hallpass-session";
const BROWSER: &str = "hallpass-browser";

/// The attributes of a cookie, sorted.
fn attributes(line: &str) -> Vec<&str> {
    let mut attributes: Vec<&str> = line.split("; ").skip(1).collect();
    attributes.sort_unstable();
    attributes
}

/// All that stands in a PostgreSQL database, as text; bytes in hexadecimal.
async fn every_row(url: &str) -> String {
    let connection = Database::connect(url).await.unwrap();
    let read = async |query: &str| -> Vec<String> {
        let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, query)).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    };
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let mut all = String::new();
    for table in read(tables).await {
        all.extend(read(&format!("SELECT row_to_json(t)::text FROM \"{table}\" t")).await);
    }
    connection.close().await.unwrap();
    all
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[tokio::test]
async fn on_a_plain_loopback_address_cookies_are_closed_to_scripts_and_other_sites() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);

    let first = browser.get("/login").await;
    let signed_in = portal.come_in(&mut browser).await;

    let [of_browser] = first.cookies()[..] else { panic!("one cookie: {first:?}") };
    let [of_session] = signed_in.cookies()[..] else { panic!("one cookie: {signed_in:?}") };
    assert!(of_browser.starts_with("hallpass-browser=") && of_session.starts_with("hallpass-session="));
    assert_eq!(attributes(of_browser), ["HttpOnly", "Path=/", "SameSite=Lax"]);
    assert_eq!(attributes(of_session), ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax"]);
}

#[tokio::test]
async fn on_an_https_issuer_cookies_are_bound_to_the_host() {
    let portal = Portal::with(|settings| {
        "https://hall.example".clone_into(&mut settings.issuer);
        settings.server.plain_http = true;
    })
    .await;
    let mut browser = Browser::new(&portal.house);

    let first = browser.get("/login").await;
    let answer = portal.authorize(&mut browser, &[]).await;
    let names: Vec<&str> = browser.cookies.keys().map(String::as_str).collect();
    let session = browser.cookies["__Host-hallpass-session"].clone();
    let mut tossed = Browser::new(&portal.house);
    tossed.cookies.insert(SESSION.to_owned(), session);

    assert_eq!(attributes(first.cookies()[0]), ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
    assert_eq!(names, ["__Host-hallpass-browser", "__Host-hallpass-session"]);
    assert_eq!(answer.sent("iss").as_deref(), Some("https://hall.example"));
    assert!(answer.sent("code").is_some(), "{answer:?}");
    assert_eq!(tossed.get("/account").await.status, 303, "a name that any subdomain may set counts for nothing");
}

#[tokio::test]
async fn a_session_is_new_with_each_sign_in_and_the_old_cookie_is_dead() {
    let portal = Portal::open().await;
    let mut browser = portal.browser_of("ada-1").await;
    let mut stolen = browser.clone();

    portal.come_in(&mut browser).await;

    assert_ne!(browser.cookies[SESSION], stolen.cookies[SESSION]);
    assert!(portal.is_signed_in(&mut browser).await && !portal.is_signed_in(&mut stolen).await);
    let ada = portal.user_in(&browser).await;
    assert_eq!(portal.house.flows.list_own_sessions(&ada).await.unwrap().len(), 1, "one took the other's place");
}

#[tokio::test]
async fn a_session_that_somebody_planted_is_not_the_one_that_is_signed_in_to() {
    let portal = Portal::open().await;
    let mut attacker = portal.browser_of("mallory").await;
    let mut victim = Browser::new(&portal.house);
    victim.cookies.insert(SESSION.to_owned(), attacker.cookies[SESSION].clone());

    portal.is_at_provider("victim");
    portal.come_in(&mut victim).await;

    assert_ne!(victim.cookies[SESSION], attacker.cookies[SESSION]);
    assert!(!portal.is_signed_in(&mut attacker).await, "what was planted has ended");
    let account = victim.get("/account").await;
    assert!(account.text().contains("The name of victim"));
}

#[tokio::test]
async fn nothing_that_a_browser_holds_is_at_rest_in_the_clear() {
    let mut portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let back = portal.back(&mut browser).await;
    let state = super::parameter(&back, "state");
    browser.get(back.as_str()).await;
    let code = portal.code(&mut browser, &[]).await;
    let tokens = Tokens::of(&portal.redeem(&code, &[]).await);
    let waits = portal.back(&mut browser).await;
    let csrf = csrf_token(&browser, "");
    let session = portal.house.flows.find_signed_in(&browser.cookies[SESSION]).await.unwrap().unwrap().session;

    let secret = |slip: &str| slip[slip.len() - 38..slip.len() - 6].to_owned();
    let hidden = [
        secret(&browser.cookies[SESSION]),
        browser.cookies[BROWSER].clone(),
        state,
        super::parameter(&waits, "state"),
        csrf,
        secret(&code),
        secret(&tokens.refresh),
        tokens.access,
        tokens.id,
    ];
    assert_eq!(session.secret_hash.len(), 32);
    assert!(!format!("{session:?}").contains(&hidden[0]));
    portal.house.stop().await;
    if is_postgres() {
        let rows = every_row(portal.house.database.url()).await;
        assert!(rows.contains(&session.id) && rows.contains(&hex(&session.secret_hash)), "all of it was read");
        for needle in &hidden {
            assert!(!rows.contains(needle.as_str()) && !rows.contains(&hex(needle.as_bytes())), "{needle} is there");
        }
        return;
    }
    for entry in std::fs::read_dir(portal.house.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            for needle in &hidden {
                let is_there = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
                assert!(!is_there, "{needle} in {}", path.display());
            }
        }
    }
}

#[tokio::test]
async fn cookies_that_are_ambiguous_or_nonsense_sign_nobody_in() {
    let portal = Portal::open().await;
    let mut browser = portal.browser_of("ada-1").await;
    let (session, own) = (browser.cookies[SESSION].clone(), browser.cookies[BROWSER].clone());
    let get = |cookie: String| Ask::get("/account").header("Cookie", cookie);
    let long = "x".repeat(5000);

    for twice in [
        format!("{SESSION}={session}; {SESSION}={session}"),
        format!("{SESSION}=; {SESSION}={session}"),
        format!("{SESSION}={session}; {SESSION}={long}"),
        format!("{SESSION}={long}; {SESSION}={session}"),
        format!("{SESSION}={session}; {BROWSER}={own}; {BROWSER}={own}"),
    ] {
        let reply = portal.house.send(&get(twice)).await;
        assert_eq!(reply.stop(), (400, "cookies".to_owned()));
    }
    let with_a_neighbour = get(format!("theme=dünkel; {SESSION}={session}; {BROWSER}={own}"));
    assert_eq!(portal.house.send(&with_a_neighbour).await.status, 200, "what a neighbour keeps is no business of ours");
    let two_lines = get(format!("{SESSION}={session}")).header("Cookie", format!("{SESSION}={session}"));
    assert_eq!(portal.house.send(&two_lines).await.stop(), (400, "cookies".to_owned()));
    for nonsense in [
        String::new(),
        ";;=;".to_owned(),
        format!("{SESSION}={long}"),
        format!("{SESSION}="),
        format!("{SESSION}={}", &session[1..]),
        format!("{SESSION}={session}x"),
        format!("{SESSION}=\"{session}\""),
        format!("{SESSION}={}", session.to_lowercase()),
        format!("HALLPASS-SESSION={session}"),
        format!("{SESSION}={own}"),
        format!("{BROWSER}={session}"),
        format!("{SESSION}={}", portal.key.text),
    ] {
        let reply = portal.house.send(&get(nonsense.clone())).await;
        assert_eq!(reply.status, 303, "{nonsense}");
    }
    assert!(portal.house.send(&get("\u{ff}=\u{fe}".to_owned())).await.status < 500);
    assert!(portal.is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it_and_at_its_end_whoever_does() {
    let portal = Portal::open().await;
    let (mut used, mut left) = (portal.browser_of("ada-1").await, portal.browser_of("ada-1").await);
    let almost = limit::SESSION_IDLE - Duration::from_secs(1);

    portal.house.advance(almost);
    assert!(portal.is_signed_in(&mut used).await);
    portal.house.advance(Duration::from_secs(1));
    assert!(!portal.is_signed_in(&mut left).await, "nobody used it for a week");
    let (most, mut rest) = (limit::SESSION_IDLE - limit::SESSION_SEEN_EVERY * 2, limit::SESSION_LIFETIME);
    rest -= almost + Duration::from_secs(2);
    while rest > Duration::ZERO {
        let step = rest.min(most);
        portal.house.advance(step);
        rest -= step;
        assert!(portal.is_signed_in(&mut used).await, "{rest:?} before the end");
    }
    portal.house.advance(Duration::from_secs(1));

    assert!(!portal.is_signed_in(&mut used).await, "a month is all");
}

#[tokio::test]
async fn a_person_sees_their_sessions_and_ends_them() {
    let portal = Portal::open().await;
    let (mut here, mut there) = (portal.browser_of("ada-1").await, portal.browser_of("ada-1").await);
    let (mut third, mut bobs) = (portal.browser_of("ada-1").await, portal.browser_of("bob-1").await);
    let ada = portal.user_in(&here).await;
    let id = |browser: &Browser| {
        let (flows, cookie) = (portal.house.flows.clone(), browser.cookies[SESSION].clone());
        async move { flows.find_signed_in(&cookie).await.unwrap().unwrap().session.id }
    };
    let (here_id, there_id, bobs_id) = (id(&here).await, id(&there).await, id(&bobs).await);

    let page = here.get("/account/sessions").await;
    let of_another = here.submit(&page, "/account/sessions/end", &[("session", &bobs_id)]).await;
    let ended = here.submit(&page, "/account/sessions/end", &[("session", &there_id)]).await;
    assert!(page.text().contains(&there_id) && !page.text().contains(&bobs_id));
    assert_eq!(ended.location(), format!("{}/account/sessions?notice=session-ended", portal.house.issuer()));
    assert_eq!(of_another.status, 303);
    assert!(portal.is_signed_in(&mut bobs).await && !portal.is_signed_in(&mut there).await);
    assert!(portal.is_signed_in(&mut third).await);
    here.submit(&page, "/account/sessions/end-others", &[]).await;
    assert!(portal.is_signed_in(&mut here).await && !portal.is_signed_in(&mut third).await);
    let own = here.submit(&page, "/account/sessions/end", &[("session", &here_id)]).await;

    assert!(own.location().ends_with("/login?notice=signed-out"));
    assert!(!here.cookies.contains_key(SESSION));
    assert!(portal.house.flows.list_own_sessions(&ada).await.unwrap().is_empty());
    assert!(portal.is_signed_in(&mut bobs).await);
}

#[tokio::test]
async fn each_session_says_on_what_and_from_where_and_which_one_asks() {
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0";
    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like \
                          Gecko) Version/26.0 Mobile/15E148 Safari/604.1";
    let portal = Portal::with(|settings| settings.server.trusted_proxies = owned(&["127.0.0.1/32"])).await;
    portal.is_at_provider("ada-1");
    let comes_in = async |user_agent: &str, address: &str| {
        let mut browser = Browser::new(&portal.house);
        let back = portal.back(&mut browser).await;
        let target = &back.as_str()[portal.house.issuer().len()..];
        let ask = Ask::get(target).header("User-Agent", user_agent).header("X-Forwarded-For", address);
        assert_eq!(browser.send(ask).await.status, 303);
        browser
    };

    let mut desk = comes_in(FIREFOX, "192.0.2.7").await;
    portal.house.advance(Duration::from_hours(1));
    comes_in(IPHONE, "2001:db8::5").await;
    comes_in("<script>alert(1)</script>", "198.51.100.1").await;
    let page = desk.get("/account/sessions").await;

    let cards: Vec<&str> = page.text().split("<li class=\"card").skip(1).collect();
    let [first, others @ ..] = &cards[..] else { panic!("no sessions: {page:?}") };
    assert!(first.contains("Firefox on Linux") && first.contains("192.0.2.7"), "this one first: {first}");
    assert!(!first.contains("/account/sessions/end"), "it is left by signing out: {first}");
    assert_eq!(others.len(), 2, "{page:?}");
    for (device, address) in [("Safari on iPhone", "2001:db8::5"), ("An unknown device", "198.51.100.1")] {
        let card = others.iter().find(|card| card.contains(device)).unwrap_or_else(|| panic!("{device}: {page:?}"));
        assert!(
            card.contains(&format!("<bdi>\u{2068}{address}\u{2069}</bdi>"))
                || card.contains(&format!("<bdi>{address}</bdi>")),
            "{card}"
        );
        let label = format!("End the session of \u{2068}{device}\u{2069}, \u{2068}{address}\u{2069}");
        assert!(card.contains(&label), "{card}");
    }
    assert!(!page.text().contains("<script>alert"), "{page:?}");
}

#[tokio::test]
async fn one_sign_in_is_enough_for_all_apps() {
    let portal = Portal::open().await;
    portal.connect("wiki").await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;
    let asked = portal.provider.asked("/authorize").len();

    let wiki = portal.authorize(&mut browser, &[("client_id", "wiki")]).await;

    assert!(wiki.sent("code").is_some());
    assert_eq!(portal.provider.asked("/authorize").len(), asked, "the provider was not asked again");
}

#[tokio::test]
async fn a_person_who_is_disabled_loses_everything_at_once_and_gets_none_of_it_back() {
    let portal = Portal::open().await;
    portal.change_app(hallpass::flow::AppWish { allows_personal_keys: Some(true), ..Default::default() }).await;
    let Connected { mut browser, code, tokens, user, .. } = portal.connected().await;
    let offline = portal.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    let key = portal.personal_key(&user, &owned(&["orders:read"])).await;
    let waits = browser.get(&Portal::request(&[("prompt", "consent")])).await.location().to_owned();
    assert_eq!(portal.house.exchange(&key, &[]).await.status, 200);

    portal.house.flows.disable_user(&user, true).await.unwrap();

    let refused = portal.come_in(&mut Browser::new(&portal.house)).await;
    assert_eq!(refused.stop(), (403, "person_disabled".to_owned()));
    for round in ["while disabled", "afterwards"] {
        assert!(!portal.is_signed_in(&mut browser).await, "{round}");
        assert_eq!(browser.get(&waits).await.status, 303, "to the sign-in page, {round}");
        assert_eq!(portal.redeem(&code, &[]).await.status, 400, "{round}");
        for refresh in [&tokens.refresh, &offline.refresh] {
            assert_eq!(portal.refresh(refresh, &[]).await.refusal(), (400, "invalid_grant".to_owned()), "{round}");
            assert!(!portal.is_active(refresh).await, "{round}");
        }
        for access in [&tokens.access, &offline.access] {
            assert!(!portal.is_active(access).await, "{round}");
            assert_eq!(portal.userinfo(access).await.status, 401, "{round}");
        }
        let minted = portal.house.exchange(&key, &[]).await.status;
        assert_eq!(minted, if round == "afterwards" { 200 } else { 401 }, "{round}");
        portal.house.flows.disable_user(&user, false).await.unwrap();
    }
}

#[tokio::test]
async fn signing_in_again_keeps_what_the_persons_apps_hold_and_nothing_of_anybody_elses() {
    let portal = Portal::open().await;
    let Connected { mut browser, tokens, code, .. } = portal.connected().await;

    portal.is_at_provider("ada-1");
    portal.come_in(&mut browser).await;
    let next = Tokens::of(&portal.refresh(&tokens.refresh, &[]).await);
    let redeemed = portal.redeem(&code, &[]).await;
    let offline = portal.tokens(&mut browser, &[("scope", "openid offline_access")]).await;
    portal.is_at_provider("bob-1");
    portal.come_in(&mut browser).await;

    assert_eq!(redeemed.status, 200, "a code of a moment ago is still good: {redeemed:?}");
    assert_eq!(portal.refresh(&next.refresh, &[]).await.refusal(), (400, "invalid_grant".to_owned()));
    assert!(!portal.is_active(&next.access).await, "Ada's session ended when Bob signed in");
    assert_eq!(portal.refresh(&offline.refresh, &[]).await.status, 200, "but what holds offline_access goes on");
}
