//! API keys: whatever a stranger sends, it is refused or it is exactly what we would have printed.

#![no_main]

// The room itself: the whole server beside it would take minutes to build.
#[allow(dead_code, unused_imports)]
#[path = "../../src/credential/mod.rs"]
mod credential;

use credential::{ApiKey, Prefix, RootKey};
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
    if let Ok(key) = RootKey::parse(text) {
        assert_eq!(RootKey::parse(&key.reveal()).expect("what we print").id(), key.id());
    }
});
