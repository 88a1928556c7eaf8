use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};

use crate::Challenge;

impl ResponseError for Challenge {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        for header in self.headers() {
            answer.insert_header(header);
        }
        match self.body() {
            None => answer.finish(),
            Some(body) => answer.content_type("application/json").body(body),
        }
    }
}
