//! Where an answer goes, as people can judge it.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::http::pages::Shown;

/// What a redirect URI means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) enum Destination {
    /// A place on the web.
    Web {
        /// Its host, in ASCII: letters that only look alike give themselves away.
        host: Shown,
    },
    /// A program on the person's own machine (RFC 8252 7.3).
    ThisComputer {
        /// `127.0.0.1`, `[::1]` or `localhost`.
        host: Shown,
    },
    /// Whatever opens a scheme of its own (RFC 8252 7.1).
    Scheme {
        /// `com.example.app:`.
        scheme: Shown,
    },
}

impl Destination {
    /// What `redirect_uri` means; one that can't be read is a scheme that nobody knows.
    pub(in crate::http) fn of(redirect_uri: &str) -> Self {
        let Ok(url) = Url::parse(redirect_uri) else {
            return Self::Scheme { scheme: redirect_uri.into() };
        };
        let is_loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback() || address == Ipv4Addr::UNSPECIFIED,
            Some(Host::Ipv6(address)) => {
                address.is_loopback()
                    || address == Ipv6Addr::UNSPECIFIED
                    || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback())
            }
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            None => false,
        };
        match (url.scheme(), url.host_str()) {
            ("http" | "https", Some(host)) if is_loopback => Self::ThisComputer { host: host.into() },
            ("http" | "https", Some(host)) => {
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                Self::Web { host: format!("{host}{port}").into() }
            }
            (scheme, _) => Self::Scheme { scheme: format!("{scheme}:").into() },
        }
    }

    /// Whether anybody on the person's device could stand behind it.
    pub(in crate::http) const fn is_local(&self) -> bool {
        !matches!(self, Self::Web { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_is_said_as_what_it_is() {
        let web = |host: &str| Destination::Web { host: host.into() };
        let computer = |host: &str| Destination::ThisComputer { host: host.into() };
        let scheme = |scheme: &str| Destination::Scheme { scheme: scheme.into() };
        for (uri, meaning) in [
            ("https://orders.example/callback?x=y", web("orders.example")),
            ("https://orders.example:8443/", web("orders.example:8443")),
            ("https://аpple.example/", web("xn--pple-43d.example")),
            ("https://bank.example@elsewhere.example/", web("elsewhere.example")),
            ("https://localhost.elsewhere.example/", web("localhost.elsewhere.example")),
            ("http://127.0.0.1:51004/callback", computer("127.0.0.1")),
            ("http://[::1]/callback", computer("[::1]")),
            ("http://localhost:3000/", computer("localhost")),
            ("http://0x7f000001/", computer("127.0.0.1")),
            ("com.example.app:/callback", scheme("com.example.app:")),
            ("myapp://localhost/callback", scheme("myapp:")),
            ("nonsense", scheme("nonsense")),
        ] {
            assert_eq!(Destination::of(uri), meaning, "{uri}");
        }
    }
}
