//! `hallpass login`, `whoami` and `logout`: a person signs in from a terminal.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::terminal::{Terminal, come_back};
use crate::support::{Ask, Program, send, signal, within};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_person_signs_in_from_a_terminal_and_out_again() {
    let terminal = Terminal::open().await;

    let (page, login) = terminal.sign_in(&[]).await;
    let kept = terminal.kept();
    let whoami = terminal.run(&["whoami", "--json"]).good().await.json();
    let shown = terminal.run(&["whoami"]).good().await.stdout;
    let modes = (mode(&terminal.session_file()), mode(terminal.session_file().parent().unwrap()));
    let logout = terminal.run(&["logout", "--json"]).good().await;
    let after = terminal.run(&["whoami"]).run().await;

    assert_eq!(login.code, Some(0), "{login:?}");
    assert_eq!((&login.json()["name"], &login.json()["issuer"]), (&json!("Ada Lovelace"), &terminal.issuer().into()));
    assert_eq!((&whoami["sub"], &whoami["email"]), (&login.json()["sub"], &json!("ada@example.com")));
    assert!(shown.contains("Ada Lovelace"), "{shown}");
    assert_eq!(modes, (0o600, 0o700));
    for token in ["access_token", "refresh_token"] {
        let token = kept[token].as_str().unwrap();
        assert!(![&login.stdout, &login.stderr, &shown].iter().any(|text| text.contains(token)), "no token is shown");
    }
    assert!(page.status == 200 && page.text().contains("close this page"), "{page:?}");
    assert_eq!(logout.json()["signed_out"], true);
    assert!(logout.json()["end_session_url"].as_str().unwrap().contains("/oauth/logout?client_id=hallpass-cli"));
    assert_eq!((after.code, terminal.session_file().exists()), (Some(4), false), "{after:?}");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "hallpass-cli"),
        ("refresh_token", kept["refresh_token"].as_str().unwrap()),
    ];
    let dead = terminal.server.send(&Ask::form(&form)).await;
    assert_eq!((dead.status, &dead.json()["error"]), (400, &json!("invalid_grant")), "and it was taken back");
}

#[tokio::test]
async fn the_page_in_the_browser_runs_nothing_and_loads_nothing() {
    let terminal = Terminal::open().await;

    let (page, _) = terminal.sign_in(&[]).await;

    let policy = page.header("content-security-policy").unwrap();
    for rule in ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "style-src 'sha256-"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), (Some("no-store"), Some("no-referrer")));
    assert!(!page.text().contains("<script") && !page.text().contains("http"), "{}", page.text());
}

#[tokio::test]
async fn an_access_token_that_ended_is_replaced_once_by_many_at_the_same_time() {
    let terminal = Terminal::open().await;
    terminal.sign_in(&[]).await;
    let before = terminal.kept();
    terminal.edit("expires_at", 0);

    let whoami = terminal.run(&["whoami", "--json"]);
    let (one, two, three) = tokio::join!(whoami.good(), whoami.good(), whoami.good());
    let after = terminal.kept();
    terminal.edit("expires_at", 0);
    let again = whoami.good().await;

    assert_ne!(after["refresh_token"], before["refresh_token"]);
    let subjects = [one, two, three, again].map(|outcome| outcome.json()["sub"].clone());
    assert!(subjects.iter().all(|sub| *sub == before["sub"]), "{subjects:?}");
    assert_eq!(mode(&terminal.session_file()), 0o600);
}

#[tokio::test]
async fn an_access_token_that_was_taken_back_is_replaced_too() {
    let terminal = Terminal::open().await;
    terminal.sign_in(&[]).await;
    let token = terminal.kept()["access_token"].as_str().unwrap().to_owned();
    let revoke = Ask::form(&[("token", &token), ("client_id", "hallpass-cli")]).at("/oauth/revoke");
    assert_eq!(terminal.server.send(&revoke).await.status, 200);

    terminal.run(&["whoami"]).good().await;

    assert_ne!(terminal.kept()["access_token"], token);
}

#[tokio::test]
async fn a_sign_in_that_has_ended_says_so_and_how_to_begin_another() {
    let terminal = Terminal::open().await;
    let (_, login) = terminal.sign_in(&[]).await;
    let id = login.json()["sub"].as_str().unwrap().to_owned();
    terminal.run(&["users", "disable", &id]).good().await;
    terminal.edit("expires_at", 0);

    let outcome = terminal.run(&["whoami"]).run().await;

    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(outcome.stderr.contains("hallpass login"), "{outcome:?}");
}

#[tokio::test]
async fn only_the_browser_that_was_sent_off_ends_the_wait() {
    let terminal = Terminal::open().await;

    let program = terminal.login(&[]);
    let (login, (stray, nothing, good)) = tokio::join!(program.run(), async {
        let address = terminal.opened().await;
        let answer = terminal.decide(&address, "allow").await;
        let location = answer.location().to_owned();
        let state = answer.sent("state").unwrap();
        let stray = come_back(&location.replace(&state, &"x".repeat(state.len()))).await;
        let (origin, _) = location.split_once("/callback").unwrap();
        let nothing = send(origin.trim_start_matches("http://").parse().unwrap(), &Ask::get("/favicon.ico")).await;
        (stray.status, nothing.status, come_back(&location).await.status)
    });

    assert_eq!((stray, nothing, good), (400, 404, 200));
    assert_eq!(login.code, Some(0), "{login:?}");
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_not_redeemed() {
    let terminal = Terminal::open().await;

    let program = terminal.login(&[]);
    let (login, page) = tokio::join!(program.run(), async {
        let answer = terminal.decide(&terminal.opened().await, "allow").await;
        let (front, _) = answer.location().split_once("iss=").unwrap();
        come_back(&format!("{front}iss=https%3A%2F%2Fevil.test")).await
    });

    assert_eq!((login.code, page.status), (Some(8), 400), "{login:?}");
    assert!(!terminal.session_file().exists());
}

#[tokio::test]
async fn who_says_no_is_not_signed_in() {
    let terminal = Terminal::open().await;

    let program = terminal.login(&[]);
    let (login, page) = tokio::join!(program.run(), async {
        let answer = terminal.decide(&terminal.opened().await, "deny").await;
        come_back(answer.location()).await
    });

    assert_eq!((login.code, page.status), (Some(5), 400), "{login:?}");
    assert!(login.stderr.contains("access_denied") && page.text().contains("not signed in"));
    assert!(!terminal.session_file().exists());
}

#[tokio::test]
async fn what_can_not_work_is_said_before_a_browser_opens() {
    let terminal = Terminal::open().await;
    let web = ["apps", "create", "web", "--public", "--redirect-uri", "https://web.example/callback"];
    terminal.run(&web).good().await;

    for (code, words, more) in [
        (6, "hallpass apps create nobody --public", &["--client-id", "nobody"][..]),
        (2, "invalid_target", &["--resource", "https://other.example"]),
        (6, "--redirect-uri http://127.0.0.1/callback", &["--client-id", "web"]),
    ] {
        let outcome = terminal.login(more).run().await;

        assert_eq!(outcome.code, Some(code), "{outcome:?}");
        assert!(outcome.stderr.contains(words), "{outcome:?}");
    }
    assert!(!terminal.folder.path().join("opened").exists());
}

#[tokio::test]
async fn waiting_ends_with_patience_and_with_ctrl_c() {
    let terminal = Terminal::open().await;

    let late = terminal.run(&["login", "--issuer", terminal.issuer(), "--no-browser", "--timeout", "1s"]).run().await;
    let opened_by_then = terminal.folder.path().join("opened").exists();
    let mut waiting = terminal.login(&[]).spawn();
    terminal.opened().await;
    signal(waiting.id(), "INT");
    let ended = within(Duration::from_secs(20), async || waiting.try_wait().unwrap().is_some()).await;

    assert_eq!(late.code, Some(2), "{late:?}");
    assert!(late.stderr.contains("/oauth/authorize?") && late.stderr.contains("1s"), "{late:?}");
    assert!(!opened_by_then, "--no-browser opens none");
    assert!(ended);
    assert_eq!(waiting.wait().unwrap().code(), Some(2));
}

#[tokio::test]
async fn a_session_that_others_can_read_is_refused() {
    let terminal = Terminal::open().await;
    terminal.sign_in(&[]).await;
    std::fs::set_permissions(terminal.session_file(), std::fs::Permissions::from_mode(0o644)).unwrap();

    let outcome = terminal.run(&["whoami"]).run().await;

    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("chmod 600"), "{outcome:?}");
}

#[tokio::test]
async fn who_signs_in_anew_leaves_no_earlier_tokens_behind() {
    let terminal = Terminal::open().await;
    terminal.sign_in(&[]).await;
    let first = terminal.kept()["refresh_token"].as_str().unwrap().to_owned();

    let (_, login) = terminal.sign_in(&["--scope", "orders:read", "--resource", "https://orders.example"]).await;

    let form = [("grant_type", "refresh_token"), ("client_id", "hallpass-cli"), ("refresh_token", &first)];
    assert_eq!(terminal.server.send(&Ask::form(&form)).await.status, 400);
    assert_eq!(login.json()["scope"], "openid orders:read");
    let verify =
        terminal.run(&["token", "verify", "--issuer", terminal.issuer(), "--audience", "https://orders.example"]);
    let claims = verify.argument("--json").input(terminal.kept()["access_token"].as_str().unwrap()).good().await.json();
    assert_eq!((&claims["client_id"], &claims["sub"]), (&json!("hallpass-cli"), &login.json()["sub"]));
}

#[tokio::test]
async fn what_the_issuer_can_not_be_told_is_forgotten_only_when_that_is_meant() {
    let terminal = Terminal::open().await;
    terminal.sign_in(&[]).await;
    let logout = terminal.run(&["logout", "--json"]);
    terminal.edit("issuer", super::nowhere());

    let away = logout.run().await;
    let is_kept = terminal.session_file().exists();
    let local = logout.clone().argument("--local").run().await;
    let again = logout.run().await;

    assert_eq!((away.code, is_kept), (Some(7), true), "{away:?}");
    assert_eq!((local.code, terminal.session_file().exists()), (Some(0), false), "{local:?}");
    assert_eq!((again.code, &again.json()["signed_out"]), (Some(0), &json!(false)));
}

#[tokio::test]
async fn nobody_is_signed_in_where_nobody_signed_in() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let whoami = Program::new(folder.path(), &["whoami", "--json"])
        .variable("XDG_CONFIG_HOME", "relative")
        .variable("HOME", &home.display().to_string());

    let outcome = whoami.run().await;

    assert_eq!(outcome.code, Some(4), "{outcome:?}");
    assert!(outcome.stderr.contains("hallpass login") && !home.exists(), "{outcome:?}");
}

#[tokio::test]
async fn a_session_is_kept_where_a_persons_configuration_is() {
    let terminal = Terminal::open().await;
    let (_, login) = terminal.sign_in(&[]).await;
    assert_eq!(login.code, Some(0));
    let config = terminal.folder.path().join("config");
    std::fs::create_dir_all(config.join("hallpass")).unwrap();
    std::fs::rename(terminal.session_file(), config.join("hallpass/session.json")).unwrap();

    let whoami = Program::new(terminal.folder.path(), &["whoami", "--json"])
        .variable("XDG_CONFIG_HOME", &config.display().to_string())
        .good()
        .await;

    assert_eq!(whoami.json()["sub"], login.json()["sub"]);
}
