//! A request for a code, read at the door (RFC 6749 section 4.1.1, OpenID Connect Core 1.0 section 3.1.2.1).

use super::Client;
use super::back::WayBack;
use super::parameters::Parameters;
use crate::credential::Challenge;

/// The scopes that show something; others are left out.
pub(super) const SCOPES: [&str; 4] = ["openid", "profile", "email", "groups"];

/// Each of them asks somebody; to this provider they are all the same.
const PROMPTS: [&str; 3] = ["login", "consent", "select_account"];

/// What a client asks for.
#[derive(Debug)]
pub(super) struct CodeRequest {
    pub(super) back: WayBack,
    pub(super) nonce: Option<String>,
    pub(super) scope: Vec<String>,
    pub(super) challenge: Challenge,
    pub(super) prompt: Prompt,
    /// How long ago, in seconds, the person may have been picked.
    pub(super) max_age: Option<i64>,
    pub(super) login_hint: Option<String>,
    pub(super) id_token_hint: Option<String>,
}

/// Whether somebody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// If need be.
    Default,
    /// In no case.
    None,
    /// In any case.
    Always,
}

/// Why there will be no code.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// In words on a page: nobody knows where else to send them safely (RFC 9700 section 4.11.2).
    Here(&'static str),
    /// In a code and words, sent back to the client.
    Back(WayBack, &'static str, &'static str),
}

impl CodeRequest {
    /// Reads what `client` asks for.
    pub(super) fn read(parameters: &Parameters, client: &Client) -> Result<Self, Fault> {
        let back = WayBack::read(parameters, client).map_err(Fault::Here)?;
        Self::read_rest(parameters, back.clone()).map_err(|(error, words)| Fault::Back(back, error, words))
    }

    fn read_rest(parameters: &Parameters, back: WayBack) -> Result<Self, (&'static str, &'static str)> {
        let invalid = |words| ("invalid_request", words);
        if parameters.has_repeated() {
            return Err(invalid("a parameter is repeated"));
        }
        if parameters.one("request").is_some() {
            return Err(("request_not_supported", "request objects are not read here"));
        }
        if parameters.one("request_uri").is_some() {
            return Err(("request_uri_not_supported", "request objects are not fetched"));
        }
        match parameters.one("response_type") {
            Some("code") => {}
            None => return Err(invalid("response_type is missing")),
            Some(_) => return Err(("unsupported_response_type", "the only response type is code")),
        }
        if parameters.one("response_mode").is_some_and(|mode| mode != "query") {
            return Err(invalid("the only response mode is query"));
        }
        let asked = parameters.one("scope").unwrap_or_default().split(' ');
        let scope: Vec<String> = asked.filter(|scope| SCOPES.contains(scope)).map(str::to_owned).collect();
        if !scope.iter().any(|scope| scope == "openid") {
            return Err(("invalid_scope", "the scope must have openid"));
        }
        if parameters.one("code_challenge_method") != Some("S256") {
            return Err(invalid("code_challenge_method must be S256"));
        }
        let challenge = parameters.one("code_challenge").unwrap_or_default();
        let challenge = challenge.parse().map_err(|_| invalid("code_challenge must be 43 base64url characters"))?;
        let max_age = parameters.one("max_age").map(whole).transpose().map_err(invalid)?;
        let own = |name| parameters.one(name).map(str::to_owned);
        Ok(Self {
            back,
            nonce: own("nonce"),
            scope,
            challenge,
            prompt: Prompt::read(parameters.one("prompt").unwrap_or_default()).map_err(invalid)?,
            max_age,
            login_hint: own("login_hint"),
            id_token_hint: own("id_token_hint"),
        })
    }
}

impl Prompt {
    fn read(text: &str) -> Result<Self, &'static str> {
        let prompts: Vec<&str> = text.split(' ').filter(|prompt| !prompt.is_empty()).collect();
        match *prompts {
            [] => Ok(Self::Default),
            ["none"] => Ok(Self::None),
            _ if prompts.iter().all(|prompt| PROMPTS.contains(prompt)) => Ok(Self::Always),
            _ => Err("prompt is none alone, or any of login, consent and select_account"),
        }
    }
}

/// A whole number of seconds; what is larger than any clock is as good as no limit.
fn whole(text: &str) -> Result<i64, &'static str> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.parse().unwrap_or(i64::MAX))
    } else {
        Err("max_age must be a whole number")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_read_whole() {
        for (text, prompt) in [("", Prompt::Default), ("none", Prompt::None), ("login consent", Prompt::Always)] {
            assert_eq!(Prompt::read(text), Ok(prompt), "{text}");
        }
        for bad in ["none login", "login none", "create", "None", "login,consent"] {
            assert!(Prompt::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_age_is_a_whole_number() {
        assert_eq!((whole("0"), whole("60"), whole(&"9".repeat(40))), (Ok(0), Ok(60), Ok(i64::MAX)));
        for bad in ["-1", "1.5", "abc", "+1", " 1"] {
            assert!(whole(bad).is_err(), "{bad}");
        }
    }
}
