use crate::Algorithm;
use crate::error::Error;
use crate::jwk::Key;
use crate::limits::MAX_TOKEN_LENGTH;
use crate::unverified::Unverified;

/// Verifies one compact JWS (RFC 7515 7.1) with one JWK and hands out its payload, whatever bytes that is.
///
/// This is the bare signature: what form, `alg`, `crit` and the key have to be is checked as for an access token, `typ`
/// and claims are not looked at. For tokens of an issuer use [`Verifier`](crate::Verifier).
///
/// `jwk` is the JSON text of one public key that counts (see [`KeyFault`](crate::KeyFault) for why it may not);
/// `algorithm` has to be that of the key and of the header. The text is at most 8 KiB long. A header without `kid` is
/// fine; one whose `kid` differs from that of the key is refused, since it says that another key made it.
///
/// ```
/// use hallpass_verifier::{Algorithm, verify_jws};
///
/// // RFC 8037, appendix A.4
/// let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let jws = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
///            hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
///
/// assert_eq!(verify_jws(jws, jwk, Algorithm::EdDsa)?, b"Example of Ed25519 signing");
/// # Ok::<_, hallpass_verifier::Error>(())
/// ```
pub fn verify_jws(compact: &str, jwk: &str, algorithm: Algorithm) -> Result<Vec<u8>, Error> {
    let unverified = Unverified::read(compact, MAX_TOKEN_LENGTH)?;
    let key = Key::from_json(jwk)?;
    if algorithm != key.algorithm() {
        return Err(Error::WrongAlgorithm);
    }
    match (unverified.kid_if_any()?, key.kid()) {
        (Some(named), Some(kid)) if named != kid => Err(Error::UnknownKey),
        _ => unverified.verify(&key),
    }
}
