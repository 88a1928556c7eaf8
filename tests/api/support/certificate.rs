//! Certificates for `localhost` that sign themselves, and clients that trust one and nothing else.

use std::path::Path;

use tokio::process::Command;

/// A new one in `folder`, where `Program::with_tls` looks for it; as PEM.
pub(crate) async fn make(folder: &Path) -> Vec<u8> {
    let status = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            "new.key",
            "-out",
            "new.pem",
        ])
        .current_dir(folder)
        .output()
        .await
        .expect("openssl, to make certificates");
    assert!(status.status.success(), "{status:?}");
    std::fs::rename(folder.join("new.key"), folder.join("tls.key")).unwrap();
    std::fs::rename(folder.join("new.pem"), folder.join("tls.pem")).unwrap();
    std::fs::read(folder.join("tls.pem")).unwrap()
}

/// A client, with connections of its own.
pub(crate) fn client(certificate: &[u8]) -> reqwest::Client {
    hallpass_verifier::provider::install();
    let certificate = reqwest::Certificate::from_pem(certificate).unwrap();
    reqwest::Client::builder().tls_certs_only([certificate]).build().unwrap()
}

/// Whether it gets an answer; its connection is kept.
pub(crate) async fn get(client: &reqwest::Client, port: u16) -> bool {
    let Ok(reply) = client.get(format!("https://localhost:{port}/livez")).send().await else { return false };
    reply.status() == 200 && reply.bytes().await.is_ok()
}
