//! Client libraries that others wrote sign people in, unchanged: the programs in `tests/strangers/sign_in`.

use tokio::process::Command;
use url::Url;

use super::browser::Browser;
use super::client::{Client, Talk};
use super::street::{App, Street};
use super::{Beside, installed, is_there, source};
use crate::support::{Ask, free_port};

/// The buttons of a first sign-in, and those of one that nobody is asked to allow.
const WITH_CONSENT: [&str; 2] = ["sub=demo-ada", "decision=allow"];
const WITHOUT_CONSENT: [&str; 1] = ["sub=demo-ada"];

/// The same address with another value for one parameter.
pub(super) fn with(url: &Url, name: &str, value: &str) -> Url {
    let mut changed = url.clone();
    let pairs = url.query_pairs().map(|(own, had)| if own == name { (own, value.into()) } else { (own, had) });
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    changed
}

/// A person signs in to `app`, by way of `buttons`; the app reads who it is, refreshes and sends them to sign out. An
/// answer with a foreign state, one of another issuer and one that was used already are refused, the last with `spent`.
async fn a_person_signs_in(street: &Street, app: &App, command: Command, talk: Talk, buttons: &[&str], spent: &str) {
    let mut browser = Browser::default();
    let mut client = Client::start(command, talk, street, app).await;

    let asked = client.begin(&mut browser).await;
    let back = browser.agree(&asked, &app.redirect_uri).await;
    let foreign = client.come_back(&mut browser, &with(&back.url, "state", "another")).await;
    let mixed_up = client.come_back(&mut browser, &with(&back.url, "iss", "https://another.example")).await;
    let said = client.come_back(&mut browser, &back.url).await;
    let again = client.come_back(&mut browser, &back.url).await;

    let who = format!("{}: {said}", app.client_id);
    assert_eq!(back.pressed, buttons, "{who}");
    for refused in [foreign, mixed_up] {
        let words = refused["refused"].as_str().unwrap_or_else(|| panic!("{refused}"));
        assert_ne!(words, "invalid_grant", "the library refused it, and the code is still good");
    }
    assert_eq!((&said["claims"]["iss"], &said["claims"]["aud"]), (&street.issuer().into(), &(&*app.client_id).into()));
    assert_eq!((&said["claims"]["name"], &said["claims"]["sub"]), (&"Ada Lovelace".into(), &said["userinfo"]["sub"]));
    assert_eq!(
        (&said["userinfo"]["email"], &said["userinfo"]["email_verified"]),
        (&"ada@example.com".into(), &true.into())
    );
    for name in ["access_token", "refresh_token"] {
        let (first, second) = (said["tokens"][name].as_str(), said["refreshed"][name].as_str());
        assert!(first.is_some() && second.is_some() && first != second, "{name}: {who}");
    }
    assert_eq!(again["refused"], spent, "{who}");
    if spent == "invalid_grant" {
        let fresh = said["refreshed"]["access_token"].as_str().unwrap();
        let reply = street.server.send(&Ask::get("/oauth/userinfo").bearer(fresh)).await;
        assert_eq!(reply.status, 401, "what the code bought is taken back when it is shown again");
    }
    signs_out(street, app, &mut browser, said["logout"].as_str().unwrap()).await;
}

/// The app sends the browser to `logout`: it comes back without another question, and nobody is signed in any more.
pub(super) async fn signs_out(street: &Street, app: &App, browser: &mut Browser, logout: &str) {
    let account = format!("{}/account", street.issuer());
    let before = browser.open(&account, "-").await;

    let after_logout = browser.open(logout, &app.home()).await;
    let after = browser.open(&account, "-").await;

    assert_eq!(before.url.path(), "/account");
    assert!(after_logout.url.as_str().starts_with(&app.home()), "{after_logout:?}");
    assert_eq!(after.url.path(), "/login");
}

/// An app that people are asked about and one of the house, and a public one too.
async fn people_sign_in_by(command: impl Fn() -> Command, talk: Talk, spent: &str, has_public: bool) {
    let street = Street::open().await;
    let redirect_uri = || format!("http://127.0.0.1:{}/callback", free_port());
    let portal = street.app("portal", &redirect_uri(), &[]).await;
    let intranet = street.app("intranet", &redirect_uri(), &["--first-party"]).await;

    a_person_signs_in(&street, &portal, command(), talk, &WITH_CONSENT, spent).await;
    a_person_signs_in(&street, &intranet, command(), talk, &WITHOUT_CONSENT, spent).await;
    if has_public {
        let desktop = street.app("desktop", &redirect_uri(), &["--public"]).await;
        a_person_signs_in(&street, &desktop, command(), talk, &WITH_CONSENT, spent).await;
    }
}

async fn people_sign_in_by_script(package: &str, name: &str) {
    if !is_there(&installed().join("node_modules").join(package)) {
        return;
    }
    let script = Beside::packages(name);
    let command = || {
        let mut command = Command::new("node");
        command.arg(&script.0);
        command
    };

    people_sign_in_by(command, Talk::Lines, "invalid_grant", true).await;
}

async fn people_sign_in_by_python(package: &str, name: &str, talk: Talk, spent: &str) {
    let python = installed().join("venv/bin/python");
    if !is_there(&python) || !is_there(&installed().join("venv/bin").join(package)) {
        return;
    }
    let command = || {
        let mut command = Command::new(&python);
        command.arg(source(name));
        command
    };

    people_sign_in_by(command, talk, spent, false).await;
}

#[tokio::test]
async fn people_sign_in_by_openid_client() {
    people_sign_in_by_script("openid-client", "sign_in/openid-client.mjs").await;
}

#[tokio::test]
async fn people_sign_in_by_oauth4webapi() {
    people_sign_in_by_script("oauth4webapi", "sign_in/oauth4webapi.mjs").await;
}

#[tokio::test]
async fn people_sign_in_by_requests_oauthlib() {
    people_sign_in_by_python("python", "sign_in/with_requests_oauthlib.py", Talk::Lines, "invalid_grant").await;
}

#[tokio::test]
async fn people_sign_in_by_authlib() {
    // It forgets a state that it has seen, and so does not even show a code twice.
    people_sign_in_by_python("flask", "sign_in/with_authlib.py", Talk::Web, "mismatching_state").await;
}

#[tokio::test]
async fn people_sign_in_by_x_oauth2_and_go_oidc() {
    let program = installed().join("sign-in-go");
    if is_there(&program) {
        people_sign_in_by(|| Command::new(&program), Talk::Lines, "invalid_grant", true).await;
    }
}
