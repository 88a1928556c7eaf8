//! A log that does more than write: what takes it in is the service's own.

use std::future::Future as _;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Waker};
use std::time::Duration;

use hallpass_verifier::Verifier;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{self, SubscriberExt as _};

use crate::support::{Issuer, Reply};

/// Does something with each line of the verifier.
struct Log<F>(F);

impl<S: tracing::Subscriber, F: Fn() + 'static> Layer<S> for Log<F> {
    fn on_event(&self, event: &tracing::Event<'_>, _context: layer::Context<'_, S>) {
        if event.metadata().target().starts_with("hallpass_verifier") {
            (self.0)();
        }
    }
}

/// A service on a thread and a runtime of its own: one that waits for itself can't be told that its time is up.
async fn elsewhere(service: impl AsyncFnOnce() + Send + 'static) {
    let thread = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(service());
    });
    let end = async {
        while !thread.is_finished() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), end).await.expect("it waits for ever");
    thread.join().unwrap();
}

#[tokio::test]
async fn a_log_may_ask_how_the_keys_fare_and_verify_a_token() {
    elsewhere(async || {
        let issuer = Issuer::open().await;
        let (verifier, token) = (Arc::new(OnceLock::<Verifier>::new()), issuer.token());
        let (known, shown) = (Arc::clone(&verifier), token.clone());
        let log = tracing_subscriber::registry().with(Log(move || {
            let verifier = known.get().unwrap();
            let _ = verifier.health();
            let _ = pin!(verifier.verify(&shown)).poll(&mut Context::from_waker(Waker::noop()));
        }));
        let _guard = tracing::subscriber::set_default(log);
        let verifier = verifier.get_or_init(|| issuer.verifier());

        verifier.verify(&token).await.unwrap();
        issuer.set_jwks(Reply::status(500));
        issuer.advance(4000);
        verifier.verify(&token).await.unwrap_err();
    })
    .await;
}

#[tokio::test]
async fn a_log_that_panics_costs_no_keys() {
    elsewhere(async || {
        let issuer = Issuer::open().await;
        let log = tracing_subscriber::registry().with(Log(|| panic!("the disk of the log is full")));
        let _guard = tracing::subscriber::set_default(log);
        let verifier = issuer.verifier();

        for fetches in 1..=3 {
            verifier.verify(&issuer.token()).await.unwrap();
            issuer.advance(301);
            let health = verifier.health().remove(0);
            assert_eq!((health.fetched, health.failed), (fetches, 0));
        }
        issuer.set_jwks(Reply::status(500));
        issuer.advance(4000);
        assert!(verifier.verify(&issuer.token()).await.unwrap_err().is_unavailable());
    })
    .await;
}
