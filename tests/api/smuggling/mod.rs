//! Requests that a proxy in front might read in another way than we do.

mod limits;

use crate::support::{House, Key, Reply, Wire};

const BODY: &str = "grant_type=client_credentials";

const CHUNKED: &str = "1d\r\ngrant_type=client_credentials\r\n0\r\n\r\n";

/// What a smuggler would like to have answered as a request of its own.
const SMUGGLED: &str = "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// An exchange with these further header lines and this body.
fn post(key: &Key, lines: &str, body: &str) -> String {
    post_at(key, "/oauth/token HTTP/1.1", lines, body)
}

fn post_at(key: &Key, target: &str, lines: &str, body: &str) -> String {
    format!(
        "POST {target}\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{lines}\r\n{body}",
        key.text
    )
}

fn counted() -> String {
    format!("Content-Length: {}\r\n", BODY.len())
}

/// All answers to `bytes` until the server closes.
async fn replies(house: &House, bytes: impl AsRef<[u8]>) -> Vec<Reply> {
    let mut wire = Wire::open(house.node).await;
    let _ = wire.write(bytes).await;
    let mut replies = Vec::new();
    while let Some(reply) = wire.reply().await {
        replies.push(reply);
    }
    replies
}

/// Refused once, and the connection is closed: what follows is never read as a request.
async fn assert_refused_and_closed(house: &House, name: &str, bytes: &str) {
    let replies = replies(house, format!("{bytes}{SMUGGLED}")).await;

    assert_eq!(replies.len(), 1, "{name}: {replies:?}");
    assert_eq!(replies[0].status, 400, "{name}: {replies:?}");
}

/// The same for a request whose end is plain: what follows is a request of its own, if it is read at all.
async fn assert_refused_and_the_last(house: &House, name: &str, bytes: &str) {
    let replies = replies(house, bytes).await;

    assert_eq!(replies.len(), 1, "{name}: {replies:?}");
    assert_eq!((replies[0].status, replies[0].header("connection")), (400, Some("close")), "{name}: {replies:?}");
}

#[tokio::test]
async fn two_ways_to_say_how_long_a_body_is_are_400_and_closed_cl_te_te_cl() {
    let (house, key) = House::with_shop().await;
    let chunked = "Transfer-Encoding: chunked\r\n";

    for (name, lines, body) in [
        ("CL.TE", format!("Content-Length: 6\r\n{chunked}"), "0\r\n\r\nG"),
        ("CL.TE, both right", format!("{}{chunked}", counted()), CHUNKED),
        ("TE.CL", format!("{chunked}Content-Length: 4\r\n"), "5c\r\nGPOST / HTTP/1.1\r\n"),
        ("TE.TE", format!("{chunked}Transfer-Encoding: identity\r\n"), CHUNKED),
        ("the same length twice", counted().repeat(2), BODY),
        ("two lengths", format!("{}Content-Length: 5\r\n", counted()), BODY),
        ("a list of lengths", "Content-Length: 29, 29\r\n".to_owned(), BODY),
    ] {
        assert_refused_and_closed(&house, name, &post(&key, &lines, body)).await;
    }
}

#[tokio::test]
async fn a_length_or_an_encoding_that_is_not_plain_is_400_and_closed() {
    let (house, key) = House::with_shop().await;

    for length in ["+29", "-1", "0x1d", "29 x", "99999999999999999999999", "", "29\0", "2 9"] {
        let lines = format!("Content-Length: {length}\r\n");
        assert_refused_and_closed(&house, length, &post(&key, &lines, BODY)).await;
    }
    for encoding in [
        "identity",
        "chunked, chunked",
        "chunked, identity",
        "gzip, chunked",
        "xchunked",
        "chunked\u{b}",
        "chunked;x",
        "",
        "\r\n chunked",
    ] {
        let lines = format!("Transfer-Encoding: {encoding}\r\n");
        assert_refused_and_closed(&house, encoding, &post(&key, &lines, CHUNKED)).await;
    }
    let spaced = post(&key, "Transfer-Encoding : chunked\r\n", CHUNKED);
    assert_refused_and_closed(&house, "a space before the colon", &spaced).await;
}

#[tokio::test]
async fn chunks_that_are_not_plain_are_400_and_closed() {
    let (house, key) = House::with_shop().await;

    for body in [
        "1d\ngrant_type=client_credentials\n0\n\n",
        "1d;\ngrant_type=client_credentials\r\n0\r\n\r\n",
        "0x1d\r\ngrant_type=client_credentials\r\n0\r\n\r\n",
        "-1\r\ngrant_type=client_credentials\r\n0\r\n\r\n",
        "fffffffffffffffff\r\ngrant_type=client_credentials\r\n0\r\n\r\n",
        "1c\r\ngrant_type=client_credentials\r\n0\r\n\r\n",
    ] {
        assert_refused_and_closed(&house, body, &post(&key, "Transfer-Encoding: chunked\r\n", body)).await;
    }
}

#[tokio::test]
async fn an_extension_of_a_chunk_is_passed_over_and_hides_nothing() {
    let (house, key) = House::with_shop().await;
    let body = "1d;a=b\r\ngrant_type=client_credentials\r\n0;c\r\n\r\n";

    let replies = replies(&house, format!("{}{SMUGGLED}", post(&key, "Transfer-Encoding: chunked\r\n", body))).await;

    assert_eq!(replies.len(), 2, "the exchange, and the request behind it: {replies:?}");
    assert!(replies[0].json()["access_token"].is_string());
}

#[tokio::test]
async fn a_folded_header_is_400_and_closed_obs_fold() {
    let (house, key) = House::with_shop().await;

    for lines in ["X: a\r\n b\r\n", "X: a\r\n\tb\r\n", "X: a\rY: b\r\n", " X: a\r\n", "X : a\r\n", ": a\r\n"] {
        let lines = format!("{lines}{}", counted());
        assert_refused_and_closed(&house, &lines, &post(&key, &lines, BODY)).await;
    }
}

#[tokio::test]
async fn a_bare_line_feed_in_a_head_is_400_and_closed() {
    let (house, key) = House::with_shop().await;
    // RFC 9112 section 2.2 lets a recipient take it for the end of a line; not every proxy does.
    for lines in [format!("X: a\n{}", counted()), counted().replace("\r\n", "\n"), format!("{}\n", counted())] {
        assert_refused_and_closed(&house, &lines, &post(&key, &lines, BODY)).await;
    }
}

#[tokio::test]
async fn the_absolute_form_is_400_and_closed() {
    let (house, key) = House::with_shop().await;

    for target in ["http://x/oauth/token", "http://evil.test/oauth/token", "https://x/oauth/token"] {
        let ask = post_at(&key, &format!("{target} HTTP/1.1"), &counted(), BODY);
        assert_refused_and_the_last(&house, target, &ask).await;
    }
    assert_refused_and_the_last(&house, "CONNECT", "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n").await;
}

/// What Java's `HttpClient` sends with every request over plain http.
const H2C: &str = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";

#[tokio::test]
async fn an_upgrade_is_400_and_closed_h2c() {
    let house = House::with(|settings| "https://hallpass.example".clone_into(&mut settings.issuer)).await;
    let key = house.furnish().await;

    assert_refused_and_the_last(&house, "h2c", &post(&key, &format!("{H2C}{}", counted()), BODY)).await;
    assert_refused_and_closed(&house, "HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
}

#[tokio::test]
async fn on_this_machine_alone_an_offer_of_h2c_is_passed_over_and_the_connection_closed() {
    let (house, key) = House::with_shop().await;

    let replies = replies(&house, post(&key, &format!("{H2C}{}", counted()), BODY)).await;

    assert_eq!(replies.len(), 1, "{replies:?}");
    assert_eq!((replies[0].status, replies[0].header("connection")), (200, Some("close")), "{replies:?}");
    for offer in ["websocket", "h2c, websocket", "h2", "TLS/1.0", ""] {
        let ask = post(&key, &format!("Connection: Upgrade\r\nUpgrade: {offer}\r\n{}", counted()), BODY);
        assert_refused_and_the_last(&house, offer, &ask).await;
    }
}

#[tokio::test]
async fn a_reader_that_offers_another_protocol_gets_its_document_and_no_other_protocol() {
    let (house, _) = House::with_shop().await;

    for offer in ["h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", "websocket"] {
        let ask = format!("GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: {offer}\r\n\r\n");
        let mut wire = Wire::open(house.node).await;
        wire.write(&ask).await.unwrap();

        let reply = wire.reply().await.unwrap();

        assert_eq!((reply.status, reply.header("connection")), (200, Some("close")), "{offer}");
        assert!(wire.closes().await, "{offer}");
    }
}

#[tokio::test]
async fn a_version_or_a_host_that_is_not_plain_is_400_and_closed() {
    let (house, key) = House::with_shop().await;

    for bytes in [
        "GET /livez\r\n\r\n".to_owned(),
        "GET /livez HTTP/1.2\r\nHost: x\r\n\r\n".to_owned(),
        "GET /livez HTTP/1.1\r\n\r\n".to_owned(),
        "GET /livez HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\r\n\r\n".to_owned(),
        post_at(&key, "/oauth/token HTTP/1.0", "Transfer-Encoding: chunked\r\n", CHUNKED),
    ] {
        assert_refused_and_closed(&house, &bytes, &bytes).await;
    }
}

#[tokio::test]
async fn http_1_0_with_keep_alive_is_served_one_request_at_a_time() {
    let (house, key) = House::with_shop().await;
    let lines = format!("Connection: keep-alive\r\n{}", counted());
    let first = post_at(&key, "/oauth/token HTTP/1.0", &lines, BODY);

    let replies = replies(&house, format!("{first}{SMUGGLED}")).await;

    assert_eq!(replies.len(), 2, "{replies:?}");
    assert!(replies[0].json()["access_token"].is_string());
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let (house, key) = House::with_shop().await;
    let one = post(&key, &counted(), BODY);
    let other = post(&key, "Content-Length: 7\r\n", "scope=x");

    let replies = replies(&house, format!("{one}{other}{one}{SMUGGLED}")).await;

    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert_eq!(statuses, [200, 400, 200, 200]);
}

#[tokio::test]
async fn each_of_several_pipelined_requests_is_answered_in_its_own_way() {
    let (house, key) = House::with_shop().await;
    let head = "HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n";
    let refused = post(&key, "Content-Length: 7\r\n", "scope=x");
    let mut wire = Wire::open(house.node).await;

    wire.write(format!("{}{head}{refused}{head}{SMUGGLED}", post(&key, &counted(), BODY))).await.unwrap();

    let token = wire.reply().await.unwrap();
    assert_eq!((token.status, token.header("connection")), (200, None));
    assert!(token.json()["access_token"].is_string(), "a POST before a HEAD has its body: {token:?}");
    assert_eq!(wire.head().await.unwrap().status, 200);
    assert_eq!(wire.reply().await.unwrap().refusal(), (400, "invalid_request".to_owned()));
    assert_eq!(wire.head().await.unwrap().status, 200);
    let last = wire.reply().await.unwrap();
    assert_eq!((last.status, last.header("connection")), (200, Some("close")));
    assert!(wire.closes().await);
}

#[tokio::test]
async fn behind_a_request_that_is_refused_for_its_form_none_is_answered() {
    let (house, key) = House::with_shop().await;

    for refused in [
        post_at(&key, "/oauth/token HTTP/1.0", "Transfer-Encoding: chunked\r\n", ""),
        post(&key, "Content-Length: 5\r\nContent-Encoding: gzip\r\n", "abcde"),
        post_at(&key, "http://x/oauth/token HTTP/1.1", &counted(), BODY),
        post(&key, &format!("Connection: Upgrade\r\nUpgrade: x\r\n{}", counted()), BODY),
        post(&key, &counted(), "a=%zz&and=what-follows-is-the-end")[..].replace("29", "33"),
    ] {
        let replies = replies(&house, format!("{refused}{}", SMUGGLED.repeat(3))).await;

        assert_eq!(replies.len(), 1, "{refused}: {replies:?}");
        assert_eq!(replies[0].header("connection"), Some("close"), "{refused}: {replies:?}");
        assert!(matches!(replies[0].status, 400 | 415), "{refused}: {replies:?}");
    }
}

#[tokio::test]
async fn an_offer_that_is_not_taken_up_is_the_last_word_with_or_without_connection_upgrade() {
    let (house, _) = House::with_shop().await;

    for lines in ["Upgrade: x\r\n", "Upgrade: websocket\r\n", "Connection: keep-alive\r\nUpgrade: TLS/1.0\r\n"] {
        let ask = format!("GET /livez HTTP/1.1\r\nHost: x\r\n{lines}\r\n");

        let replies = replies(&house, ask.repeat(3)).await;

        assert_eq!(replies.len(), 1, "{lines}: {replies:?}");
        assert_eq!((replies[0].status, replies[0].header("connection")), (200, Some("close")), "{lines}");
    }
}
