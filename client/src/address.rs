//! Addresses that a key or a token may be sent to.
//!
//! In:    text, from the app's author or from the issuer's metadata.
//! Out:   URLs that are https, or http on this machine.
//! Never: resolves a name.

use url::{Host, Origin, Url};

/// An address to talk to: https, or http on loopback; nobody's name or password in it, no fragment.
pub(crate) fn endpoint(text: &str) -> Option<Url> {
    let has_plain_form = text.starts_with("https://") || text.starts_with("http://");
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(text).ok().filter(|_| has_plain_form && is_plain)?;
    let is_private = url.scheme() == "https" || is_loopback(&url);
    let is_bare =
        url.username().is_empty() && url.password().is_none() && !text.contains('@') && url.fragment().is_none();
    (is_private && is_bare).then_some(url)
}

/// An issuer: such an address without a query (RFC 8414 2).
pub(crate) fn issuer(text: &str) -> Option<Url> {
    endpoint(text).filter(|url| url.query().is_none())
}

/// An origin: such an address without path and query.
#[cfg_attr(not(feature = "middleware"), allow(dead_code, reason = "only the middleware has origins"))]
pub(crate) fn origin(text: &str) -> Option<Origin> {
    issuer(text).filter(|url| url.path() == "/").map(|url| url.origin())
}

/// Where an issuer's metadata lies: the well-known name comes before the issuer's path (RFC 8414 3.1).
pub(crate) fn metadata(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    url.set_path(&format!("/.well-known/oauth-authorization-server{}", issuer.path().trim_end_matches('/')));
    url
}

/// Whether the host is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_stay_on_this_machine() {
        let good = ["https://id.example", "https://id.example/auth?x=y", "http://127.0.0.1:80/t", "http://[::1]/t"];
        for text in good.into_iter().chain(["http://localhost:8080", "http://a.localhost"]) {
            assert!(endpoint(text).is_some(), "{text}");
        }
        let bad = ["http://id.example", "https://u@id.example", "https://u:p@id.example", "https://id.example/#f"];
        let odd =
            ["", "id.example", "ftp://127.0.0.1", "https:id.example", " https://id.example", "https://i\\d", "HTTPS"];
        for text in bad.into_iter().chain(odd).chain(["http://127.0.0.1.evil.example", "http://localhost.evil.example"])
        {
            assert_eq!(endpoint(text), None, "{text}");
        }
        assert_eq!(issuer("https://id.example/?x=y"), None);
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(origin("https://api.example"), origin("https://api.example:443/"));
        assert_ne!(origin("https://api.example"), origin("https://api.example:444"));
        assert_eq!(origin("https://api.example/v1"), None);
    }

    #[test]
    fn metadata_lie_before_the_issuers_path() {
        let of = |issuer: &str| metadata(&Url::parse(issuer).unwrap()).to_string();

        assert_eq!(of("https://id.example"), "https://id.example/.well-known/oauth-authorization-server");
        assert_eq!(of("https://id.example/a/"), "https://id.example/.well-known/oauth-authorization-server/a");
    }
}
