use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::Challenge;

impl Challenge {
    /// The answer, whose body is made from JSON text or from nothing: for extractors and services of your own. Needs the
    /// feature `tower`.
    #[must_use]
    pub fn to_http_response<B: From<String>>(&self) -> Response<B> {
        let body = self.body();
        let is_json = body.is_some();
        let mut answer = Response::new(body.unwrap_or_default().into());
        *answer.status_mut() = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers() {
            // Our own texts are all that a header may be; without one, the status says enough.
            if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), HeaderValue::try_from(value)) {
                answer.headers_mut().insert(name, value);
            }
        }
        if is_json {
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        answer
    }
}
