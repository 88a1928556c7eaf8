//! What makes a token source, and what does not.

use hallpass_client::{BuildError, TokenSource};

use crate::support::debug;

fn build(issuer: &str) -> Result<TokenSource, BuildError> {
    TokenSource::builder(issuer).key_from_variable("NO_SUCH_KEY").build()
}

#[test]
fn an_issuer_is_https_or_on_this_machine() {
    for issuer in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1/path"] {
        assert!(build(issuer).is_ok(), "{issuer}");
    }
    for issuer in
        ["", "http://id.example", "id.example", "https://u:p@id.example", "https://id.example?x", "ftp://localhost"]
    {
        assert_eq!(build(issuer).err(), Some(BuildError::Issuer), "{issuer}");
    }
}

#[test]
fn what_is_missing_or_broken_is_said() {
    let builder = || TokenSource::builder("http://127.0.0.1:1");
    let with_key = || builder().key_from_environment();

    assert_eq!(builder().build().err(), Some(BuildError::NoKey));
    assert_eq!(with_key().token_endpoint("http://id.example/token").build().err(), Some(BuildError::TokenEndpoint));
    assert_eq!(with_key().root_certificate("nonsense").build().err(), Some(BuildError::RootCertificate));
    assert!(debug(&with_key()).contains("127.0.0.1"));
}
