//! Form → JSON: what the framework itself costs for a request and an answer of this size.

use std::net::SocketAddr;

use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::{App, HttpResponse, web};
use serde::{Deserialize, Serialize};

use crate::Outcome;

/// About as long as a token of the exchange.
const TOKEN: usize = 600;

#[derive(Deserialize)]
struct Form {
    grant_type: String,
    client_id: String,
    client_secret: String,
    scope: String,
}

#[derive(Serialize)]
struct Reply<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    scope: &'a str,
}

pub(super) async fn serve(address: SocketAddr) -> Outcome<()> {
    let token = web::Data::new(format!("ey{}", "J".repeat(TOKEN - 2)));
    serve!(address, move || { App::new().app_data(token.clone()).route("/oauth/token", web::post().to(answer)) });
    Ok(())
}

async fn answer(token: web::Data<String>, form: web::Form<Form>) -> HttpResponse {
    if form.grant_type.is_empty() || form.client_id.is_empty() || form.client_secret.is_empty() {
        return HttpResponse::BadRequest().finish();
    }
    let reply = Reply { access_token: &token, token_type: "Bearer", expires_in: 300, scope: &form.scope };
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache")).json(reply)
}
