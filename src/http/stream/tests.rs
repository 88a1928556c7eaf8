use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::super::crowd::Crowd;
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

/// How long the end of a connection takes whose place is wanted, `asked` requests and one answer after its beginning, and
/// whose client goes on writing.
async fn leaves(asked: usize) -> Duration {
    let (mut client, mut stream) = connection_in(&Crowd::new(1));
    client.write_all(&REQUEST.repeat(asked)).await.unwrap();
    stream.read_exact(&mut vec![0; asked * REQUEST.len()]).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    assert_eq!(stream.read(&mut [0; 64]).await.unwrap(), 0, "it is told to leave");
    for _ in 1..asked {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
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
