//! Secrets: where they are, who can read them, and that nobody prints them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hallpass::credential::Purpose;
use hallpass::flow::{Authorized, LogoutRequest, NextStep, Parameters, Returned, Vault};

use crate::support::{Ask, Browser, House, Key, Portal, Program, Reply, SHOP, is_postgres, settings_in};

fn root_key(folder: &Path) -> std::path::PathBuf {
    folder.join("keys/root.key")
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The secret of a key: what stands behind its id, without the checksum.
fn secret(key: &Key) -> &str {
    &key.text[25..57]
}

/// The first pepper, opened.
async fn pepper(house: &House) -> Vec<u8> {
    let row = house.flows.store().list_peppers().await.unwrap().remove(0);
    let vault = Vault::new(&settings_in(house.path()));
    vault.unseal(Purpose::Pepper, &row.id.to_string(), &row.sealed).unwrap().unwrap().to_vec()
}

#[tokio::test]
async fn without_a_good_root_key_serve_refuses_and_says_how_to_mend_it() {
    let folder = tempfile::tempdir().unwrap();
    let serve = Program::serve(folder.path());
    let path = root_key(folder.path());
    fs::create_dir_all(path.parent().unwrap()).unwrap();

    let missing = serve.run().await;
    fs::write(&path, "0123").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    let short = serve.run().await;
    fs::write(&path, "ab".repeat(32)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let exposed = serve.run().await;
    let malformed = serve.clone().variable("HALLPASS_ROOT_KEY", "too short to be one").run().await;

    for (outcome, words) in [
        (missing, ["hallpass root-key new", "HALLPASS_ROOT_KEY"]),
        (short, ["32 bytes", "64 hexadecimal digits"]),
        (exposed, ["chmod 600", "replace it"]),
        (malformed, ["HALLPASS_ROOT_KEY", "32 bytes"]),
    ] {
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        for word in words {
            assert!(outcome.stderr.contains(word), "{word}: {}", outcome.stderr);
        }
        assert!(!outcome.stderr.contains("abab") && !outcome.stderr.contains("too short to be one"));
    }
    assert!(!folder.path().join("hallpass.db").exists(), "nothing was made");
}

#[tokio::test]
async fn a_root_key_may_come_from_the_environment_and_another_one_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = ("5a".repeat(32), "a5".repeat(32));
    let list = Program::new(folder.path(), &["keys", "list", "--json"]);
    Program::new(folder.path(), &["database", "up"]).good().await;

    let made = list.clone().variable("HALLPASS_ROOT_KEY", &own).run().await;
    let again = list.clone().variable("HALLPASS_ROOT_KEY", &own).run().await;
    let wrong = list.clone().variable("HALLPASS_ROOT_KEY", &other).run().await;
    let both = list.variable("HALLPASS_ROOT_KEY", &other).variable("HALLPASS_PREVIOUS_ROOT_KEY", &own).run().await;

    assert_eq!((made.code, again.code, wrong.code, both.code), (Some(0), Some(0), Some(1), Some(0)));
    assert!(!wrong.stderr.contains(&own) && !wrong.stderr.contains(&other), "{}", wrong.stderr);
    assert!(!root_key(folder.path()).exists());
}

#[tokio::test]
async fn what_is_made_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

    Program::new(folder.path(), &["root-key", "new"]).good().await;
    let first = fs::read(root_key(folder.path())).unwrap();
    Program::new(folder.path(), &["root-key", "new"]).good().await;
    Program::new(folder.path(), &["database", "up"]).good().await;

    assert_eq!(fs::read(root_key(folder.path())).unwrap(), first, "one that is there stays");
    assert_eq!(mode(&root_key(folder.path())), 0o600);
    assert_eq!(mode(&folder.path().join("hallpass.db")), 0o600);
}

#[tokio::test]
async fn replacing_the_root_key_seals_everything_anew_while_the_server_runs() {
    let (house, key) = House::with_shop().await;
    house.flows.rotate_pepper().await.unwrap();
    let jwks = house.send(&Ask::get("/.well-known/jwks.json")).await;
    let old_root = fs::read(root_key(house.path())).unwrap();

    let done = Program::beside(&house, &["root-key", "rotate", "--json"]).good().await.json();

    assert_eq!((&done["resealed"], &done["resumed"]), (&3.into(), &false.into()), "two peppers, one signing key");
    assert_ne!(fs::read(root_key(house.path())).unwrap(), old_root);
    let id = done["root_key"].as_str().unwrap();
    assert!(house.flows.store().list_sealed_by_others(id).await.unwrap().is_empty());
    assert_eq!(house.exchange(&key, &[]).await.status, 200);
    fs::remove_file(root_key(house.path()).with_extension("key.previous")).unwrap();
    let house = house.restart().await;
    assert_eq!(house.send(&Ask::get("/.well-known/jwks.json")).await.body, jwks.body, "the same keys sign");
    assert_eq!(house.exchange(&key, &[]).await.status, 200);
}

#[tokio::test]
async fn two_root_keys_live_at_once_and_an_interrupted_replacement_is_finished() {
    let (house, key) = House::with_shop().await;
    let path = root_key(house.path());
    // As if it had been killed when the new root key was in place and nothing was sealed anew.
    fs::rename(&path, path.with_extension("key.previous")).unwrap();
    fs::write(&path, "77".repeat(32)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();

    let house = house.restart().await;
    assert_eq!(house.exchange(&key, &[]).await.status, 200);
    house.flows.rotate_pepper().await.unwrap();
    let done = Program::beside(&house, &["root-key", "rotate", "--json"]).good().await.json();
    fs::remove_file(path.with_extension("key.previous")).unwrap();
    let house = house.restart().await;

    assert_eq!((&done["resealed"], &done["resumed"]), (&2.into(), &true.into()));
    assert_eq!(fs::read_to_string(&path).unwrap().trim(), "77".repeat(32), "no third one was made");
    assert_eq!(house.exchange(&key, &[]).await.status, 200);
}

#[tokio::test]
async fn a_root_key_in_the_environment_is_replaced_there() {
    let folder = tempfile::tempdir().unwrap();
    Program::new(folder.path(), &["database", "up"]).good().await;
    let rotate = Program::new(folder.path(), &["root-key", "rotate"]).variable("HALLPASS_ROOT_KEY", &"5a".repeat(32));

    let outcome = rotate.run().await;

    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("HALLPASS_PREVIOUS_ROOT_KEY"), "{}", outcome.stderr);
}

#[tokio::test]
async fn no_secret_is_at_rest_in_the_clear() {
    let (mut house, key) = House::with_shop().await;
    house.exchange(&key, &[]).await;
    let pepper = pepper(&house).await;
    let row = house.flows.find_key(&key.id).await.unwrap().0;
    house.stop().await;

    assert!(!format!("{row:?}").contains(secret(&key)));
    assert_eq!(row.secret_hash.len(), 32);
    if is_postgres() {
        return;
    }
    for entry in fs::read_dir(house.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = fs::read(&path).unwrap();
            let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!holds(secret(&key).as_bytes()) && !holds(&pepper), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn no_secret_is_printed_even_when_everything_is_logged() {
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).variable("HALLPASS_LOG_LEVEL", "trace").start().await;
    let mut answers: Vec<Reply> = Vec::new();
    let (mut tokens, text) = (Vec::new(), &key.text);
    for (_, ask) in Ask::ways(SHOP, text, &[]) {
        tokens.push(server.send(&ask).await.token());
        let twice = ask.clone().header("X-API-Key", text).header("Authorization", format!("Bearer {text}"));
        answers.push(server.send(&twice).await);
        answers
            .push(server.send(&ask.clone().at(&format!("/oauth/token?api_key={text}x&client_secret={text}x"))).await);
        answers.push(server.send(&ask.clone().at(&format!("/{text}"))).await);
        answers.push(server.send(&ask.at(&format!("/errors/{text}"))).await);
    }
    answers.push(server.send(&Ask::token(&[("scope", text)]).bearer(text)).await);
    answers.push(server.send(&Ask::token(&[("resource", text)]).bearer(text)).await);
    answers.push(server.send(&Ask::form(&[("grant_type", text)]).bearer(text)).await);
    answers.push(server.send(&Ask::token(&[]).bearer(&format!("{text}x"))).await);
    answers.push(server.send(&Ask::token(&[]).bearer(&text[..62])).await);
    answers.push(server.send(&Ask::token(&[]).basic("other", text)).await);
    answers.push(server.send(&Ask::get(&format!("/oauth/token?key={text}"))).await);
    answers.push(server.send(&Ask::token(&[]).header("Cookie", format!("key={text}"))).await);
    let revoked = Program::beside(&house, &["keys", "revoke", &key.id, "--reason", "test"]).good().await;
    answers.push(server.send(&Ask::exchange(&key, &[])).await);

    let pepper = pepper(&house).await;
    let root = fs::read_to_string(root_key(house.path())).unwrap();
    let output = server.output();
    assert!(output.contains("refused") && output.lines().count() > 20, "it did log: {output}");
    let mut hidden = vec![
        secret(&key).to_owned(),
        STANDARD.encode(format!("{SHOP}:{text}")),
        root.trim().to_owned(),
        hex(&pepper),
        URL_SAFE_NO_PAD.encode(&pepper),
        format!("{pepper:?}"),
    ];
    hidden.extend(tokens.iter().map(|token| token.rsplit('.').next().unwrap().to_owned()));
    for needle in &hidden {
        let line = output.lines().find(|line| line.contains(needle.as_str()));
        assert_eq!(line, None, "a secret stands in the log");
        for answer in answers.iter().filter(|answer| answer.status != 200) {
            assert!(!format!("{answer:?}").contains(needle.as_str()), "{answer:?}");
        }
        assert!(!revoked.stdout.contains(needle.as_str()) && !revoked.stderr.contains(needle.as_str()));
    }
}

#[tokio::test]
async fn debug_shows_nothing_that_signs_in() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;
    let flows = &portal.house.flows;
    let session = browser.cookies["hallpass-session"].clone();
    let signed_in = flows.find_signed_in(&session).await.unwrap().unwrap();
    let secret = hallpass::credential::BrowserSecret::parse(&browser.cookies["hallpass-browser"]).unwrap();
    let query = Portal::request(&[]);
    let query = url::form_urlencoded::parse(query.split_once('?').unwrap().1.as_bytes()).into_owned().collect();
    let step = flows.authorize(&Parameters(query), &secret, Some(&signed_in), None).await.unwrap();
    let NextStep::Answer(Authorized { code, .. }) = &step else { panic!("{step:?}") };
    let hint = LogoutRequest { id_token_hint: Some(tokens.id.clone().into()), ..LogoutRequest::default() };
    let returned = Returned { code: Some("SECRET-CODE".to_owned().into()), ..Returned::default() };

    let shown = format!("{step:?} {signed_in:?} {secret:?} {hint:?} {returned:?}");

    for needle in [code.reveal(), &session[30..], secret.reveal(), &tokens.id, "SECRET-CODE"] {
        assert!(!shown.contains(needle), "{needle} in {shown}");
    }
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let (house, key) = House::with_shop().await;
    house.exchange(&key, &[]).await;
    let root = fs::read_to_string(root_key(house.path())).unwrap();
    let prefix = "hp".parse().unwrap();
    let parsed = hallpass::credential::ApiKey::parse(&prefix, &key.text).unwrap();
    let minted = house.flows.create_key(&House::wish(SHOP, &[])).await.unwrap();

    let shown = format!("{:?} {parsed:?} {minted:?} {:?}", house.flows, Vault::new(&settings_in(house.path())));

    for needle in [secret(&key), root.trim(), &hex(&pepper(&house).await), &minted.key.reveal(&prefix)[25..57]] {
        assert!(!shown.contains(needle));
    }
}
