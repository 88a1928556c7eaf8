//! A service that lets nobody in without a good token.
//!
//! ```text
//! ISSUER=http://127.0.0.1:8080 AUDIENCE=https://api.example \
//!     cargo run --release -p hallpass-verifier --features actix --example service
//! ```
//!
//! `LISTEN` is the address to listen on, 127.0.0.1:8081 unless set; `PROFILE` is standard, compat or modern.

use std::env;
use std::error::Error;

use actix_web::{App, HttpResponse, HttpServer, Responder, get, web};
use hallpass_verifier::actix::{Bearer, RequiredScope};
use hallpass_verifier::{Profile, Verifier};

struct ReadOrders;

impl RequiredScope for ReadOrders {
    const SCOPE: &'static str = "orders:read";
}

/// Greets whom the token speaks for: a person by name, or else the app, which is its own `sub`.
#[get("/")]
async fn greet(caller: Bearer) -> impl Responder {
    format!("Hello, {}\n", caller.name.as_ref().unwrap_or(&caller.sub))
}

/// The verified claims.
#[get("/claims")]
async fn claims(caller: Bearer) -> impl Responder {
    HttpResponse::Ok().json(caller.claims())
}

/// Something that not every token allows.
#[get("/orders")]
async fn orders(caller: Bearer<ReadOrders>) -> impl Responder {
    HttpResponse::Ok().json(serde_json::json!({ "orders": [], "of": caller.sub }))
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Says why the issuer's keys can't be had, when they can't.
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();

    let issuer = env::var("ISSUER").map_err(|_| "set ISSUER to the address of the issuer")?;
    let audience = env::var("AUDIENCE").map_err(|_| "set AUDIENCE to what the tokens are for")?;
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8081".to_owned());
    let profile: Profile = env::var("PROFILE").map_or(Ok(Profile::default()), |profile| profile.parse())?;

    let verifier = Verifier::builder(issuer).audience(audience).profile(profile).build()?;
    let verifier = web::Data::new(verifier);
    let app = move || App::new().app_data(verifier.clone()).service(greet).service(claims).service(orders);
    let server = HttpServer::new(app).bind(&listen)?;

    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    Ok(server.run().await?)
}
