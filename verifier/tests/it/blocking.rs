//! A program without a runtime.

use hallpass_verifier::{BuildError, Error, Verifier, blocking};

use crate::support::{AUDIENCE, House, claims, without};

#[test]
fn it_verifies_as_the_other_does() {
    let house = House::open();
    let verifier = blocking::Verifier::new(house.verifier.clone()).unwrap();

    assert!(verifier.warm_up().is_ok());
    assert_eq!(verifier.verify(&house.es256.token(&claims())).unwrap().sub, "app_1");
    assert_eq!(verifier.verify(&house.es256.token(&without("jti"))), Err(Error::MissingClaim("jti")));
    assert_eq!(verifier.health(), verifier.as_async().health());
    assert_eq!(Verifier::builder("nobody").audience(AUDIENCE).build_blocking().unwrap_err(), BuildError::Issuer);
}

#[cfg(feature = "fetch")]
mod fetching {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use hallpass_verifier::blocking;

    use crate::support::{Issuer, Reply};

    /// An issuer on a runtime of its own, which the program does not share.
    fn issuer() -> Issuer {
        let (hand_over, received) = mpsc::channel();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                hand_over.send(Issuer::open().await).unwrap();
                std::future::pending::<()>().await;
            });
        });
        received.recv().unwrap()
    }

    fn blocking(issuer: &Issuer) -> blocking::Verifier {
        blocking::Verifier::new(issuer.verifier()).unwrap()
    }

    #[test]
    fn keys_are_fetched_and_refreshed_without_a_runtime() {
        let issuer = issuer();
        let verifier = blocking(&issuer);

        for fetches in 1..=3 {
            assert!(verifier.verify(&issuer.token()).is_ok());
            assert_eq!(issuer.fetches(), fetches);
            issuer.advance(301);
        }
    }

    #[test]
    fn many_threads_wait_for_one_fetch() {
        let issuer = issuer();
        let verifier = blocking(&issuer);
        let token = issuer.token();

        thread::scope(|scope| {
            let waiting: Vec<_> = (0..20).map(|_| scope.spawn(|| verifier.verify(&token).is_ok())).collect();
            assert!(waiting.into_iter().all(|thread| thread.join().unwrap()));
        });

        assert_eq!(issuer.fetches(), 1);
    }

    #[test]
    fn an_issuer_that_is_away_is_unavailable_and_heals() {
        let issuer = issuer();
        issuer.set_jwks(Reply::status(503));
        let verifier = blocking(&issuer);

        assert!(verifier.verify(&issuer.token()).unwrap_err().is_unavailable());
        issuer.publish(&[&issuer.key]);
        issuer.advance(2);

        assert!(verifier.verify(&issuer.token()).is_ok());
    }

    #[test]
    fn it_may_be_called_inside_a_runtime_too() {
        let issuer = issuer();
        let verifier = blocking(&issuer);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();

        assert!(runtime.block_on(async { verifier.verify(&issuer.token()) }).is_ok());
    }

    #[test]
    fn the_thread_ends_with_the_last_of_them() {
        let issuer = issuer();
        let verifier = blocking(&issuer);
        let clone = verifier.clone();
        drop(verifier);
        assert!(clone.verify(&issuer.token()).is_ok(), "the clone keeps it");
        assert!(has_thread());

        drop(clone);

        for _ in 0..1000 {
            if !has_thread() {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the thread is still there");
    }

    /// Whether this process has one; each test is a process of its own under nextest, and this counts names elsewhere.
    fn has_thread() -> bool {
        std::fs::read_dir("/proc/self/task").unwrap().flatten().any(|task| {
            std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.starts_with("hallpass-verifi"))
        })
    }
}
