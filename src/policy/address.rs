//! Addresses: who is really asking, and from where a key may be used.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

/// The client's address: the peer's own unless it is a trusted proxy; then the last address in `X-Forwarded-For` (its
/// lines joined) that is no trusted proxy itself. What a client writes there in front of that is never believed. `None`
/// when a trusted proxy names something that is no address: then nobody knows.
#[must_use]
pub fn client(peer: IpAddr, forwarded_for: &[u8], trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    let mut hops = forwarded_for.rsplit(|byte| *byte == b',').filter(|hop| !hop.trim_ascii().is_empty());
    while is_trusted(client) {
        match hops.next() {
            Some(hop) => client = hop_address(hop)?.to_canonical(),
            None => break,
        }
    }
    Some(client)
}

/// `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:443`.
fn hop_address(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop.trim_ascii()).ok()?;
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

/// Whether a key limited to `networks` may be used from `address`; no networks is no limit, and no network holds an
/// unknown address.
#[must_use]
pub fn is_allowed(address: Option<IpAddr>, networks: &[IpNet]) -> bool {
    let is_in = |address: IpAddr| networks.iter().any(|network| network.contains(&address.to_canonical()));
    networks.is_empty() || address.is_some_and(is_in)
}

/// Reads a CIDR network or a single address; host bits beyond the mask are dropped.
pub fn network(text: &str) -> Result<IpNet, NotANetwork> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map(|network| network.trunc())
        .map_err(|_| NotANetwork(text.chars().take(64).collect()))
}

/// The text is neither a network nor an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network: write 10.0.0.0/8, 2001:db8::/32 or one address")]
pub struct NotANetwork(String);

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_its_own_word() {
        let proxies = [network("10.0.0.0/8").unwrap()];
        for (peer, forwarded_for, expected) in [
            ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
            ("10.0.0.1", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
            ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
            ("10.0.0.1", "", "10.0.0.1"),
            ("10.0.0.1", "198.51.100.1:5555", "198.51.100.1"),
            ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
            ("10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
            ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ] {
            assert_eq!(client(ip(peer), forwarded_for.as_bytes(), &proxies), Some(ip(expected)), "{forwarded_for}");
        }
    }

    #[test]
    fn a_proxy_that_names_no_address_leaves_the_client_unknown() {
        let proxies = [network("10.0.0.0/8").unwrap()];
        for forwarded_for in [b"unknown".as_slice(), b"198.51.100.1, \xff", b"_hidden", b"198.51.100.1, 10.0.0.9x"] {
            assert_eq!(client(ip("10.0.0.1"), forwarded_for, &proxies), None);
        }
        assert!(!is_allowed(None, &[network("0.0.0.0/0").unwrap()]));
        assert!(is_allowed(None, &[]));
    }

    #[test]
    fn a_key_may_be_tied_to_networks_of_both_kinds() {
        let networks =
            [network("192.0.2.7/24").unwrap(), network("2001:db8::/32").unwrap(), network("198.51.100.1").unwrap()];

        for (address, expected) in [
            ("192.0.2.200", true),
            ("::ffff:192.0.2.1", true),
            ("2001:db8:1::1", true),
            ("198.51.100.2", false),
            ("2001:db9::1", false),
        ] {
            assert_eq!(is_allowed(Some(ip(address)), &networks), expected, "{address}");
        }
        assert!(is_allowed(Some(ip("203.0.113.1")), &[]));
    }
}
