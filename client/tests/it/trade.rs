//! One key, one token: what is sent, what comes back, and what nobody sees.

use std::future::Future as _;
use std::pin::pin;
use std::time::{Duration, SystemTime};

use hallpass_client::TokenSource;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use crate::support::{House, KEY, NOW, Reply, debug};

#[tokio::test]
async fn a_key_is_traded_at_the_endpoint_that_the_issuer_names() {
    let house = House::open().await;

    let token = house.source().token().await.unwrap();

    let asked = house.asked().remove(0);
    let header = |name| asked.request.header(name).unwrap().to_owned();
    assert_eq!((asked.key.as_str(), header("content-type").as_str()), (KEY, "application/x-www-form-urlencoded"));
    assert_eq!((header("accept").as_str(), header("accept-encoding").as_str()), ("application/json", "identity"));
    assert_eq!(asked.form, [("grant_type".to_owned(), "client_credentials".to_owned())]);
    assert_eq!((token.reveal(), token.scope()), ("token-1", Some("a b")));
    assert_eq!(token.lifetime(), Duration::from_mins(5));
    let expires_at = token.expires_at().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(i64::try_from(expires_at.as_secs()).unwrap(), NOW + 300);
}

#[tokio::test]
async fn nothing_is_asked_until_somebody_needs_a_token() {
    let house = House::open().await;

    let source = house.source();
    tokio::time::sleep(Duration::from_millis(20)).await;

    assert_eq!((house.discoveries(), house.trades()), (0, 0));
    source.token().await.unwrap();
    source.token().await.unwrap();
    assert_eq!((house.discoveries(), house.trades()), (1, 1));
}

#[tokio::test]
async fn a_given_endpoint_needs_no_metadata() {
    let house = House::open().await;
    house.set_metadata(Reply::status(500));
    let endpoint = format!("{}/oauth/token", house.url);

    let source = house.source_with(|builder| builder.token_endpoint(endpoint));

    assert_eq!(source.token().await.unwrap().reveal(), "token-1");
    assert_eq!(house.discoveries(), 0);
}

#[tokio::test]
async fn neither_key_nor_token_is_printed() {
    let house = House::open().await;
    let source = house.source();

    let token = source.token().await.unwrap();
    house.answers(Reply::error(401, "invalid_client"));
    let error = house.source().token().await.unwrap_err();

    for shown in [debug(&source), debug(&token), debug(&error), error.to_string()] {
        assert!(!shown.contains("token-1") && !shown.contains(&KEY[25..]), "{shown}");
    }
}

#[tokio::test]
async fn without_a_runtime_there_is_word_and_no_panic() {
    let house = House::open().await;
    let source = house.source();

    let outcome = std::thread::spawn(move || {
        let mut token = Box::pin(async move { source.token().await.map(drop) });
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        token.as_mut().poll(&mut context)
    });

    let std::task::Poll::Ready(Err(error)) = outcome.join().unwrap() else { panic!("it waits") };
    assert!(error.to_string().contains("runtime"));
}

/// As an app does it that sends its log somewhere with a token.
#[tokio::test]
async fn a_log_may_ask_for_a_token() {
    struct Shipper(TokenSource);
    impl<S: tracing::Subscriber> Layer<S> for Shipper {
        fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
            if event.metadata().target().starts_with("hallpass_client") {
                let token = pin!(self.0.token());
                let _ = token.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
            }
        }
    }

    let elsewhere = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = House::open().await;
            house.answers_first([Reply::error(400, "invalid_scope")]);
            let source = house.source();
            let log = tracing_subscriber::registry().with(Shipper(source.clone()));
            let _guard = tracing::subscriber::set_default(log);
            source.token().await.unwrap_err();
            house.advance(40);
            source.token().await.unwrap();
        });
    });

    let end = async {
        while !elsewhere.is_finished() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), end).await.expect("the log and the source wait for each other");
    elsewhere.join().unwrap();
}
