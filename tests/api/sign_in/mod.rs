//! People sign in: from an app's request to one token for the app and the person.

mod authorize;
mod claims;
mod codes;
mod discovery;
mod journey;
mod leaving;
mod races;
mod refresh;
mod userinfo;
