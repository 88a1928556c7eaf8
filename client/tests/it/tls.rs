//! An issuer behind https: whose certificate is believed before a key is shown.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use hallpass_client::{Error, Token, TokenSource, Trouble};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::KEY;

/// Those of the verifier's tests, for `localhost` and 127.0.0.1; nobody else trusts them.
const CERTIFICATE: &[u8] = include_bytes!("../../../verifier/tests/it/tls/localhost.pem");
const CERTIFICATE_KEY: &[u8] = include_bytes!("../../../verifier/tests/it/tls/localhost.key.pem");

type Heads = Arc<Mutex<Vec<String>>>;

/// Serves metadata and tokens until the test is over; tells its port, and what it was asked.
async fn open(host: &str) -> (u16, Heads) {
    let listener = TcpListener::bind((host, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(CERTIFICATE).unwrap()],
            PrivateKeyDer::from_pem_slice(CERTIFICATE_KEY).unwrap(),
        )
        .unwrap();
    let (acceptor, heads) = (TlsAcceptor::from(Arc::new(config)), Heads::default());
    let asked = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, asked) = (acceptor.clone(), Arc::clone(&asked));
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default();
                let body = if head.starts_with("GET /.well-known/") {
                    json!({ "issuer": format!("https://{host}"), "token_endpoint": format!("https://{host}/token") })
                } else {
                    json!({ "access_token": "a-token", "token_type": "Bearer", "expires_in": 300 })
                };
                asked.lock().unwrap().push(head);
                let body = body.to_string();
                let answer =
                    format!("HTTP/1.1 200 .\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await?;
                stream.shutdown().await
            });
        }
    });
    (port, heads)
}

async fn trade(issuer: &str, certificate: Option<&[u8]>) -> Result<Token, Error> {
    let mut builder = TokenSource::builder(issuer).deadline(Duration::from_secs(2));
    builder = builder.key_from(|| async { Ok::<_, Error>(KEY.to_owned()) });
    if let Some(certificate) = certificate {
        builder = builder.root_certificate(certificate);
    }
    builder.build().unwrap().token().await
}

#[tokio::test]
async fn a_certificate_that_the_app_named_is_believed() {
    let (port, _) = open("127.0.0.1").await;

    for issuer in [format!("https://localhost:{port}"), format!("https://127.0.0.1:{port}")] {
        let token = trade(&issuer, Some(CERTIFICATE)).await;
        assert_eq!(token.unwrap().reveal(), "a-token");
    }
}

#[tokio::test]
async fn no_other_is_shown_a_key() {
    let (port, heads) = open("127.0.0.1").await;
    let (other_port, other_heads) = open("127.0.0.2").await;

    let of_nobody = trade(&format!("https://localhost:{port}"), None).await.unwrap_err();
    let of_another = trade(&format!("https://127.0.0.2:{other_port}"), Some(CERTIFICATE)).await.unwrap_err();

    for error in [of_nobody, of_another] {
        assert!(matches!(error, Error::Unavailable { trouble: Trouble::Unreachable { .. }, .. }), "{error}");
        assert!(error.to_string().contains("certificate"), "{error}");
    }
    assert!(heads.lock().unwrap().is_empty() && other_heads.lock().unwrap().is_empty());
}
