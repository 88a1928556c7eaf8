//! The guard: no connection to an address that `policy::reach` does not allow, whatever a name stands for today.
//!
//! Names are judged when they are resolved, by the resolver that connects (so a second answer of a DNS server can't
//! get past it); addresses written in a URL, which no resolver sees, before anything is sent.

use std::net::SocketAddr;
use std::sync::Arc;

use hallpass_verifier::address;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::policy::reach;

/// What may be asked.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    allowed: Arc<[IpNet]>,
}

/// The address is not one that may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address may not be asked")]
pub(super) struct Forbidden;

impl Guard {
    /// Lets through what is public or in `allowed`.
    pub(super) fn new(allowed: &[IpNet]) -> Self {
        Self { allowed: allowed.into() }
    }

    /// Judges a URL as far as that goes without resolving its name. `Url` has undone odd spellings: `0x7f.1` is
    /// 127.0.0.1 by now.
    pub(super) fn check(&self, url: &Url) -> Result<(), Forbidden> {
        let is_allowed = match url.host() {
            Some(Host::Ipv4(address)) => reach::may_ask(address.into(), &self.allowed),
            Some(Host::Ipv6(address)) => reach::may_ask(address.into(), &self.allowed),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        if is_allowed && address::document(url.as_str()).is_some() { Ok(()) } else { Err(Forbidden) }
    }

    /// Those of a name's addresses that may be asked. A name that means this machine, and so may be asked without TLS,
    /// has no other address.
    fn permitted(&self, name: &str, found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        let is_own = name == "localhost" || name.ends_with(".localhost");
        found
            .filter(|address| reach::may_ask(address.ip(), &self.allowed))
            .filter(|address| !is_own || address.ip().to_canonical().is_loopback())
            .collect()
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted = guard.permitted(name.as_str(), found);
            if permitted.is_empty() {
                return Err(Forbidden.into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// Whether the guard is the cause of an error, however deep.
pub(super) fn is_forbidden(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(<dyn std::error::Error>::is::<Forbidden>)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::address::network;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| SocketAddr::new(text.parse().unwrap(), 0)).collect()
    }

    #[test]
    fn of_a_names_addresses_only_those_in_reach_are_left() {
        let guard = Guard::new(&[network("10.1.0.0/16").unwrap()]);
        let found =
            addresses(&["1.1.1.1", "127.0.0.1", "10.1.0.1", "10.2.0.1", "169.254.169.254", "::1", "2606:4700::1"]);

        let permitted = guard.permitted("id.example", found.into_iter());

        assert_eq!(permitted, addresses(&["1.1.1.1", "10.1.0.1", "2606:4700::1"]));
    }

    #[test]
    fn a_name_of_this_machine_means_no_other() {
        let guard = Guard::new(&[network("127.0.0.0/8").unwrap()]);
        let found = addresses(&["1.1.1.1", "127.0.0.1", "::1"]);

        assert_eq!(guard.permitted("x.localhost", found.into_iter()), addresses(&["127.0.0.1"]));
    }

    #[test]
    fn an_address_in_a_url_is_judged_in_any_spelling() {
        let guard = Guard::new(&[]);
        for url in [
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://017700000001/",
            "https://127.1/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://0/",
            "https://１２７.0.0.1/",
            "http://id.example/",
            "https://user@id.example/",
            "ftp://id.example/",
        ] {
            assert_eq!(guard.check(&Url::parse(url).unwrap()), Err(Forbidden), "{url}");
        }
        assert_eq!(guard.check(&Url::parse("https://id.example/x?y").unwrap()), Ok(()));
    }
}
