use proptest::prelude::*;

use super::{Fault, Framing, Passed};
use crate::limit;

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// What `text` comes to when it arrives in pieces of `size`.
fn read(text: &[u8], size: usize) -> (Framing, Option<Fault>) {
    let mut framing = Framing::default();
    for mut piece in text.chunks(size) {
        while !piece.is_empty() {
            let passed = framing.pass(piece);
            if passed.fault.is_some() {
                return (framing, passed.fault);
            }
            piece = &piece[passed.count..];
        }
    }
    (framing, None)
}

#[test]
fn a_body_ends_where_its_head_says() {
    for request in [
        GET,
        "\r\nGET / HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na\nb",
        "POST / HTTP/1.1\r\ncontent-length:0\r\n\r\n",
        "POST / HTTP/1.1\r\nX-Content-Length: 9\r\nContent-Length-X: 9\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na\nb\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\ntransfer-encoding: CHUNKED \r\n\r\n0A ; x=y\r\n\n\n\n\n\n\n\n\n\n\n\r\n000\r\nX: y\r\nZ: \r\n\r\n",
    ] {
        for size in 1..=request.len() {
            let (framing, fault) = read(request.as_bytes(), size);

            assert_eq!(fault, None, "{request:?} {size}");
            assert!(!framing.is_in_head() && !framing.is_in_body(), "{request:?} {size}");
        }
    }
}

#[test]
fn what_has_begun_has_not_ended() {
    let is_in = |text: &str| {
        let (framing, _) = read(text.as_bytes(), 3);
        (framing.is_in_head(), framing.is_in_body())
    };

    assert_eq!(is_in(""), (false, false));
    for head in ["\r", "\r\n", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\r"] {
        assert_eq!(is_in(head), (true, false), "{head:?}");
        assert_eq!(is_in(&format!("{GET}{head}")), (true, false), "{head:?}");
    }
    for body in ["Content-Length: 2\r\n\r\n", "Content-Length: 2\r\n\r\na", "Transfer-Encoding: chunked\r\n\r\n0\r\n"] {
        assert_eq!(is_in(&format!("POST / HTTP/1.1\r\n{body}")), (false, true), "{body:?}");
    }
}

#[test]
fn what_the_server_refuses_is_not_followed_by_a_request() {
    for lines in [
        "Content-Length: 0\r\nContent-Length: 0",
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Content-Length:",
        "Content-Length: 99999999999999999999999",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\n\r\nx\r\n",
        "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "Transfer-Encoding: chunked\r\n\r\n1\n",
        "Upgrade: websocket",
    ] {
        let (framing, fault) = read(format!("POST / HTTP/1.1\r\n{lines}\r\n\r\nGET /\n").as_bytes(), 1000);

        assert_eq!((framing.is_lost(), fault), (true, None), "{lines:?}");
    }
    assert!(read(b"CONNECT x:80 HTTP/1.1\r\n\r\n\n", 1000).0.is_lost());
}

#[test]
fn what_is_behind_an_offer_of_h2c_is_looked_at_as_ever() {
    let offering = "POST / HTTP/1.1\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n\n\n";

    let (framing, fault) = read(format!("{offering}GET /\n").as_bytes(), 1000);

    assert_eq!((framing.is_in_head(), fault), (false, Some(Fault::LineEnd)));
}

#[test]
fn a_bad_line_end_is_found_wherever_the_pieces_are_cut() {
    for bad in ["GET /\n", "GET /\rX", "\n", "\rX", "\r\r\n", "GET / HTTP/1.1\r\nHost: x\n\r\n", "GET /\r\nX: y\r\r\n"]
    {
        for before in ["", GET, "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n\n\n"] {
            let text = format!("{before}{bad}");
            for size in 1..=text.len() {
                assert_eq!(read(text.as_bytes(), size).1, Some(Fault::LineEnd), "{text:?} {size}");
            }
        }
    }
}

#[test]
fn a_head_may_be_as_long_as_the_limit_says() {
    for (start, line) in [("GET / HTTP/1.1\r\nX: ", "a"), ("GET / HTTP/1.1\r\n", "X: a\r\n"), ("", "\r\n")] {
        let head = start.to_owned() + &line.repeat(limit::HEAD_MAX / line.len());
        let good = &head.as_bytes()[..limit::HEAD_MAX - 4];

        assert_eq!(read(good, 1000).1, None);
        assert_eq!(read(&[good, &[b'a'; 5]].concat(), 1000).1, Some(Fault::TooLong));
    }
}

#[test]
fn a_head_that_begins_is_told_once() {
    let mut framing = Framing::default();
    let mut begins = |text: &str| framing.pass(text.as_bytes());
    let told = ["\r\n", "\r\nG", "ET / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "x", "G"]
        .map(|text| begins(text).has_begun);

    assert_eq!(told, [true, false, false, true, false, true]);
}

#[test]
fn a_request_is_passed_to_its_end_and_no_further() {
    for request in [
        GET,
        "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\na\nb",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
    ] {
        for behind in ["", "G", GET, "GET /\n", "\n"] {
            let passed = Framing::default().pass(format!("{request}{behind}").as_bytes());

            assert_eq!(passed, Passed { has_begun: true, count: request.len(), fault: None }, "{request:?} {behind:?}");
        }
    }
}

proptest! {
    #[test]
    fn pieces_change_nothing(text in "(GET / HTTP/1.1\r\n|Content-Length: 3\r\n|Transfer-Encoding: chunked\r\n|\r\n|\r|\n|2\r\n|0\r\n|ab){0,12}", size in 1_usize..30) {
        let (whole, pieces) = (read(text.as_bytes(), 1000), read(text.as_bytes(), size));

        prop_assert_eq!(whole.1, pieces.1);
        prop_assert_eq!(whole.0.at, pieces.0.at);
    }
}
