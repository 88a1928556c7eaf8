//! Spring Security's login signs people in, unchanged: the web app in `tests/strangers/sign_in/spring`.

use tokio::process::Command;

use super::browser::Browser;
use super::client::{Client, Talk};
use super::sign_in::{signs_out, with};
use super::street::Street;
use super::{installed, is_there};
use crate::support::free_port;

/// What Spring counts as expired already: it asks for a new token whenever it needs one.
const SHORT: &str = "https://short.example";

#[tokio::test]
async fn people_sign_in_by_spring_security() {
    let jar = installed().join("sign-in.jar");
    if !is_there(&jar) {
        return;
    }
    let street = Street::open().await;
    let port = free_port();
    let home = format!("http://127.0.0.1:{port}/");
    let callback = format!("{home}login/oauth2/code/hallpass");
    street.run(&["resources", "create", SHORT, "--scope", "orders:read", "--token-lifetime", "60s"]).await;
    let options = ["--resource", SHORT, "--scope", "orders:read"];
    let app = street.app("spring", &callback, &options).await;
    let mut command = Command::new("java");
    command.args(["-XX:TieredStopAtLevel=1", "-jar"]).arg(jar).env("SERVER_PORT", port.to_string());
    let _client = Client::start(command, Talk::Web, &street, &app).await;
    let mut browser = Browser::default();

    let back = browser.agree(&home, &callback).await;
    let foreign = browser.open(with(&back.url, "state", "another").as_str(), "-").await;
    let mixed_up = browser.open(with(&back.url, "iss", "https://another.example").as_str(), "-").await;
    let signed_in = browser.open(back.url.as_str(), "-").await;
    let refreshed = browser.open(&home, "-").await;
    let again = browser.open(back.url.as_str(), "-").await;

    assert_eq!(back.pressed, ["sub=demo-ada", "decision=allow"]);
    for refused in [foreign, mixed_up, again] {
        // It forgets a state that it has seen, and so does not even show a code twice.
        assert_eq!((refused.url.path(), refused.url.query()), ("/login", Some("error")));
    }
    let said = [signed_in, refreshed].map(|shown| shown.reply.json());
    for said in &said {
        assert_eq!(
            (&said["claims"]["iss"], &said["claims"]["name"]),
            (&street.issuer().into(), &"Ada Lovelace".into())
        );
        assert_eq!(said["userinfo"]["email"], "ada@example.com");
    }
    for name in ["access_token", "refresh_token"] {
        assert!(said[0][name].is_string() && said[0][name] != said[1][name], "{name}: {said:?}");
    }
    // Its own page asks first, and sends the browser to us then.
    let logout = browser.agree(&format!("{home}logout"), street.issuer()).await;
    signs_out(&street, &app, &mut browser, logout.url.as_str()).await;
}
