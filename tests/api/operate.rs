//! What an operator runs: health, numbers, a quiet end, certificates, and a refusal to start on what is unsafe.

use std::time::Duration;

use serde_json::json;

use crate::support::{Ask, House, ORDERS, Program, Wire, certificate, free_port, send, signal, within};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

#[tokio::test]
async fn health_is_told_apart_from_readiness() {
    let house = House::open().await;
    let get = async |target| house.send(&Ask::get(target)).await;

    let (live, ready, health, version) =
        (get("/livez").await, get("/readyz").await, get("/healthz").await, get("/version").await);

    assert_eq!(live.json(), json!({ "status": "ok" }));
    let checks = json!({ "database": "ok", "signing_key": "ok" });
    assert_eq!(ready.json(), json!({ "status": "ok", "checks": checks }));
    assert_eq!(health.json(), ready.json());
    assert_eq!(version.json(), json!({ "name": "hallpass", "version": env!("CARGO_PKG_VERSION") }));
    for reply in [live, ready, health, version] {
        assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")));
    }
}

#[tokio::test]
async fn numbers_are_on_a_second_listener_and_nowhere_else() {
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    server.send(&Ask::exchange(&key, &[])).await;
    server.send(&Ask::token(&[])).await;
    let metrics = server.metrics.unwrap();

    let numbers = send(metrics, &Ask::get("/metrics")).await;

    for line in [
        "hallpass_http_requests_total{route=\"token\",status=\"2xx\"} 1",
        "hallpass_http_requests_total{route=\"token\",status=\"4xx\"} 1",
        "hallpass_tokens_issued_total{profile=\"standard\"} 1",
        "hallpass_refused_total{error=\"invalid_client\"} 1",
        "hallpass_job_failing{job=\"follow\"} 0",
    ] {
        assert!(numbers.text().contains(line), "{line}: {}", numbers.text());
    }
    assert!(!numbers.text().contains(&key.id) && !numbers.text().contains("shop"), "no number is about one caller");
    assert_eq!(server.send(&Ask::get("/metrics")).await.status, 404);
    assert_eq!(send(metrics, &Ask::exchange(&key, &[])).await.status, 404);
    assert_eq!(send(metrics, &Ask::get("/livez")).await.status, 404);
}

#[tokio::test]
async fn a_server_that_is_stopped_finishes_what_it_accepted() {
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;
    let body = "grant_type=client_credentials";
    let head = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: x\r\n{FORM}Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
        key.text,
        body.len()
    );
    let (mut wire, mut idle) = (Wire::open(server.address).await, Wire::open(server.address).await);
    idle.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert_eq!(idle.reply().await.unwrap().status, 200);
    wire.write(format!("{head}{}", &body[..5])).await.unwrap();
    // Once a request behind it was answered, this one was accepted.
    server.send(&Ask::get("/livez")).await;

    signal(server.id(), "TERM");
    let refuses = async || tokio::net::TcpStream::connect(server.address).await.is_err();
    assert!(within(Duration::from_secs(5), refuses).await, "nobody new is let in");
    wire.write(&body[5..]).await.unwrap();
    let reply = wire.reply().await.expect("an answer");

    assert!(reply.json()["access_token"].is_string(), "{reply:?}");
    let began = std::time::Instant::now();
    assert_eq!(server.stop().await, Some(0));
    assert!(began.elapsed() < Duration::from_secs(10), "an idle connection holds nothing up: {:?}", began.elapsed());
}

#[tokio::test]
async fn tls_is_served_and_a_new_certificate_is_taken_up_without_a_restart() {
    let house = House::open().await;
    let first = certificate::make(house.path()).await;
    let server = Program::serve(house.path()).on(&house.database).with_tls().start().await;
    let is_served = async |pem: &[u8]| certificate::get(&certificate::client(pem), server.address.port()).await;

    assert!(is_served(&first).await);
    let mut plain = Wire::open(server.address).await;
    plain.write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    assert!(plain.reply().await.is_none(), "no plain HTTP on that port");

    std::fs::write(house.path().join("tls.pem"), "broken").unwrap();
    let says_so = async || server.output().contains("\"job\":\"certificate\"");
    assert!(within(Duration::from_secs(30), says_so).await, "an unusable pair is reported");
    assert!(is_served(&first).await, "and leaves the old one in place");

    let second = certificate::make(house.path()).await;
    assert!(within(Duration::from_secs(30), async || is_served(&second).await).await);
    assert!(!is_served(&first).await);
}

#[tokio::test]
async fn serve_refuses_what_is_unsafe_and_says_how_to_mend_it() {
    let folder = tempfile::tempdir().unwrap();
    Program::new(folder.path(), &["root-key", "new"]).good().await;
    std::fs::write(folder.path().join("odd.pem"), "nothing").unwrap();
    let odd = folder.path().join("odd.pem").display().to_string();
    let listen = ("HALLPASS_SERVER_LISTEN", "0.0.0.0:0");
    let issuer = |issuer| ("HALLPASS_ISSUER", issuer);

    for (code, variables, words) in [
        (1, vec![issuer("")], "HALLPASS_ISSUER"),
        (1, vec![issuer("https://id.example"), listen], "plain_http"),
        (2, vec![issuer("http://id.example")], "loopback"),
        (2, vec![issuer("https://id.example/")], "slash"),
        (2, vec![issuer("https://id.example?x")], "query"),
        (2, vec![issuer("id.example")], "issuer"),
        (2, vec![("HALLPASS_TLS_CERTIFICATE_FILE", &*odd)], "key_file"),
        (1, vec![("HALLPASS_TLS_CERTIFICATE_FILE", &*odd), ("HALLPASS_TLS_KEY_FILE", &*odd)], "odd.pem"),
        (2, vec![("HALLPASS_SERVER_TRUSTED_PROXIES", "everyone")], "10.0.0.0/8"),
        (2, vec![("HALLPASS_KEYS_PREFIX", "h_p")], "prefix"),
        (2, vec![("HALLPASS_SIGNING_KEYS_ACTIVE", "2d")], "3d"),
        (2, vec![("HALLPASS_KEYS_MAX_EXPIRY", "1d")], "max_expiry"),
        (1, vec![("HALLPASS_DATABASE_URL", "mysql://x")], "sqlite:"),
        (1, vec![("HALLPASS_DATABASE_URL", "sqlite::memory:")], "file"),
    ] {
        let mut serve = Program::serve(folder.path());
        for (name, value) in &variables {
            serve = serve.variable(name, value);
        }
        let outcome = serve.run().await;

        assert_eq!(outcome.code, Some(code), "{variables:?}: {outcome:?}");
        assert!(outcome.stderr.contains(words), "{words}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_log_is_json_off_a_terminal_and_names_each_refusal_once_with_the_id_in_the_answer() {
    let (house, key) = House::with_shop().await;
    let server = Program::serve(house.path()).on(&house.database).start().await;

    let good = server.send(&Ask::exchange(&key, &[])).await;
    let refused = server.send(&Ask::exchange(&key, &[("resource", "https://x.example"), ("audience", ORDERS)])).await;

    let id = refused.header("x-request-id").unwrap().to_owned();
    assert!(within(Duration::from_secs(5), async || server.output().contains(&id)).await);
    let output = server.output();
    let lines: Vec<&str> = output.lines().filter(|line| line.contains(&id)).collect();
    let line: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!((lines.len(), &line["error"], &line["message"]), (1, &json!("invalid_target"), &json!("refused")));
    assert!(line["cause"].is_string());
    assert!(!output.contains(good.header("x-request-id").unwrap()), "a good exchange is no news");
    assert!(output.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
}

#[tokio::test]
async fn who_is_not_ready_yet_accepts_nobody() {
    // A database that takes whoever comes and says nothing.
    let database = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let house = House::open().await;
    let (own, metrics) = (free_port(), free_port());
    let program = Program::serve(house.path())
        .variable("HALLPASS_SERVER_LISTEN", &format!("127.0.0.1:{own}"))
        .variable("HALLPASS_METRICS_LISTEN", &format!("127.0.0.1:{metrics}"))
        .variable("HALLPASS_DATABASE_URL", &format!("postgres://x@{}/x", database.local_addr().unwrap()));
    let mut child = program.command().spawn().unwrap();

    let asked = database.accept().await.unwrap();

    for port in [own, metrics] {
        let refused = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused, "a proxy asks another node meanwhile");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    drop(asked);
}
