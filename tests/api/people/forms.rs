//! Forms and pages: only our own pages act, only by POST, and each answer protects itself.

use hallpass::flow::AppWish;
use hallpass::policy::admission::Admission;

use super::{Connected, GLOBEX, csrf_token};
use crate::support::{ACME, Ask, Browser, Key, PORTAL, Portal, Provider, Reply, owned};

const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; \
                   frame-ancestors 'none'";
/// What every page and every redirect has, to the letter.
const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", CSP),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cache-control", "no-store"),
];

/// Ada with something behind every form.
struct Desk {
    portal: Portal,
    _globex: Provider,
    browser: Browser,
    user: String,
    forms: Vec<Form>,
}

/// A form of ours, filled in; to whom its page is shown.
struct Form {
    path: &'static str,
    fields: Vec<(&'static str, String)>,
    is_own: bool,
}

impl Desk {
    async fn open() -> Self {
        let portal = Portal::open().await;
        let globex = portal.second(Admission::default()).await;
        portal.change_app(AppWish { allows_personal_keys: Some(true), ..AppWish::default() }).await;
        let Connected { mut browser, user, .. } = portal.connected().await;
        let other = portal.browser_of("ada-1").await;
        let Key { id: key, .. } = portal.personal_key(&user, &owned(&["orders:read"])).await;
        let identity = portal.house.flows.list_own_identities(&user).await.unwrap().remove(0).id;
        let other = portal.house.flows.find_signed_in(&other.cookies["hallpass-session"]).await.unwrap().unwrap();
        let mut waiting = async |prompt| {
            let reply = browser.get(&Portal::request(&[("prompt", prompt)])).await;
            reply.location().split_once("request=").unwrap().1.to_owned()
        };
        let (to_choose, to_allow) = (waiting("select_account").await, waiting("consent").await);
        let form = |path, is_own, fields: &[(&'static str, &str)]| Form {
            path,
            fields: fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            is_own,
        };
        let forms = vec![
            form("/login", false, &[("provider", ACME)]),
            form("/login/continue", true, &[("request", &to_choose)]),
            form("/consent", true, &[("request", &to_allow), ("decision", "allow")]),
            form("/account/identities/link", true, &[("provider", GLOBEX)]),
            form("/account/identities/unlink", true, &[("identity", &identity)]),
            form("/account/keys/disable", true, &[("key", &key)]),
            form("/account/keys/enable", true, &[("key", &key)]),
            form("/account/keys/rotate", true, &[("key", &key)]),
            form("/account/keys/revoke", true, &[("key", &key)]),
            form(
                "/account/keys/new",
                true,
                &[("app", PORTAL), ("name", "x"), ("days", "90"), ("scope", "orders:read")],
            ),
            form("/account/sessions/end", true, &[("session", &other.session.id)]),
            form("/account/sessions/end-others", true, &[]),
            form("/account/apps/withdraw", true, &[("client_id", PORTAL)]),
            form("/oauth/logout", false, &[("decision", "sign_out")]),
        ];
        Self { portal, _globex: globex, browser, user, forms }
    }

    /// All that a form could change, as text.
    async fn state(&self) -> String {
        let flows = &self.portal.house.flows;
        let sessions = flows.list_own_sessions(&self.user).await.unwrap();
        let identities = flows.list_own_identities(&self.user).await.unwrap();
        let keys = flows.list_personal_keys(&self.user).await.unwrap();
        let apps = flows.list_connected_apps(&self.user).await.unwrap();
        let apps: Vec<_> = apps.into_iter().map(|app| app.grant).collect();
        format!("{sessions:?} {identities:?} {keys:?} {apps:?}")
    }

    /// The right token for a form.
    fn token(&self, form: &Form) -> String {
        csrf_token(&self.browser, if form.is_own { &self.user } else { "" })
    }

    fn ask(form: &Form, csrf: Option<&str>) -> Ask {
        let mut fields: Vec<(&str, &str)> = form.fields.iter().map(|(name, value)| (*name, &**value)).collect();
        fields.extend(csrf.map(|csrf| ("csrf", csrf)));
        Ask::form(&fields).at(form.path)
    }
}

/// As pages of ours are sent: they have no referrer, so their origin is hidden.
fn own(ask: Ask) -> Ask {
    ask.header("Origin", "null").header("Sec-Fetch-Site", "same-origin")
}

fn foreign() -> (u16, String) {
    (403, "csrf".to_owned())
}

#[tokio::test]
async fn a_form_without_the_token_of_this_browser_and_person_changes_nothing() {
    let mut desk = Desk::open().await;
    let mut mallory = desk.portal.browser_of("mallory").await;
    mallory.get("/login").await;
    let mallory_id = desk.portal.user_in(&mallory).await;
    let before = desk.state().await;

    for form in &desk.forms {
        let right = desk.token(form);
        let strangers = [
            csrf_token(&mallory, ""),
            csrf_token(&mallory, &mallory_id),
            csrf_token(&mallory, &desk.user),
            csrf_token(&desk.browser, &mallory_id),
            right[1..].to_owned(),
            right.to_lowercase(),
            "x".repeat(43),
        ];
        let wrong: Vec<Option<&str>> =
            [None, Some("")].into_iter().chain(strangers.iter().map(|text| Some(text.as_str()))).collect();
        for csrf in wrong {
            let reply = desk.browser.clone().send(own(Desk::ask(form, csrf))).await;
            assert_eq!(reply.stop(), foreign(), "{} {csrf:?}", form.path);
        }
    }

    assert_eq!(desk.state().await, before);
    assert!(desk.portal.is_signed_in(&mut desk.browser).await);
}

#[tokio::test]
async fn a_form_from_elsewhere_changes_nothing_even_with_the_right_token() {
    let desk = Desk::open().await;
    let issuer = desk.portal.house.issuer().to_owned();
    let other_port = format!("{issuer}0");
    let before = desk.state().await;
    let origins: [(Option<&str>, Option<&str>); 11] = [
        (Some("https://evil.example"), None),
        (Some("https://evil.example"), Some("same-origin")),
        (Some(&other_port), None),
        (Some("https://127.0.0.1"), None),
        (Some("null"), None),
        (Some("null"), Some("cross-site")),
        (Some("null"), Some("same-site")),
        (Some("null"), Some("none")),
        (Some(&issuer), Some("cross-site")),
        (Some(&issuer), Some("same-site")),
        (None, Some("cross-site")),
    ];

    for form in &desk.forms {
        let token = desk.token(form);
        for (origin, site) in origins {
            let mut ask = Desk::ask(form, Some(&token));
            ask = origin.into_iter().fold(ask, |ask, origin| ask.header("Origin", origin));
            ask = site.into_iter().fold(ask, |ask, site| ask.header("Sec-Fetch-Site", site));
            let reply = desk.browser.clone().send(ask).await;
            assert_eq!(reply.stop(), foreign(), "{} {origin:?} {site:?}", form.path);
        }
    }

    assert_eq!(desk.state().await, before);
}

#[tokio::test]
async fn our_own_forms_are_taken_and_answered_with_another_page() {
    let mut desk = Desk::open().await;
    let issuer = desk.portal.house.issuer().to_owned();

    for (at, form) in desk.forms.iter().enumerate() {
        let ask = Desk::ask(form, Some(&desk.token(form)));
        // Older browsers say their origin, or nothing at all.
        let ask = match at % 3 {
            0 => own(ask),
            1 => ask.header("Origin", &issuer),
            _ => ask,
        };
        let reply = desk.browser.send(ask).await;

        assert_eq!(reply.status, 303, "{}: {reply:?}", form.path);
        protects_itself(&reply);
    }
    assert!(!desk.portal.is_signed_in(&mut desk.browser).await, "the last one signed out");
}

#[tokio::test]
async fn only_a_post_acts() {
    let desk = Desk::open().await;
    let before = desk.state().await;

    for form in &desk.forms {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&form.fields)
            .append_pair("csrf", &desk.token(form))
            .finish();
        let target = format!("{}?{query}", form.path);
        for method in ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let reply = desk.browser.clone().send(Ask::new(method, &target)).await;
            if method == "GET" {
                assert!(matches!(reply.status, 200 | 303 | 405), "{target}: {reply:?}");
            } else {
                assert_eq!(reply.status, 405, "{method} {target}: {reply:?}");
                assert!(reply.header("allow").is_some_and(|allow| allow.contains("POST")), "{reply:?}");
            }
        }
        let empty = Ask::new("POST", &target).header("Content-Type", "application/x-www-form-urlencoded");
        let reply = desk.browser.clone().send(own(empty)).await;
        assert!(reply.status < 500 && reply.cookies().is_empty(), "the query does not count: {target}: {reply:?}");
    }

    assert_eq!(desk.state().await, before);
}

#[tokio::test]
async fn a_head_is_never_answered_where_a_journey_goes_on() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let back = portal.back(&mut browser).await;
    let callback = &back.as_str()[portal.house.issuer().len()..];

    for target in [callback, &Portal::request(&[]), "/login", "/consent", "/account", "/account/keys", "/oauth/logout"]
    {
        let reply = browser.send(Ask::new("HEAD", target)).await;
        assert_eq!((reply.status, reply.cookies().len()), (405, 0), "{target}");
    }

    assert!(portal.provider.asked("/token").is_empty());
    assert_eq!(browser.get(back.as_str()).await.status, 303);
}

fn protects_itself(reply: &Reply) {
    for (name, value) in HEADERS {
        let all: Vec<&str> =
            reply.headers.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect();
        assert_eq!(all, [value], "{name}: {reply:?}");
    }
    if reply.status == 303 {
        return;
    }
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    let text = reply.text();
    for inline in ["<style", " style=", " onclick=", " onload=", "javascript:", "<iframe", "<base", "@import"] {
        assert!(!text.contains(inline), "{inline}: {text}");
    }
    for tag in text.split('<').filter_map(|rest| rest.split('>').next()) {
        let loads = ["link", "script", "img", "form"].iter().any(|name| tag.starts_with(&format!("{name} ")));
        for name in ["href", "src", "action"].into_iter().filter(|_| loads) {
            let address = tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            assert!(address.is_none_or(|to| to.starts_with('/') && !to.starts_with("//")), "a third party: {tag}");
        }
        assert!(!tag.starts_with("script") || tag.contains("src=\"/assets/"), "{tag}");
    }
}

#[tokio::test]
async fn every_page_has_every_header_to_the_letter_and_loads_nothing_of_others() {
    let mut desk = Desk::open().await;
    let mut new = Browser::new(&desk.portal.house);
    let mut replies = vec![
        new.get("/login").await,
        new.get("/login?notice=signed-out").await,
        new.get("/account").await,
        new.get("/oauth/logout").await,
        new.get("/oauth/authorize").await,
        new.get(&Portal::request(&[("redirect_uri", "https://evil.example/")])).await,
        new.get(&Portal::request(&[("prompt", "nonsense")])).await,
        new.get(&Portal::request(&[])).await,
        new.get("/consent?request=none").await,
        new.get("/login/callback/acme?state=x&code=y").await,
        new.get("/login?request=a&request=b").await,
        new.get("/login?request=%00").await,
        new.get("/login?request=%zz").await,
        new.post("/consent", &[]).await,
        new.post("/login", &[("provider", "none"), ("csrf", "x")]).await,
        new.send(Ask::new("POST", "/login").header("Content-Type", "text/plain")).await,
    ];
    for path in [
        "/account",
        "/account/sessions",
        "/account/apps",
        "/account/keys",
        "/account/keys/new",
        "/account/keys/revoke?key=none",
        "/oauth/logout",
        "/login",
    ] {
        replies.push(desk.browser.get(path).await);
    }
    let key = desk.portal.house.flows.list_personal_keys(&desk.user).await.unwrap().remove(0).0.id;
    replies.push(desk.browser.get(&format!("/account/keys/revoke?key={key}")).await);
    for form in &desk.forms[1..3] {
        let (_, request) = &form.fields[0];
        let page = if form.path == "/consent" { "/consent" } else { "/login" };
        replies.push(desk.browser.get(&format!("{page}?request={request}")).await);
    }
    let form_post = [("response_mode", "form_post"), ("scope", "openid")];
    replies.push(desk.browser.get(&Portal::request(&form_post)).await);

    let last = replies.pop().unwrap();
    assert!(last.text().contains("action=\"https://portal.example/callback\""), "the answer itself goes to the app");
    for (name, value) in HEADERS {
        assert_eq!(last.header(name), Some(value));
    }
    for reply in &replies {
        assert!(reply.status < 500, "{reply:?}");
        protects_itself(reply);
    }
}

#[tokio::test]
async fn no_form_and_no_address_makes_a_page_our_trouble() {
    let desk = Desk::open().await;
    let long = "x".repeat(10_000);

    for form in &desk.forms {
        for value in ["\u{0}", "", "'\"; DROP TABLE user; --", "%s%n", "../../etc/passwd", "\u{202e}\u{fffd}", &long] {
            let fields: Vec<(&str, &str)> = form
                .fields
                .iter()
                .map(|(name, _)| (*name, if *name == "decision" { "allow" } else { value }))
                .collect();
            let token = desk.token(form);
            let ask = Ask::form(&[&fields[..], &[("csrf", &token)]].concat()).at(form.path);
            let reply = desk.browser.clone().send(own(ask)).await;
            assert!(reply.status < 500, "{} {value:?}: {reply:?}", form.path);
        }
    }
}
