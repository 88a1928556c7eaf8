//! A provider behind https: whose certificate is believed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use hallpass::clock::Clock;
use hallpass::policy::address::network;
use hallpass::upstream::{Preset, Settings, Upstream, UpstreamError};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use super::{ASK, description};
use crate::support::NOW;

/// Made for tests, for `localhost` and 127.0.0.1; nobody else trusts it.
const CERTIFICATE: &[u8] = include_bytes!("../../../verifier/tests/it/tls/localhost.pem");
const KEY: &[u8] = include_bytes!("../../../verifier/tests/it/tls/localhost.key.pem");

/// Serves metadata for as long as the process lives, by the name it is asked under; tells its port.
fn open(address: &str) -> u16 {
    let listener = TcpListener::bind((address, 0)).unwrap();
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
    let config = Arc::new(config);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = BufReader::new(StreamOwned::new(connection, stream.unwrap()));
            let mut host = None;
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|count| count > 2) {
                host = line.trim().strip_prefix("host: ").map(str::to_owned).or(host);
                line.clear();
            }
            // Who does not believe the certificate asks nothing.
            let Some(host) = host else { continue };
            let at = |path: &str| format!("https://{host}{path}");
            let metadata = json!({
                "issuer": at(""), "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
                "jwks_uri": at("/jwks"),
            });
            let body = metadata.to_string();
            let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.get_mut().write_all(format!("{head}{body}").as_bytes()).unwrap();
            stream.get_mut().conn.send_close_notify();
            let _ = stream.get_mut().flush();
        }
    });
    port
}

async fn begin(issuer: &str, certificates: &[&[u8]]) -> Result<url::Url, UpstreamError> {
    let settings = Settings {
        allowed_networks: vec![network("127.0.0.0/8").unwrap()],
        root_certificates: certificates.iter().map(|pem| pem.to_vec()).collect(),
    };
    let upstream = Upstream::new(&settings, Clock::held(NOW)).unwrap();
    upstream.authorize_url(&description(Preset::OpenId, issuer), &ASK).await
}

#[tokio::test]
async fn a_certificate_that_the_operator_trusts_is_believed_and_no_other() {
    let (port, other) = (open("127.0.0.1"), open("127.0.0.2"));

    for issuer in [format!("https://localhost:{port}"), format!("https://127.0.0.1:{port}")] {
        assert!(begin(&issuer, &[CERTIFICATE]).await.is_ok(), "{issuer}");
        assert_eq!(begin(&issuer, &[]).await, Err(UpstreamError::Unreachable), "{issuer}");
    }
    let other = format!("https://127.0.0.2:{other}");
    assert_eq!(begin(&other, &[CERTIFICATE]).await, Err(UpstreamError::Unreachable), "it names another");
}
