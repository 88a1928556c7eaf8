//! An app that holds a key and calls a service with it, now and then, for as long as it runs.
//!
//! ```text
//! HALLPASS_API_KEY=hp_… ISSUER=http://127.0.0.1:8080 SERVICE=http://127.0.0.1:8081 \
//!     cargo run --release -p hallpass-client --features middleware --example hold_a_key
//! ```
//!
//! `HALLPASS_API_KEY_FILE` names a file instead; `RESOURCE` is what the token shall be for, if the key has several;
//! `CALLS` ends it after so many calls.

use std::env;
use std::error::Error;
use std::time::Duration;

use hallpass_client::TokenSource;
use hallpass_client::middleware::Bearer;
use reqwest_middleware::ClientBuilder;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Says when a token can't be renewed, and why.
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();

    let issuer = env::var("ISSUER").map_err(|_| "set ISSUER to the address of the issuer")?;
    let service = env::var("SERVICE").map_err(|_| "set SERVICE to the address of the service")?;
    let calls: Option<u64> = env::var("CALLS").ok().map(|calls| calls.parse()).transpose()?;

    let mut builder = TokenSource::builder(issuer).key_from_environment();
    if let Ok(resource) = env::var("RESOURCE") {
        builder = builder.resource(resource);
    }
    let source = builder.build()?;

    // The token is for this service, and is shown to no other.
    let bearer = Bearer::new(source).origin(&service)?;
    let client = ClientBuilder::new(reqwest::Client::builder().build()?).with(bearer).build();

    let mut made = 0;
    while calls.is_none_or(|calls| made < calls) {
        match client.get(&service).send().await {
            Ok(response) => println!("{} {}", response.status(), response.text().await?.trim_end()),
            Err(error) => eprintln!("no answer: {error}"),
        }
        made += 1;
        if calls.is_none_or(|calls| made < calls) {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
    }
    Ok(())
}
