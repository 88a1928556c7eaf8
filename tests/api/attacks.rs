//! What a hostile reading found, each held shut: races of two operators, words that repeat a secret, limits that could be
//! walked round.

use std::process::Stdio;
use std::time::Duration;

use hallpass::flow::{AppWish, ResourceWish};
use hallpass::limit;
use hallpass_verifier::Profile;

use crate::support::{Ask, BILLING, House, Key, ORDERS, Program, SHOP, within};

#[tokio::test]
async fn two_rotations_of_the_root_key_at_once_lose_nothing() {
    let (house, key) = House::with_shop().await;
    let rotate = Program::beside(&house, &["root-key", "rotate"]);

    for _ in 0..4 {
        let (one, other) = tokio::join!(rotate.run(), rotate.run());
        assert_eq!((one.code, other.code), (Some(0), Some(0)), "{one:?} {other:?}");
    }
    let house = house.restart().await;

    assert_eq!(house.exchange(&key, &[]).await.status, 200);
}

#[tokio::test]
async fn a_change_does_not_undo_another_that_was_answered() {
    let (house, _) = House::with_shop().await;
    for round in 0..20 {
        house.change_app(SHOP, AppWish { is_disabled: Some(false), ..AppWish::default() }).await;
        let rename = AppWish { name: Some(format!("Shop {round}")), ..AppWish::default() };
        let disable = AppWish { is_disabled: Some(true), ..AppWish::default() };

        let other = house.flows.update_app(SHOP, &rename);
        let (renamed, disabled) = tokio::join!(other, house.flows.update_app(SHOP, &disable));
        let app = house.flows.find_app(SHOP).await.unwrap();

        assert!(renamed.is_ok() && disabled.is_ok());
        assert!(app.disabled_at.is_some() && app.name == format!("Shop {round}"), "{app:?}");
    }
}

#[tokio::test]
async fn an_emergency_withdraws_keys_of_kinds_that_nothing_uses_any_more() {
    let (house, _) = House::with_shop().await;
    let profile = |profile: Profile| ResourceWish { profile: Some(profile.to_string()), ..ResourceWish::default() };
    house.change_resource(ORDERS, profile(Profile::Compat)).await;
    house.change_resource(ORDERS, profile(Profile::Standard)).await;
    house.flows.tend_ring().await.unwrap();
    assert_eq!(published(&house).await, 2, "the key that retires is still shown");

    house.flows.replace_signing_keys().await.unwrap();

    assert_eq!(published(&house).await, 1);
}

async fn published(house: &House) -> usize {
    house.send(&Ask::get("/.well-known/jwks.json")).await.json()["keys"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn a_hop_that_no_one_can_read_is_in_no_network() {
    let house = House::with(|settings| settings.server.trusted_proxies = vec!["127.0.0.0/8".to_owned()]).await;
    house.furnish().await;
    let mut wish = House::wish(SHOP, &[]);
    wish.networks = vec!["127.0.0.0/8".to_owned(), "192.0.2.0/24".to_owned()];
    let key = house.key_as(&wish).await;
    let status = async |hops: &[u8]| house.send(&Ask::exchange(&key, &[]).header("X-Forwarded-For", hops)).await.status;

    for hops in [b"192.0.2.1".as_slice(), b"192.0.2.1:5555", b"203.0.113.9, 192.0.2.1"] {
        assert_eq!(status(hops).await, 200, "{}", hops.escape_ascii());
    }
    for hops in [b"\xff, 203.0.113.9".as_slice(), b"203.0.113.9:5555", b"[2001:db8::1]", b"unknown", b"192.0.2.1, x"] {
        assert_eq!(status(hops).await, 401, "{}", hops.escape_ascii());
    }
}

#[tokio::test]
async fn a_whole_key_in_the_place_of_an_id_is_not_repeated() {
    let (house, key) = House::with_shop().await;

    let outcome = Program::beside(&house, &["keys", "show", &key.text]).run().await;

    assert_eq!(outcome.code, Some(2));
    assert!(!format!("{outcome:?}").contains(&key.text[25..57]), "{outcome:?}");
}

#[tokio::test]
async fn a_new_key_that_could_not_be_handed_over_is_a_failure() {
    let (house, _) = House::with_shop().await;
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();

    let create = Program::beside(&house, &["keys", "create", SHOP, "--name", "lost"]);
    let status = create.command().stdout(full).stderr(Stdio::null()).status().unwrap();

    assert_eq!(status.code(), Some(1));
}

#[tokio::test]
async fn two_demonstrations_that_start_at_once_both_succeed() {
    let folder = tempfile::tempdir().unwrap();
    let dev = Program::dev(folder.path()).argument("--once");

    let outcomes = tokio::join!(dev.run(), dev.run(), dev.run());

    for outcome in [outcomes.0, outcomes.1, outcomes.2] {
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_demonstration_leaves_what_is_configured_for_production_alone() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "issuer = 'https://id.example'\ndatabase = { url = 'sqlite:production.db' }\nmetrics = { listen = '0.0.0.0:1' }";
    std::fs::write(folder.path().join("hallpass.toml"), toml).unwrap();

    let shown = Program::dev(folder.path()).argument("--once").good().await.json();

    assert!(shown["metrics_url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{shown}");
    assert!(shown["database"].as_str().unwrap().ends_with("/hallpass.db"), "{shown}");
    assert!(!folder.path().join("production.db").exists());
}

#[tokio::test]
async fn nothing_is_declared_by_halves() {
    let (house, _) = House::with_shop().await;
    let toml = format!(
        "[[resources]]\nidentifier = '{BILLING}'\n[[apps]]\nclient_id = 'good'\n[[apps]]\nclient_id = 'Not Good'\n"
    );
    std::fs::write(house.path().join("hallpass.toml"), toml).unwrap();

    let outcome = Program::beside(&house, &["apply"]).run().await;

    assert_eq!(outcome.code, Some(2), "{outcome:?}");
    assert!(house.flows.find_resource(BILLING).await.is_err());
    assert!(house.flows.find_app("good").await.is_err());
}

#[tokio::test]
async fn a_refusal_is_answered_on_a_beat_of_its_own_however_late_the_body_came() {
    let (house, key) = House::with_shop().await;
    let wrong = Key { text: format!("{}x", key.text), ..key };
    let began = std::time::Instant::now();

    let reply = house.exchange(&wrong, &[]).await;

    assert_eq!(reply.status, 401);
    assert!(began.elapsed() >= limit::REFUSAL_BEAT);
}

#[tokio::test]
async fn a_reader_of_the_log_that_stalls_stops_no_request() {
    let folder = tempfile::tempdir().unwrap();
    let talkative = ["dev", "--json", "--listen", "127.0.0.1:0", "--set", "log.level=trace"];
    // Nobody reads its standard error.
    let mut child = Program::new(folder.path(), &talkative).command().spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    let issuer = serde_json::from_str::<serde_json::Value>(&line).unwrap()["issuer"].as_str().unwrap().to_owned();
    let address = issuer.trim_start_matches("http://").parse().unwrap();

    for _ in 0..2_000 {
        let ask = Ask::get("/nothing");
        let reply = tokio::time::timeout(Duration::from_secs(5), crate::support::send(address, &ask)).await;
        assert_eq!(reply.expect("an answer").status, 404);
    }
    crate::support::signal(child.id(), "TERM");
    let has_ended = within(Duration::from_secs(10), async || child.try_wait().unwrap().is_some()).await;

    let _ = child.kill();
    assert!(has_ended, "it does not stop");
}
