//! `GET /assets/{name}`: what pages load. A name tells its content, so it may be kept for good.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::{HttpResponse, web};

use super::answer::Answer;
use super::pages::find_asset;
use crate::flow::{Flows, Refusal};

pub(super) async fn asset(flows: web::Data<Flows>, name: web::Path<String>) -> Result<HttpResponse, Answer> {
    let asset = find_asset(&name).ok_or_else(|| Answer::new(Refusal::NoSuchAddress, flows.issuer()))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.media_type))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(asset.body))
}
