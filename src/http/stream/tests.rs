use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::super::crowd::Crowd;
use super::writing::CONTINUE;
use super::*;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A client, and the stream that serves it.
fn connection() -> (DuplexStream, Stream<DuplexStream>) {
    connection_in(&Crowd::new(2))
}

fn connection_in(crowd: &Arc<Crowd>) -> (DuplexStream, Stream<DuplexStream>) {
    let (client, socket) = duplex(4096);
    (client, Stream::new(socket, crowd.enter(), "https://id.example".into()))
}

/// How long it takes until the stream says that nothing more comes.
async fn end(stream: &mut Stream<DuplexStream>) -> Duration {
    let began = Instant::now();
    while stream.read(&mut [0; 64]).await.unwrap_or_default() > 0 {}
    began.elapsed()
}

fn is_about(span: Duration, expected: Duration) -> bool {
    span.abs_diff(expected) < Duration::from_millis(10)
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_says_nothing_ends_when_a_head_should_be_there() {
    let (_client, mut stream) = connection();

    assert!(is_about(end(&mut stream).await, limit::READ_TIMEOUT));
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_kept_for_a_while_and_closed_in_the_end() {
    let (mut client, mut stream) = connection();
    client.write_all(REQUEST).await.unwrap();
    stream.read_exact(&mut [0; REQUEST.len()]).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    stream.flush().await.unwrap();

    assert!(is_about(end(&mut stream).await, limit::KEEP_ALIVE));
}

#[tokio::test(start_paused = true)]
async fn a_second_head_that_is_dripped_ends_like_a_first_one() {
    let (mut client, mut stream) = connection();
    client.write_all(REQUEST).await.unwrap();
    stream.read_exact(&mut [0; REQUEST.len()]).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let drip = tokio::spawn(async move {
        for byte in b"GET / HTTP/1.1\r\nHost: and so on, a byte a second" {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if client.write_all(&[*byte]).await.is_err() {
                break;
            }
        }
    });

    // A second passes before the first byte.
    let span = end(&mut stream).await;
    drip.abort();

    assert!(span <= limit::READ_TIMEOUT + Duration::from_secs(2), "{span:?}");
}

/// How long the end of a connection takes whose place is wanted, whose answer comes in so many pieces, and whose client
/// goes on writing.
async fn leaves(pieces: usize) -> Duration {
    let (mut client, mut stream) = connection_in(&Crowd::new(1));
    client.write_all(REQUEST).await.unwrap();
    stream.read_exact(&mut [0; REQUEST.len()]).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    assert_eq!(stream.read(&mut [0; 64]).await.unwrap(), 0, "it is told to leave");
    for _ in 1..pieces {
        stream.write_all(b"and so on").await.unwrap();
    }
    client.write_all(REQUEST).await.unwrap();

    let began = Instant::now();
    stream.shutdown().await.unwrap();
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn who_leaves_with_an_answer_that_was_still_owed_is_heard_out_so_that_it_arrives() {
    assert!(is_about(leaves(1).await, Duration::ZERO));
    assert!(is_about(leaves(2).await, limit::READ_TIMEOUT));
}

/// How many bytes the server may have now.
async fn comes(stream: &mut Stream<DuplexStream>) -> usize {
    let mut bytes = [0; 4096];
    tokio::time::timeout(Duration::from_millis(1), stream.read(&mut bytes)).await.map_or(0, Result::unwrap)
}

#[tokio::test(start_paused = true)]
async fn requests_are_handed_on_one_at_a_time_however_they_come() {
    let (mut client, mut stream) = connection();
    client.write_all(&[REQUEST, REQUEST, &REQUEST[..10]].concat()).await.unwrap();

    assert_eq!((comes(&mut stream).await, comes(&mut stream).await), (REQUEST.len(), 0));
    client.write_all(&REQUEST[10..]).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    assert_eq!((comes(&mut stream).await, comes(&mut stream).await), (REQUEST.len(), 0));
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    assert_eq!((comes(&mut stream).await, comes(&mut stream).await), (10, REQUEST.len() - 10));
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_go_on_is_not_answered_yet() {
    const EXPECTING: &[u8] = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
    // The word comes whole, or in two pieces because its reader is slow.
    for cut in [0, 1, 10, CONTINUE.len() - 1] {
        let (mut client, mut stream) = connection();
        client.write_all(&[EXPECTING, b"x", REQUEST].concat()).await.unwrap();
        assert_eq!(comes(&mut stream).await, EXPECTING.len() + 1);
        stream.writes(CONTINUE);
        stream.enter(Phase::Writing);
        stream.write_all(&CONTINUE[cut..]).await.unwrap();

        assert_eq!(comes(&mut stream).await, 0, "{cut}");
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        assert_eq!(comes(&mut stream).await, REQUEST.len(), "{cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn behind_the_last_answer_nothing_is_handed_on() {
    let (mut client, mut stream) = connection();
    client.write_all(&[REQUEST, REQUEST].concat()).await.unwrap();
    assert_eq!(comes(&mut stream).await, REQUEST.len());
    stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await.unwrap();

    assert!(is_about(end(&mut stream).await, Duration::ZERO));
    let began = Instant::now();
    stream.shutdown().await.unwrap();
    assert!(is_about(began.elapsed(), limit::READ_TIMEOUT), "who still writes is heard out");
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_a_body_does_not_make_an_answer_the_last() {
    const BODY: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", BODY.len()).into_bytes();
    let whole = [&head[..], BODY].concat();
    for pieces in [vec![&whole[..]], vec![&head, BODY], vec![&whole[..9], &whole[9..]], vec![CONTINUE, &head, BODY]] {
        let (mut client, mut stream) = connection();
        client.write_all(REQUEST).await.unwrap();
        assert_eq!(comes(&mut stream).await, REQUEST.len());
        stream.writes(&pieces.concat());
        for piece in pieces {
            stream.write_all(piece).await.unwrap();
        }
        client.write_all(REQUEST).await.unwrap();

        assert_eq!(comes(&mut stream).await, REQUEST.len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_behind_which_none_can_be_read_is_the_last_whatever_its_answer_says() {
    let (mut client, mut stream) = connection();
    let offering = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n";
    client.write_all(&[offering, REQUEST].concat()).await.unwrap();
    assert_eq!((comes(&mut stream).await, comes(&mut stream).await), (offering.len(), 0));
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();

    assert!(is_about(end(&mut stream).await, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_a_body_behind_its_answer_makes_room() {
    for (behind, closes, is_idle) in
        [("5\r\nab", "", true), ("5\r\nab", "connection: close\r\n", true), ("5\r\nabcde\r\n0\r\n\r\nGET", "", false)]
    {
        let (mut client, mut stream) = connection_in(&Crowd::new(1));
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        while comes(&mut stream).await > 0 {}
        stream.write_all(format!("HTTP/1.1 200 OK\r\n{closes}\r\n").as_bytes()).await.unwrap();
        client.write_all(behind.as_bytes()).await.unwrap();

        let span = end(&mut stream).await;
        assert_eq!(span < limit::READ_TIMEOUT, is_idle, "{behind:?} {closes:?} {span:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_server_ends_who_idles_has_a_moment_left_and_what_has_come_is_handed_on() {
    let crowd = Crowd::new(4);
    let (_silent, mut new) = connection_in(&crowd);
    let (mut client, mut stream) = connection_in(&crowd);
    client.write_all(REQUEST).await.unwrap();
    assert_eq!(comes(&mut stream).await, REQUEST.len());
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    client.write_all(REQUEST).await.unwrap();

    crowd.end().await;

    assert_eq!(comes(&mut stream).await, REQUEST.len(), "what has come is not left lying");
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    assert!(is_about(end(&mut stream).await, Duration::ZERO), "it idles");
    assert!(is_about(end(&mut new).await, Duration::ZERO), "it has said nothing");
}
