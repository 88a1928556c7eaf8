//! Where a form was sent from.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderValue, ORIGIN};

/// Whether a form came from a page of ours. Browsers say so with every form; what is no browser has no cookie to abuse.
pub(super) fn is_own(request: &HttpRequest, issuer: &str) -> bool {
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let fetch_site = request.headers().get("sec-fetch-site").map(text);
    let is_same = fetch_site.as_deref().is_none_or(|site| site == "same-origin");
    let mut origins = request.headers().get_all(ORIGIN).map(text);
    match (origins.next().as_deref(), origins.next()) {
        (None, _) => is_same,
        // What a page with `Referrer-Policy: no-referrer` says of itself, and a sandboxed stranger too.
        (Some("null"), None) => fetch_site.is_some() && is_same,
        (Some(origin), None) => origin == issuer && is_same,
        (Some(_), Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const OWN: &str = "http://127.0.0.1:9";

    fn is_own_with(headers: &[(&str, &str)]) -> bool {
        let request = headers.iter().fold(TestRequest::post(), |request, header| request.append_header(*header));
        is_own(&request.to_http_request(), OWN)
    }

    #[test]
    fn forms_of_our_pages_are_ours() {
        assert!(is_own_with(&[]));
        assert!(is_own_with(&[("origin", OWN)]));
        assert!(is_own_with(&[("origin", OWN), ("sec-fetch-site", "same-origin")]));
        assert!(is_own_with(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn forms_of_strangers_are_not() {
        for headers in [
            &[("origin", "http://127.0.0.1:90")] as &[_],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", "null"), ("sec-fetch-site", "cross-site")],
            &[("origin", OWN), ("sec-fetch-site", "same-site")],
            &[("origin", OWN), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "cross-site")],
        ] {
            assert!(!is_own_with(headers), "{headers:?}");
        }
    }
}
