//! Bytes that are there already: an answer of the server's, head and body, given again and again.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{App, HttpResponse, web};

use crate::Outcome;

/// Headers that the framework writes itself.
const OWN: [&str; 4] = ["content-length", "date", "connection", "x-request-id"];

#[derive(Clone)]
struct Answer {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: web::Bytes,
}

pub(super) async fn serve(address: SocketAddr, head: &str, file: &Path) -> Outcome<()> {
    let mut headers = Vec::new();
    for (name, value) in head.lines().filter_map(|line| line.split_once(':')) {
        if !OWN.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            headers.push((HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value.trim())?));
        }
    }
    let answer = web::Data::new(Answer { headers, body: fs::read(file)?.into() });
    serve!(address, move || {
        App::new().app_data(answer.clone()).route("/.well-known/jwks.json", web::get().to(give))
    });
    Ok(())
}

async fn give(answer: web::Data<Answer>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for header in &answer.headers {
        response.insert_header(header.clone());
    }
    response.body(answer.body.clone())
}
