//! What an exporter of metrics gets to see.

use metrics_exporter_prometheus::PrometheusBuilder;

use crate::support::{House, Issuer, Reply, claims};

#[tokio::test]
async fn keys_are_counted_and_aged() {
    let issuer = Issuer::open().await;
    let verifier = issuer.verifier();
    verifier.verify(&issuer.token()).await.unwrap();
    issuer.advance(301);
    issuer.set_jwks(Reply::status(500));
    verifier.verify(&issuer.token()).await.unwrap();

    let text = published(&verifier);

    for (name, labels, value) in [
        ("ready", "", "1"),
        ("jwks_age_seconds", "", "301"),
        ("jwks_keys", "", "1"),
        ("jwks_refused_keys", "", "0"),
        ("jwks_fetches_total", r#",outcome="good""#, "1"),
        ("jwks_fetches_total", r#",outcome="failed""#, "1"),
        ("jwks_last_error", r#",reason="status""#, "1"),
        ("jwks_last_error", r#",reason="too_slow""#, "0"),
    ] {
        let line = format!("hallpass_verifier_{name}{{issuer=\"{}\"{labels}}} {value}", issuer.url);
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("cache"), "{text}");
}

#[tokio::test]
async fn the_cache_is_counted_when_there_is_one() {
    let house = House::with(|builder| builder.cache(10));
    let token = house.es256.token(&claims());
    for _ in 0..3 {
        house.verify(&token).await.unwrap();
    }

    let text = published(&house.verifier);

    for line in [
        r#"hallpass_verifier_cache_tokens{issuer="https://issuer.example"} 1"#,
        r#"hallpass_verifier_cache_lookups_total{issuer="https://issuer.example",outcome="hit"} 2"#,
        r#"hallpass_verifier_cache_lookups_total{issuer="https://issuer.example",outcome="miss"} 1"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert!(!text.contains("age_seconds{"), "keys that were handed in have none: {text}");
}

fn published(verifier: &hallpass_verifier::Verifier) -> String {
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || verifier.publish_metrics());
    recorder.handle().render()
}
