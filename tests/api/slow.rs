//! Slow callers, and heads that never become a request: each gets its time and not more, and nobody else waits.

use std::time::{Duration, Instant};

use hallpass::limit;
use tokio::time::sleep;

use crate::support::{Ask, House, Key, Reply, Wire};

const FORM: &str = "grant_type=client_credentials";
/// Between two drips.
const A_MOMENT: Duration = Duration::from_millis(500);

/// The head of an exchange over a connection that is kept, with these further lines.
fn head(key: &Key, lines: &str) -> String {
    format!(
        "POST /oauth/token HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{lines}\r\n",
        key.text
    )
}

fn exchange(key: &Key) -> String {
    head(key, &format!("Content-Length: {}\r\n", FORM.len())) + FORM
}

/// Writes `drip` again and again until the connection ends: how long that took, and what was answered.
async fn drip(wire: &mut Wire, drip: &str) -> (Duration, Vec<Reply>) {
    let (began, mut replies) = (Instant::now(), Vec::new());
    loop {
        tokio::select! {
            reply = wire.reply() => match reply {
                Some(reply) => replies.push(reply),
                None => return (began.elapsed(), replies),
            },
            () = sleep(A_MOMENT) => {
                let _ = wire.write(drip).await;
            }
        }
        assert!(began.elapsed() < 2 * limit::REQUEST_MAX, "still open: {replies:?}");
    }
}

fn assert_is_ours(reply: &Reply, status: u16, house: &House) {
    assert_eq!(reply.refusal(), (status, "invalid_request".to_owned()), "{reply:?}");
    assert_eq!(reply.json()["error_uri"], format!("{}/errors/invalid_request", house.issuer()));
    assert_eq!(reply.header("connection"), Some("close"), "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("x-request-id").map(str::len), Some(16));
    assert!(reply.header("date").is_some_and(|date| date.ends_with(" GMT")));
}

#[tokio::test]
async fn a_dripped_head_gets_as_long_on_a_kept_connection_as_on_a_new_one() {
    let (house, key) = House::with_shop().await;
    let mut first = Wire::open(house.node).await;
    let mut second = Wire::open(house.node).await;
    second.write(exchange(&key)).await.unwrap();
    assert_eq!(second.reply().await.unwrap().status, 200);
    second.write("GET /livez HTTP/1.1\r\n").await.unwrap();
    // A head that begins right behind a request, before its answer.
    let mut behind = Wire::open(house.node).await;
    behind.write(exchange(&key) + "GET /livez HTTP/1.1\r\n").await.unwrap();
    assert_eq!(behind.reply().await.unwrap().status, 200);

    let ends = tokio::join!(drip(&mut first, "X"), drip(&mut second, "X: a\r\n"), drip(&mut behind, "X"));

    for (took, replies) in [ends.0, ends.1, ends.2] {
        assert!((limit::READ_TIMEOUT / 2..2 * limit::READ_TIMEOUT).contains(&took), "{took:?}");
        assert_eq!(replies.len(), 1, "{replies:?}");
        assert_is_ours(&replies[0], 408, &house);
    }
    assert_eq!(house.exchange(&key, &[]).await.status, 200);
}

#[tokio::test]
async fn half_a_head_and_then_silence_is_closed_too() {
    let (house, key) = House::with_shop().await;
    let mut wire = Wire::open(house.node).await;
    wire.write(exchange(&key) + "GET /livez HTTP/1.1\r\nHost").await.unwrap();
    let began = Instant::now();

    let (answer, late) = (wire.reply().await.unwrap(), wire.reply().await.unwrap());

    assert_eq!(answer.status, 200);
    assert_is_ours(&late, 408, &house);
    assert!(began.elapsed() < 2 * limit::READ_TIMEOUT, "{:?}", began.elapsed());
    assert!(wire.closes().await);
}

#[tokio::test]
async fn a_dripped_body_is_408_and_the_connection_does_not_outlive_it() {
    let (house, key) = House::with_shop().await;
    let mut counted = Wire::open(house.node).await;
    counted.write(head(&key, "Content-Length: 1000\r\n")).await.unwrap();
    let mut chunked = Wire::open(house.node).await;
    chunked.write(head(&key, "Transfer-Encoding: chunked\r\n")).await.unwrap();
    let mut endless = Wire::open(house.node).await;
    endless.write(head(&key, "Transfer-Encoding: chunked\r\n") + "f0000\r\n").await.unwrap();

    let ends = tokio::join!(drip(&mut counted, "x"), drip(&mut chunked, "1\r\nx\r\n"), drip(&mut endless, "x"));

    for (took, replies) in [ends.0, ends.1, ends.2] {
        assert!(took < limit::READ_TIMEOUT + limit::REQUEST_MAX + limit::READ_TIMEOUT, "{took:?}");
        assert_eq!(replies.len(), 1, "{replies:?}");
        assert_eq!(replies[0].refusal(), (408, "invalid_request".to_owned()));
    }
}

#[tokio::test]
async fn empty_lines_are_no_way_to_stay() {
    let house = House::open().await;
    let mut wire = Wire::open(house.node).await;

    let (took, _) = drip(&mut wire, "\r\n").await;

    assert!(took < 2 * limit::READ_TIMEOUT, "{took:?}");
}

#[tokio::test]
async fn who_does_not_read_the_answers_is_let_go() {
    let house = House::open().await;
    let mut wire = Wire::open(house.node).await;
    let many = "GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    let mut last = Instant::now();

    // Until nothing goes through any more: the server has stopped reading, since nobody reads what it wrote.
    while wire.write_within(&many, limit::REQUEST_MAX * 2).await {
        last = Instant::now();
    }

    assert!(last.elapsed() < limit::REQUEST_MAX + limit::READ_TIMEOUT, "{:?}", last.elapsed());
}

#[tokio::test]
async fn an_idle_connection_is_kept_and_a_silent_new_one_is_not() {
    let (house, key) = House::with_shop().await;
    let mut kept = Wire::open(house.node).await;
    kept.write(exchange(&key)).await.unwrap();
    assert_eq!(kept.reply().await.unwrap().status, 200);
    let mut silent = Wire::open(house.node).await;

    assert!(silent.closes().await);
    sleep(2 * limit::READ_TIMEOUT).await;
    kept.write(exchange(&key)).await.unwrap();

    assert_eq!(kept.reply().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_line_that_does_not_end_in_cr_lf_is_400_wherever_the_pieces_are_cut() {
    let (house, key) = House::with_shop().await;
    let good = exchange(&key);

    for bad in ["\n", "\r", "\r\r\n", "\n\n", "\n\r\n"] {
        for at in [good.find("\r\n").unwrap(), good.find("\r\nAuthorization").unwrap(), good.find("\r\n\r\n").unwrap()]
        {
            let (before, after) = (&good[..at], &good[at + 2..]);
            for cut in [0, 1, bad.len()] {
                let bytes = format!("{good}{before}{bad}{after}{good}");
                let cut = good.len() + at + cut;
                let mut wire = Wire::open(house.node).await;
                wire.write(&bytes[..cut]).await.unwrap();
                sleep(Duration::from_millis(1)).await;
                let _ = wire.write(&bytes[cut..]).await;

                assert_eq!(wire.reply().await.unwrap().status, 200, "{bad:?} {cut}");
                assert_is_ours(&wire.reply().await.unwrap(), 400, &house);
                assert!(wire.closes().await);
            }
        }
    }
}

#[tokio::test]
async fn what_can_not_be_read_as_a_request_is_answered_in_our_words() {
    let (house, key) = House::with_shop().await;
    let long = head(&key, &format!("X: {}\r\n", "a".repeat(limit::HEAD_MAX)));
    let lines = head(&key, &"X: a\r\n".repeat(limit::HEAD_MAX / 6));
    let many = head(&key, &"X: a\r\n".repeat(100));

    for (bytes, status) in [
        ("GET /livez HTTP/1.2\r\nHost: x\r\n\r\n", 400),
        ("GET /livez HTTP/1.1\r\n\r\n", 400),
        ("GET /livez\nHost: x\n\n", 400),
        ("\u{16}\u{3}\u{1}\r\n\r\n", 400),
        (&*long, 431),
        (&*lines, 431),
        (&*many, 431),
    ] {
        for before in ["", &*exchange(&key)] {
            let mut wire = Wire::open(house.node).await;
            let _ = wire.write(format!("{before}{bytes}")).await;

            if !before.is_empty() {
                assert_eq!(wire.reply().await.unwrap().status, 200, "{bytes}");
            }
            assert_is_ours(&wire.reply().await.unwrap(), status, &house);
            assert!(wire.closes().await, "{bytes}");
        }
    }
}

#[tokio::test]
async fn after_an_answer_that_closes_nothing_more_is_said() {
    let (house, key) = House::with_shop().await;
    let closing = String::from_utf8(Ask::exchange(&key, &[]).bytes()).unwrap();
    let mut wire = Wire::open(house.node).await;

    let _ = wire.write(format!("{closing}GET /\nX")).await;

    let reply = wire.reply().await.unwrap();
    assert_eq!((reply.status, reply.header("connection")), (200, Some("close")));
    assert!(wire.closes().await);
}

#[tokio::test]
async fn bodies_of_every_form_are_passed_over_and_what_follows_is_read() {
    let (house, key) = House::with_shop().await;
    // Bare line feeds are nobody's business in a body.
    let counted = |body: &str| head(&key, &format!("content-length:{}\r\n", body.len())) + body;
    let chunked = |body: &str| head(&key, "Transfer-Encoding:  Chunked \r\n") + body;
    let asks = [
        counted("grant_type=client_credentials&a=\n\r\r\n\r\nGET /\n"),
        "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        chunked("A;x=\"y\"\r\ngrant_type\r\n13\r\n=client_credentials\r\n2\r\n&a\r\n0\r\n\r\n"),
        chunked("1d\r\ngrant_type=client_credentials\r\n0\r\nX: y\r\nZ: \r\n\r\n"),
        chunked("0\r\n\r\n"),
        counted(""),
        exchange(&key),
    ];
    let all = asks.concat();

    for size in [1, 2, 7, 100, all.len()] {
        let mut wire = Wire::open(house.node).await;
        for piece in all.as_bytes().chunks(size) {
            wire.write(piece).await.unwrap();
        }
        for status in [200, 200, 200, 200, 400, 400, 200] {
            assert_eq!(wire.reply().await.unwrap().status, status, "{size}");
        }
    }
}

#[tokio::test]
async fn what_was_accepted_is_finished_at_shutdown_and_what_idles_is_not_waited_for() {
    let (mut house, key) = House::with_shop().await;
    let mut idle = Wire::open(house.node).await;
    idle.write(exchange(&key)).await.unwrap();
    assert_eq!(idle.reply().await.unwrap().status, 200);
    let (start, end) = FORM.split_at(10);
    let mut slow = Wire::open(house.node).await;
    slow.write(head(&key, &format!("Content-Length: {}\r\n", FORM.len())) + start).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let began = Instant::now();

    let finish = async {
        sleep(Duration::from_secs(1)).await;
        slow.write(end).await.unwrap();
        slow.reply().await.unwrap()
    };
    let ((), reply) = tokio::join!(house.stop(), finish);

    assert_eq!(reply.status, 200);
    assert!(idle.closes().await);
    assert!(began.elapsed() < limit::READ_TIMEOUT, "{:?}", began.elapsed());
}
