//! API keys and slips: whatever a stranger sends, it is refused or it is exactly what we would have printed.

#![no_main]

// The room itself: the whole server beside it would take minutes to build.
#[allow(dead_code, unused_imports)]
#[path = "../../src/credential/mod.rs"]
mod credential;

use credential::{ApiKey, BrowserSecret, Challenge, Prefix, RootKey, Slip, SlipKind, Verifier};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let prefix: Prefix = "hp".parse().expect("the usual prefix");
    if let Ok(key) = ApiKey::parse(&prefix, text) {
        assert_eq!(key.reveal(&prefix), text);
        assert!(!format!("{key:?}").contains(&text[25..57]), "the secret is printed");
    }
    // The first part of a text as a prefix, the rest as a key under it.
    if let Some((own, _)) = text.split_once('_')
        && let Ok(own) = own.parse::<Prefix>()
        && let Ok(key) = ApiKey::parse(&own, text)
    {
        assert_eq!(key.reveal(&own), text);
    }
    for kind in [SlipKind::Session, SlipKind::Code, SlipKind::Refresh] {
        if let Ok(slip) = Slip::parse(&prefix, kind, text) {
            assert_eq!(slip.reveal(&prefix), text);
            assert!(ApiKey::parse(&prefix, text).is_err(), "a slip is no key");
        }
    }
    if let (Ok(verifier), Ok(challenge)) = (text.parse::<Verifier>(), text.parse::<Challenge>()) {
        assert!(!challenge.matches(&verifier), "nobody knows a text that is its own hash");
    }
    if let Some(secret) = BrowserSecret::parse(text) {
        assert_eq!(secret.reveal(), text);
    }
    if let Ok(key) = RootKey::parse(text) {
        assert_eq!(RootKey::parse(&key.reveal()).expect("what we print").id(), key.id());
    }
});
