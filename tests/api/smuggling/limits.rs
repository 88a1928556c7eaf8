//! Requests that are too long, too slow, or spelled in another way.

use std::time::{Duration, Instant};

use hallpass::limit;

use crate::support::{Ask, House, Wire, send};

#[tokio::test]
async fn only_one_spelling_of_the_path_leads_to_the_endpoint() {
    let (house, key) = House::with_shop().await;

    for target in [
        "//oauth/token",
        "/oauth//token",
        "/oauth/token/",
        "/OAUTH/TOKEN",
        "/oauth/Token",
        "/oauth/%74oken",
        "/oauth%2ftoken",
        "/oauth/token%2f",
        "/oauth/token;x",
        "/oauth/token%00",
        "/oauth/token/..",
        "/oauth/token/.",
        "/oauth/token/../token",
        "/./oauth/token",
        "/x/../oauth/token",
        "/oauth\\token",
        "/oauth/token.json",
        "/oauth/token%20",
        "/oauth/token%3f",
    ] {
        let reply = send(house.node, &Ask::exchange(&key, &[]).at(target)).await;

        assert_eq!(reply.refusal(), (404, "not_found".to_owned()), "{target}");
    }
    for target in ["oauth/token", "/oauth/token\0", "/oauth/tok\u{eb}n", "/oauth/token x"] {
        let reply = send(house.node, &Ask::exchange(&key, &[]).at(target)).await;

        assert_eq!(reply.status, 400, "{target}");
    }
}

#[tokio::test]
async fn a_head_of_64_kb_to_1_mb_or_with_odd_bytes_is_refused_or_served_and_the_worker_survives() {
    let (house, key) = House::with_shop().await;

    for (name, value, expected) in [
        ("64 KB", vec![b'a'; 64 * 1024], [200, 431]),
        ("200 KB", vec![b'a'; 200 * 1024], [431, 400]),
        ("1 MB", vec![b'a'; 1024 * 1024], [431, 400]),
        ("not ASCII", vec![0xc3, 0xa4, 0xff], [200, 400]),
        ("NUL", b"a\0b".to_vec(), [400, 400]),
        ("a control character", b"a\x01b".to_vec(), [400, 400]),
    ] {
        let reply = send(house.node, &Ask::exchange(&key, &[]).header("X-Odd", &value)).await;

        assert!(expected.contains(&reply.status), "{name}: {reply:?}");
    }
    let hundred = (0..200).fold(Ask::exchange(&key, &[]), |ask, at| ask.header(&format!("X-{at}"), "a"));
    assert_eq!(send(house.node, &hundred).await.status, 431);
    for bytes in [&[0xc3, 0xa4, 0xff][..], &[0xd2, 0xbb][..]] {
        let reply = send(house.node, &Ask::token(&[]).header("X-API-Key", bytes)).await;
        assert_eq!(reply.refusal(), (401, "invalid_client".to_owned()));
    }
    assert_eq!(house.exchange(&key, &[]).await.status, 200);
}

#[tokio::test]
async fn a_million_dots_for_a_key_are_refused_at_once() {
    let (house, _) = House::with_shop().await;
    let dots = ".".repeat(1_000_000);
    let began = Instant::now();

    let head = send(house.node, &Ask::token(&[]).bearer(&dots)).await;
    let body = send(house.node, &Ask::token(&[("client_secret", &dots)])).await;

    assert_eq!((head.status, body.status), (431, 413));
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn who_sends_a_byte_a_second_is_let_go_and_others_are_served_meanwhile() {
    let (house, key) = House::with_shop().await;
    let began = Instant::now();
    let mut slow = Vec::new();
    for _ in 0..50 {
        let mut wire = Wire::open(house.node).await;
        wire.write("POST /oauth/token HTTP/1.1\r\nHost: x\r\n").await.unwrap();
        slow.push(wire);
    }
    let mut others = 0;

    let last = loop {
        tokio::select! {
            reply = slow[0].reply() => break reply,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        for wire in &mut slow {
            let _ = wire.write("X").await;
        }
        assert_eq!(send(house.node, &Ask::exchange(&key, &[])).await.status, 200);
        others += 1;
    };

    assert!(last.is_none_or(|reply| reply.status == 408));
    assert!(began.elapsed() < 3 * limit::READ_TIMEOUT, "{:?}", began.elapsed());
    assert!(others > 0);
}
