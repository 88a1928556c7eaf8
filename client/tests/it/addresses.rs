//! Where the key goes, and where it never does.

use hallpass_client::{BadMetadata, Error};

use crate::support::{House, Reply};

async fn refused(house: &House) -> Error {
    house.source().token().await.unwrap_err()
}

#[tokio::test]
async fn the_key_goes_to_the_issuers_own_origin_alone() {
    let house = House::open().await;
    let elsewhere = House::open().await;
    let port = house.url.rsplit_once(':').unwrap().1.to_owned();

    for endpoint in [
        format!("{}/oauth/token", elsewhere.url),
        format!("http://localhost:{port}/oauth/token"),
        format!("https://127.0.0.1:{port}/oauth/token"),
        format!("http://user@127.0.0.1:{port}/oauth/token"),
        "http://evil.example/oauth/token".to_owned(),
        "/oauth/token".to_owned(),
        String::new(),
    ] {
        house.set_metadata(Reply::metadata(&house.url, &endpoint));
        let error = refused(&house).await;
        assert!(matches!(error, Error::Metadata(BadMetadata::OtherOrigin)), "{endpoint}: {error}");
    }
    assert_eq!((house.trades(), elsewhere.trades()), (0, 0));
}

#[tokio::test]
async fn metadata_of_another_issuer_are_not_followed() {
    let house = House::open().await;
    for other in ["https://evil.example", &format!("{}/", house.url), &house.url.to_uppercase()] {
        house.set_metadata(Reply::metadata(other, &format!("{}/oauth/token", house.url)));
        let error = refused(&house).await;
        assert!(matches!(error, Error::Metadata(BadMetadata::OtherIssuer)), "{other}: {error}");
    }
    assert_eq!(house.trades(), 0);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let house = House::open().await;
    let elsewhere = House::open().await;
    let fails = async || {
        let source = house.source_with(|builder| builder.deadline(std::time::Duration::from_millis(1)));
        let source = tokio::spawn(async move { source.token().await.map(drop) });
        house.advance_until_done(5, source).await.unwrap_err()
    };

    house.answers(Reply::redirect(&format!("{}/oauth/token", elsewhere.url)));
    fails().await;
    house.set_metadata(Reply::redirect(&format!("{}/.well-known/oauth-authorization-server", elsewhere.url)));
    let error = fails().await;

    assert!(error.is_unavailable() && !format!("{error}").is_empty());
    assert_eq!((elsewhere.trades(), elsewhere.discoveries()), (0, 0));
}
