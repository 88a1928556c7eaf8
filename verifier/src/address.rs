//! Addresses that keys may come from.
//!
//! In:    text, from the service's author or from a discovery document.
//! Out:   URLs that are https, or http on this machine.
//! Never: resolves a name.

use url::{Host, Url};

/// An address for documents: https, or http on loopback; nobody's name or password in it, no fragment.
#[must_use]
pub fn document(text: &str) -> Option<Url> {
    let has_plain_form = text.starts_with("https://") || text.starts_with("http://");
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(text).ok().filter(|_| has_plain_form && is_plain)?;
    let is_private = url.scheme() == "https" || is_loopback(&url);
    let is_bare =
        url.username().is_empty() && url.password().is_none() && !text.contains('@') && url.fragment().is_none();
    (is_private && is_bare).then_some(url)
}

/// An issuer: such an address without a query (RFC 8414 2).
#[must_use]
pub fn issuer(text: &str) -> Option<Url> {
    document(text).filter(|url| url.query().is_none())
}

/// Where an issuer's metadata lies: RFC 8414 3.1 puts the path behind the well-known name, OIDC Discovery 4 before it.
pub(crate) fn metadata(issuer: &Url) -> [Url; 2] {
    let path = issuer.path().trim_end_matches('/');
    [format!("/.well-known/oauth-authorization-server{path}"), format!("{path}/.well-known/openid-configuration")].map(
        |path| {
            let mut url = issuer.clone();
            url.set_path(&path);
            url
        },
    )
}

/// Whether the host is this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}
