//! `hallpass token`: got, read and verified from a shell.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{House, Key, ORDERS, Outcome, Program, SHOP};

fn get(house: &House) -> Program {
    Program::new(house.path(), &["token", "get", "--issuer", house.issuer()])
}

async fn token(house: &House, key: &Key) -> String {
    house.exchange(key, &[]).await.token()
}

#[tokio::test]
async fn get_reads_the_key_from_the_environment_a_file_or_standard_input_and_prints_only_the_token_on_a_pipe() {
    let (house, key) = House::with_shop().await;
    let file = house.path().join("key");
    std::fs::write(&file, format!("{}\n", key.text)).unwrap();
    let file = file.display().to_string();

    for program in [
        get(&house).input(&format!("{}\n", key.text)),
        get(&house).variable("HALLPASS_API_KEY", &key.text),
        get(&house).variable("HALLPASS_API_KEY_FILE", &file),
        get(&house).argument("--key-file").argument(&file),
        get(&house).argument("--key-file").argument(&file).variable("HALLPASS_API_KEY", "nonsense"),
    ] {
        let outcome = program.good().await;
        let claims = house.verify(outcome.stdout.trim_end_matches('\n'), ORDERS).await;

        assert_eq!(claims.unwrap().client_id, SHOP);
        assert_eq!((outcome.stdout.lines().count(), &*outcome.stderr), (1, ""));
    }
}

#[tokio::test]
async fn get_asks_for_what_it_is_told_and_prints_the_whole_answer_as_json() {
    let (house, key) = House::with_shop().await;
    let program = get(&house).variable("HALLPASS_API_KEY", &key.text);

    let narrow = program
        .clone()
        .argument("--json")
        .argument("--scope")
        .argument("orders:read")
        .argument("--resource")
        .argument(ORDERS);
    let answer = narrow.good().await.json();

    assert_eq!(
        (&answer["scope"], &answer["expires_in"], &answer["token_type"]),
        (&json!("orders:read"), &json!(300), &json!("Bearer"))
    );
    let lacking = program.argument("--scope").argument("nothing").run().await;
    assert_eq!((lacking.code, lacking.stderr.contains("invalid_scope")), (Some(1), true));
}

#[tokio::test]
async fn get_tells_a_bad_key_from_a_server_that_is_away() {
    let (house, key) = House::with_shop().await;
    house.revoke(&key).await;
    let program = |key: &str| get(&house).variable("HALLPASS_API_KEY", key);

    let revoked = program(&key.text).run().await;
    let nonsense = program("nonsense").run().await;
    let away =
        Program::new(house.path(), &["token", "get", "--issuer", &super::nowhere()]).input(&key.text).run().await;
    let unsaid = Program::new(house.path(), &["token", "get"]).input(&key.text).run().await;
    let empty = get(&house).input("\n").run().await;

    let codes = [&revoked, &nonsense, &away, &unsaid, &empty].map(|outcome| outcome.code);
    assert_eq!(codes, [Some(4), Some(4), Some(7), Some(2), Some(2)]);
    assert!(away.stderr.contains("Connection refused"), "{away:?}");
    for outcome in [revoked, nonsense, away, unsaid, empty] {
        assert!(outcome.stdout.is_empty() && !outcome.stderr.contains(&key.text[25..57]), "{outcome:?}");
    }
}

/// An issuer that answers as it is told, once for each of its addresses.
async fn stand_in(metadata: impl Fn(&str) -> Value, status: u16, said: &'static str) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let metadata = metadata(&issuer).to_string();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 8192];
            let count = stream.read(&mut head).await.unwrap_or(0);
            let (status, body) = if head[..count].starts_with(b"GET") { (200, &*metadata) } else { (status, said) };
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    issuer
}

#[tokio::test]
async fn get_does_not_send_the_key_anywhere_but_to_the_issuer_itself() {
    let folder = tempfile::tempdir().unwrap();
    let get = async |issuer: String| -> Outcome {
        Program::new(folder.path(), &["token", "get", "--issuer", &issuer]).input("key").run().await
    };

    let elsewhere =
        get(stand_in(|issuer| json!({ "issuer": issuer, "token_endpoint": "http://127.0.0.2:1/x" }), 200, "").await)
            .await;
    let another =
        get(stand_in(|_| json!({ "issuer": "https://evil.test", "token_endpoint": "x" }), 200, "").await).await;

    assert_eq!((elsewhere.code, another.code), (Some(8), Some(8)));
}

#[tokio::test]
async fn get_says_by_its_code_who_said_no_whoever_did() {
    let folder = tempfile::tempdir().unwrap();
    let own = |issuer: &str| json!({ "issuer": issuer, "token_endpoint": format!("{issuer}/token") });

    // What may pass is asked again, so all are asked at once.
    let gets = [
        (401, r#"{"error":"invalid_client"}"#, 4),
        (401, "", 4),
        (403, r#"{"error":"unauthorized_client"}"#, 5),
        (403, "<html>blocked</html>", 5),
        (429, "", 7),
        (503, "{}", 7),
    ]
    .map(|(status, said, code)| {
        let folder = folder.path().to_owned();
        tokio::spawn(async move {
            let issuer = stand_in(own, status, said).await;
            let outcome = Program::new(&folder, &["token", "get", "--issuer", &issuer]).input("key").run().await;
            assert_eq!(outcome.code, Some(code), "{status} {said}: {outcome:?}");
        })
    });
    for get in gets {
        get.await.unwrap();
    }
}

#[tokio::test]
async fn who_waits_hears_soon_that_nobody_answers() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let get = Program::new(folder.path(), &["token", "get", "--issuer", &issuer]).input("key");

    let outcome = tokio::time::timeout(Duration::from_secs(10), get.run()).await.expect("it says so within moments");

    assert_eq!(outcome.code, Some(7));
    assert!(outcome.stderr.contains("has not answered"), "{outcome:?}");
}

#[tokio::test]
async fn inspect_shows_what_a_token_says_and_that_nobody_vouches_for_it() {
    let (house, key) = House::with_shop().await;
    let token = token(&house, &key).await;
    let inspect = Program::new(house.path(), &["token", "inspect"]);

    let people = inspect.clone().input(&token).good().await;
    let programs = inspect.clone().argument("--json").input(&format!(" {token}\n")).good().await.json();

    assert!(people.stdout.contains("\"client_id\": \"shop\"") && people.stderr.contains("not verified"));
    assert_eq!((&programs["verified"], &programs["header"]["alg"]), (&json!(false), &json!("ES256")));
    assert_eq!(programs["claims"]["key_id"], key.id);
    for nonsense in ["", "x", "a.b.c", "..", &".".repeat(60_000)] {
        assert_eq!(inspect.clone().input(nonsense).run().await.code, Some(8), "{nonsense}");
    }
}

#[tokio::test]
async fn verify_says_whether_a_token_is_true_and_for_whom() {
    let folder = tempfile::tempdir().unwrap();
    let server = Program::dev(folder.path()).start().await;
    let issuer = server.ready["issuer"].as_str().unwrap().to_owned();
    let token = server.ready["access_token"].as_str().unwrap().to_owned();
    let verify = |issuer: &str, audience: &str| {
        Program::new(folder.path(), &["token", "verify", "--issuer", issuer, "--audience", audience])
    };
    let file = folder.path().join("token");
    std::fs::write(&file, &token).unwrap();
    let forged = format!("{}x", &token[..token.len() - 1]);

    let good = verify(&issuer, ORDERS).argument("--json").input(&token).run().await;
    let from_file = verify(&issuer, ORDERS).argument("--token-file").argument(&file.display().to_string()).run().await;
    let wrong_audience = verify(&issuer, "https://other.example").input(&token).run().await;
    let tampered = verify(&issuer, ORDERS).input(&forged).run().await;
    let wrong_issuer = verify(&issuer.replace("127.0.0.1", "localhost"), ORDERS).input(&token).run().await;
    let away = verify(&super::nowhere(), ORDERS).input(&token).run().await;

    assert_eq!((good.code, from_file.code), (Some(0), Some(0)), "{good:?}");
    assert_eq!(good.json(), server.ready["claims"]);
    assert_eq!((wrong_audience.code, tampered.code), (Some(8), Some(8)));
    assert!(matches!(wrong_issuer.code, Some(7 | 8)), "{wrong_issuer:?}");
    assert_eq!(away.code, Some(7));
}
