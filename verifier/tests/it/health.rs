//! How a verifier fares, as its keeper sees it.

use hallpass_verifier::{Health, Standing, Verifier};

use crate::support::House;

fn health(verifier: &Verifier) -> Health {
    verifier.health().remove(0)
}

#[test]
fn keys_that_were_handed_in_have_no_age() {
    let health = health(&House::open().verifier);

    assert_eq!((health.standing, health.keys, health.age), (Standing::Given, 3, None));
    assert!(health.is_ready());
}

#[cfg(feature = "fetch")]
mod through_time {
    use std::time::Duration;

    use hallpass_verifier::{Clock, HeldClock, NoAnswer, Standing, Verifier};

    use super::health;
    use crate::support::{AUDIENCE, Issuer, NOW, Reply, Signer, without};

    #[tokio::test]
    async fn it_tells_the_age_of_the_keys_and_what_went_wrong() {
        let issuer = Issuer::open().await;
        let verifier = issuer.verifier();
        let seen = || {
            let health = health(&verifier);
            let age = health.age.map(|age| age.as_secs());
            (health.standing, age, health.last_error.map(|error| error.name()), health.fetched, health.failed)
        };

        assert_eq!(seen(), (Standing::Missing, None, None, 0, 0));
        verifier.warm_up().await.unwrap();
        assert_eq!(seen(), (Standing::Good, Some(0), None, 1, 0));
        issuer.advance(100);
        assert_eq!(seen(), (Standing::Good, Some(100), None, 1, 0));

        issuer.set_jwks(Reply::status(500));
        issuer.advance(201);
        assert_eq!(seen(), (Standing::Stale, Some(301), None, 1, 0), "nobody has asked yet");
        verifier.verify(&issuer.token()).await.unwrap();
        assert_eq!(seen(), (Standing::Stale, Some(301), Some("status"), 1, 1));
        assert_eq!(health(&verifier).last_error, Some(NoAnswer::Status(500)));

        issuer.advance(3600);
        assert_eq!(seen().0, Standing::TooOld);
        assert!(!health(&verifier).is_ready());
        assert!(verifier.verify(&issuer.token()).await.unwrap_err().is_unavailable());

        issuer.publish(&[&issuer.key, &Signer::es256("next")]);
        issuer.advance(200);
        verifier.verify(&issuer.token()).await.unwrap();
        assert_eq!(seen(), (Standing::Good, Some(0), None, 2, 2));
        assert_eq!((health(&verifier).keys, health(&verifier).failures), (2, 0));
    }

    #[tokio::test]
    async fn a_service_starts_before_its_issuer_and_heals_by_itself() {
        let address = {
            let issuer = Issuer::open().await;
            issuer.url.trim_start_matches("http://").to_owned()
        };
        let clock = HeldClock::at(NOW);
        let verifier = Verifier::builder(format!("http://{address}"))
            .audience(AUDIENCE)
            .clock(Clock::Held(clock.clone()))
            .build()
            .unwrap();
        let key = Signer::es256("e1");
        let mut claims = without("status");
        claims["iss"] = format!("http://{address}").into();
        let token = key.token(&claims);

        let refused = verifier.verify(&token).await.unwrap_err();
        assert!(refused.is_unavailable());
        assert_eq!(health(&verifier).last_error, Some(NoAnswer::Unreachable));
        let issuer = Issuer::open_at(&address).await;
        issuer.publish(&[&key]);
        clock.advance(refused.retry_after().unwrap() + Duration::from_millis(500));

        assert!(verifier.verify(&token).await.is_ok());
        assert!(health(&verifier).is_ready());
    }
}
