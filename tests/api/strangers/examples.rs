//! The examples as a person would run them: a web app that signs people in, and a service that greets them by name.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::browser::Browser;
use super::is_there;
use super::street::Street;
use crate::support::{ORDERS, free_port};

/// Starts an example and waits until it listens; the address that it says.
async fn listen(command: &mut Command) -> (Child, String) {
    let mut child = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let line = BufReader::new(child.stdout.take().unwrap()).lines().next_line().await.unwrap();
    let line = line.expect("it listens");
    (child, line.trim_start_matches("listening on ").to_owned())
}

#[tokio::test]
async fn a_person_signs_in_to_the_example_app_and_the_example_service_greets_them_by_name() {
    let built = Path::new(env!("CARGO_BIN_EXE_hallpass")).with_file_name("examples");
    let (web_app, service) = (built.join("web_app"), built.join("service"));
    if !is_there(&web_app) || !is_there(&service) {
        return;
    }
    let street = Street::open().await;
    let issuer = street.issuer();
    let (_service, service) =
        listen(Command::new(service).env("ISSUER", issuer).env("AUDIENCE", ORDERS).env("LISTEN", "127.0.0.1:0")).await;
    let port = free_port();
    let options = ["--resource", ORDERS, "--scope", "orders:read"];
    let app = street.app("web", &format!("http://127.0.0.1:{port}/callback"), &options).await;
    let mut command = Command::new(web_app);
    command.env("ISSUER", issuer).env("CLIENT_ID", "web").env("KEY", app.key.as_ref().unwrap());
    command.env("SERVICE", &service).env("LISTEN", format!("127.0.0.1:{port}"));
    let (_web_app, home) = listen(&mut command).await;
    let mut browser = Browser::default();

    let back = browser.agree(&format!("{home}login"), &app.redirect_uri).await;
    let signed_in = browser.open(back.url.as_str(), "-").await;
    let refresh = url::Url::parse(&home).unwrap().join("refresh").unwrap();
    let refreshed = browser.ask(&refresh, Some(&[])).await;
    let still = browser.open(&home, "-").await;

    assert_eq!(back.pressed, ["sub=demo-ada", "decision=allow"]);
    assert_eq!(refreshed.status, 303);
    for shown in [signed_in, still] {
        assert!(shown.reply.text().contains("Hello, Ada Lovelace"), "{shown:?}");
    }
    let out = browser.ask(&refresh.join("/logout").unwrap(), Some(&[])).await;
    let signed_out = browser.open(out.header("location").unwrap(), "-").await;
    assert_eq!(signed_out.url.as_str(), home);
    assert!(signed_out.reply.text().contains("Nobody is signed in"));
}

#[tokio::test]
async fn the_example_app_that_holds_a_key_is_let_in_by_the_example_service() {
    let built = Path::new(env!("CARGO_BIN_EXE_hallpass")).with_file_name("examples");
    let (app, service) = (built.join("hold_a_key"), built.join("service"));
    if !is_there(&app) || !is_there(&service) {
        return;
    }
    let street = Street::open().await;
    let (issuer, key) = (street.issuer(), street.server.ready["key"].as_str().unwrap());
    let (_service, service) =
        listen(Command::new(service).env("ISSUER", issuer).env("AUDIENCE", ORDERS).env("LISTEN", "127.0.0.1:0")).await;

    let mut command = Command::new(app);
    command.env("HALLPASS_API_KEY", key).env("ISSUER", issuer).env("SERVICE", &service).env("CALLS", "1");
    let outcome = command.output().await.unwrap();

    assert_eq!(String::from_utf8(outcome.stdout).unwrap(), "200 OK Hello, demo\n");
    assert!(outcome.status.success());
}
