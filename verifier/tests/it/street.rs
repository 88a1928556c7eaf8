//! The extractor behind a real server: bytes that no client library would send, and the worker that survives them.

use std::net::SocketAddr;

use actix_web::{App, HttpResponse, HttpServer, web};
use hallpass_verifier::actix::Bearer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{House, claims};

async fn whoami(caller: Bearer) -> HttpResponse {
    HttpResponse::Ok().body(caller.into_claims().sub)
}

/// One worker, so that the next answer comes from the one that had the trouble.
fn open(house: &House) -> SocketAddr {
    let verifier = web::Data::new(house.verifier.clone());
    let server = HttpServer::new(move || App::new().app_data(verifier.clone()).route("/", web::get().to(whoami)))
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
    let address = server.addrs()[0];
    actix_web::rt::spawn(server.run());
    address
}

/// The status that a head gets; nothing when the connection was closed instead.
async fn status(address: SocketAddr, authorization: &[u8]) -> Option<u16> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = [&b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"[..], authorization, b"\r\n\r\n"].concat();
    // The server may hang up before it has read all of it.
    let _ = stream.write_all(&head).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).split(' ').nth(1).and_then(|status| status.parse().ok())
}

#[actix_web::test]
async fn strange_bytes_are_refused_and_the_worker_survives() {
    let house = House::open();
    let address = open(&house);
    let good = format!("Authorization: Bearer {}", house.es256.token(&claims()));
    let strange: [Vec<u8>; 9] = [
        format!("Authorization: Bearer {}", "a".repeat(64 * 1024)).into(),
        format!("Authorization: Bearer {}", "a".repeat(1024 * 1024)).into(),
        b"Authorization: Bearer \xff\xfe\xfd".to_vec(),
        "Authorization: Bearer tökén".into(),
        b"Authorization: Bearer a\0b".to_vec(),
        b"Authorization: Bearer\r\n a.b.c".to_vec(),
        b"Authorization: Bearer a\rb".to_vec(),
        format!("{good}\r\nAuthorization: Basic YTpi").into(),
        format!("{good}\r\nauthorization: bearer x").into(),
    ];

    for authorization in strange {
        let status = status(address, &authorization).await;
        assert!(matches!(status, None | Some(400 | 401 | 431)), "{status:?}");
        assert_eq!(self::status(address, good.as_bytes()).await, Some(200), "the worker survives");
    }
    assert_eq!(status(address, b"X: y").await, Some(401));
    assert_eq!(status(address, b"Authorization: Bearer ").await, Some(400));
}
