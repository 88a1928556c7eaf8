//! What the token endpoint answered.
//!
//! In:    a status and a body, from the issuer or from something before it.
//! Out:   a grant; or a refusal that stands, or trouble that may pass.
//! Never: repeats what does not belong into words, the key least of all.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::error::{Error, Refusal, Trouble};
use crate::key::Key;
use crate::limits::{MAX_LIFETIME, MAX_TOKEN, MAX_WORDS, SHORTEST_LIFETIME, UNSAID_LIFETIME};
use crate::token::Grant;

/// Why an attempt brought no token.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It may pass.
    Passing { trouble: Trouble, retry_after: Option<Duration> },
    /// It stands until somebody changes something.
    Final(Error),
}

impl Failure {
    /// The same in words that do not tell this key: whoever is on the way may answer with the request that it saw, or
    /// with a part of it.
    pub(crate) fn without(mut self, key: &Key) -> Self {
        let texts = match &mut self {
            Self::Passing { trouble: Trouble::Unreachable { why }, .. } => vec![why],
            Self::Final(Error::Refused(refusal)) => vec![&mut refusal.error, &mut refusal.description],
            Self::Passing { .. } | Self::Final(_) => vec![],
        };
        for text in texts.into_iter().filter(|text| key.is_told_by(text)) {
            LEFT_OUT.clone_into(text);
        }
        self
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Passing { trouble, retry_after: None }
    }
}

/// RFC 6749 5.1.
#[derive(Deserialize)]
struct Given {
    access_token: String,
    token_type: String,
    expires_in: Option<Value>,
    scope: Option<String>,
}

/// What an answer with status 200 gives, for this key.
pub(crate) fn grant(body: &[u8], key: &Key) -> Result<Grant, Trouble> {
    let given: Given = serde_json::from_slice(body).map_err(|_| Trouble::Malformed("access_token"))?;
    let secret = Zeroizing::new(given.access_token);
    let is_plain = secret.bytes().all(|byte| byte.is_ascii_graphic());
    // Whoever answers with what was sent would have the key shown to every service.
    if !is_plain || !(1..=MAX_TOKEN).contains(&secret.len()) || *secret == key.reveal() {
        return Err(Trouble::Malformed("access_token"));
    }
    if given.scope.iter().flat_map(|scope| scope.split(' ')).any(|scope| scope == key.reveal()) {
        return Err(Trouble::Malformed("scope"));
    }
    // Of a kind that we do not know how to show it must not be shown (RFC 6749 7.1).
    if !given.token_type.eq_ignore_ascii_case("bearer") {
        return Err(Trouble::Malformed("token_type"));
    }
    let lifetime = match &given.expires_in {
        None => UNSAID_LIFETIME,
        Some(value) => seconds(value).ok_or(Trouble::Malformed("expires_in"))?,
    };
    Ok(Grant { secret, scope: given.scope, lifetime: lifetime.min(MAX_LIFETIME) })
}

/// A second at least: a token that lives shorter would be asked for again and again, and shown to nobody.
fn seconds(value: &Value) -> Option<Duration> {
    let whole = value.as_u64().map(Duration::from_secs);
    whole.or_else(|| Duration::try_from_secs_f64(value.as_f64()?).ok()).filter(|span| *span >= SHORTEST_LIFETIME)
}

/// What an answer with another status says. It stands when the issuer itself says what is wrong with what was asked;
/// whatever else may be from a proxy on the way, or pass.
pub(crate) fn refusal(status: StatusCode, body: &[u8], retry_after: Option<Duration>) -> Failure {
    let is_about_us = [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status);
    let said: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    match said.get("error").and_then(Value::as_str) {
        Some(error) if is_about_us && !PASSING.contains(&error) => {
            let description = said.get("error_description").and_then(Value::as_str).unwrap_or("-");
            let refusal = Refusal { status, error: words(error), description: words(description) };
            Failure::Final(refusal.into())
        }
        _ => Failure::Passing { trouble: Trouble::Status(status), retry_after },
    }
}

/// What an issuer may say of itself, whatever the status.
const PASSING: [&str; 2] = ["temporarily_unavailable", "server_error"];

/// What stands for words that have the key in them.
const LEFT_OUT: &str = "(left out, since it repeats the key)";

/// The characters that RFC 6749 5.2 allows, and not too many.
pub(crate) fn words(text: &str) -> String {
    text.chars().filter(|char| is_repeated(*char)).take(MAX_WORDS).collect()
}

/// Whether a character of the issuer's is repeated in words (RFC 6749 5.2).
pub(crate) fn is_repeated(char: char) -> bool {
    matches!(char, ' '..='~') && !['"', '\\'].contains(&char)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(body: &[u8]) -> Result<Grant, Trouble> {
        super::grant(body, &Key::parse("key").unwrap())
    }

    fn lifetime(body: &str) -> Result<u64, String> {
        grant(body.as_bytes()).map(|grant| grant.lifetime.as_secs()).map_err(|trouble| trouble.to_string())
    }

    #[test]
    fn a_grant_has_a_bearer_token_and_a_lifetime() {
        let given = grant(br#"{"access_token":"a.b.c","token_type":"bearer","expires_in":300,"scope":"x y","z":1}"#);
        let given = given.unwrap();

        assert_eq!((&**given.secret, given.scope.as_deref()), ("a.b.c", Some("x y")));
        assert_eq!(given.lifetime, Duration::from_mins(5));
        assert_eq!(lifetime(r#"{"access_token":"a","token_type":"Bearer"}"#), Ok(60));
        assert_eq!(lifetime(r#"{"access_token":"a","token_type":"Bearer","expires_in":59.5}"#), Ok(59));
        assert_eq!(lifetime(r#"{"access_token":"a","token_type":"Bearer","expires_in":1e9}"#), Ok(24 * 3600));
    }

    #[test]
    fn what_is_no_grant_says_what_is_missing() {
        let long = format!(r#"{{"access_token":"{}","token_type":"Bearer"}}"#, "x".repeat(MAX_TOKEN + 1));
        for (body, what) in [
            ("", "access_token"),
            ("[]", "access_token"),
            ("<html>", "access_token"),
            (r#"{"token_type":"Bearer"}"#, "access_token"),
            (r#"{"access_token":"","token_type":"Bearer"}"#, "access_token"),
            (r#"{"access_token":"a\r\nb","token_type":"Bearer"}"#, "access_token"),
            (&long, "access_token"),
            (r#"{"access_token":"key","token_type":"Bearer"}"#, "access_token"),
            (r#"{"access_token":"a","token_type":"Bearer","scope":"b key"}"#, "scope"),
            (r#"{"access_token":"a","token_type":"DPoP"}"#, "token_type"),
            (r#"{"access_token":"a","token_type":"Bearer","expires_in":0}"#, "expires_in"),
            (r#"{"access_token":"a","token_type":"Bearer","expires_in":-1}"#, "expires_in"),
            (r#"{"access_token":"a","token_type":"Bearer","expires_in":1e-9}"#, "expires_in"),
            (r#"{"access_token":"a","token_type":"Bearer","expires_in":0.999}"#, "expires_in"),
            (r#"{"access_token":"a","token_type":"Bearer","expires_in":"300"}"#, "expires_in"),
        ] {
            assert!(lifetime(body).is_err_and(|words| words.contains(what)), "{body}");
        }
    }

    fn is_final(status: u16, body: &str) -> bool {
        matches!(refusal(StatusCode::from_u16(status).unwrap(), body.as_bytes(), None), Failure::Final(_))
    }

    #[test]
    fn only_the_issuers_own_word_stands() {
        for (status, body) in [
            (401, r#"{"error":"invalid_client"}"#),
            (400, r#"{"error":"invalid_scope","error_description":"no"}"#),
            (400, r#"{"error":"something_new"}"#),
            (403, r#"{"error":"access_denied"}"#),
        ] {
            assert!(is_final(status, body), "{status} {body}");
        }
        for (status, body) in [
            (429, r#"{"error":"temporarily_unavailable"}"#),
            (503, r#"{"error":"temporarily_unavailable"}"#),
            (500, r#"{"error":"invalid_client"}"#),
            (400, r#"{"error":"temporarily_unavailable"}"#),
            (401, ""),
            (403, "<html>blocked</html>"),
            (400, r#"{"error":{"code":7}}"#),
            (404, r#"{"error":"not_found"}"#),
            (302, r#"{"error":"invalid_client"}"#),
        ] {
            assert!(!is_final(status, body), "{status} {body}");
        }
    }

    #[test]
    fn no_words_have_the_key_in_them() {
        let key = Key::parse("a key-of-ones-own".split_at(2).1).unwrap();
        let body = br#"{"error":"key-of-ones-own","error_description":"you sent key\u0007-of-on\"es-own"}"#;
        let refused = refusal(StatusCode::BAD_REQUEST, body, None).without(&key);
        let Failure::Final(Error::Refused(refused)) = refused else { panic!("it stands") };
        assert_eq!([&*refused.error, &*refused.description], [LEFT_OUT; 2]);

        let closed = Failure::from(Trouble::Unreachable { why: "closed by peer: (key-of-ones-own)".to_owned() });
        assert!(!format!("{:?}", closed.without(&key)).contains("ones-own"));
    }

    #[test]
    fn what_it_says_is_short_and_plain() {
        let body = format!(r#"{{"error":"in\u001b[31mvalid","error_description":"{}"}}"#, "long ".repeat(1000));
        let Failure::Final(Error::Refused(refusal)) = refusal(StatusCode::BAD_REQUEST, body.as_bytes(), None) else {
            panic!("it stands");
        };

        assert_eq!((&*refusal.error, refusal.description.len()), ("in[31mvalid", MAX_WORDS));
    }
}
