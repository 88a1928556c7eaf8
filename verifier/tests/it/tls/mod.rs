//! An issuer behind https: whose certificate is believed.

use std::sync::Arc;

use hallpass_verifier::{Verifier, VerifierBuilder};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{AUDIENCE, NOW, Signer, claims, is_unavailable};

/// Made for these tests, for `localhost` and 127.0.0.1; nobody else trusts it.
const CERTIFICATE: &[u8] = include_bytes!("localhost.pem");
const KEY: &[u8] = include_bytes!("localhost.key.pem");

/// Serves metadata and keys until the test is over; tells its port.
async fn open(host: &str, key: Value) -> u16 {
    let listener = TcpListener::bind((host, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
            PrivateKeyDer::from_pem_slice(KEY).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, key) = (acceptor.clone(), key.clone());
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
                let body = if head.starts_with("GET /jwks ") {
                    json!({ "keys": [key] })
                } else {
                    json!({ "issuer": format!("https://{host}"), "jwks_uri": format!("https://{host}/jwks") })
                };
                let body = body.to_string();
                let answer =
                    format!("HTTP/1.1 200 .\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await?;
                stream.shutdown().await
            });
        }
    });
    port
}

fn verifier(issuer: &str, change: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> Verifier {
    let clock = hallpass_verifier::Clock::Held(hallpass_verifier::HeldClock::at(NOW));
    change(Verifier::builder(issuer).audience(AUDIENCE).clock(clock)).build().unwrap()
}

fn token(key: &Signer, issuer: &str) -> String {
    let mut claims = claims();
    claims["iss"] = issuer.into();
    claims.as_object_mut().unwrap().remove("status");
    key.token(&claims)
}

#[tokio::test]
async fn a_certificate_that_the_service_named_is_believed() {
    let key = Signer::es256("e1");
    let port = open("127.0.0.1", key.jwk()).await;

    for issuer in [format!("https://localhost:{port}"), format!("https://127.0.0.1:{port}")] {
        let verifier = verifier(&issuer, |builder| builder.root_certificate(CERTIFICATE));
        let found = verifier.verify(&token(&key, &issuer)).await;
        assert!(found.is_ok(), "{found:?}");
    }
}

#[tokio::test]
async fn no_other_is() {
    let key = Signer::es256("e1");
    let issuer = format!("https://localhost:{}", open("127.0.0.1", key.jwk()).await);
    let other_name = format!("https://127.0.0.2:{}", open("127.0.0.2", key.jwk()).await);

    let of_nobody = verifier(&issuer, |builder| builder);
    let of_another = verifier(&other_name, |builder| builder.root_certificate(CERTIFICATE));

    assert!(is_unavailable(&of_nobody, &token(&key, &issuer)).await);
    assert!(is_unavailable(&of_another, &token(&key, &other_name)).await);
}
