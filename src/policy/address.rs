//! Addresses: who is really asking, and from where a key may be used.

use std::net::IpAddr;

use ipnet::IpNet;

/// The client's address: the peer's own unless it is a trusted proxy; then the last address in `X-Forwarded-For` that
/// is no trusted proxy itself. What a client writes there in front of that is never believed.
#[must_use]
pub fn client(peer: IpAddr, forwarded_for: Option<&str>, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    for hop in forwarded_for.unwrap_or_default().rsplit(',') {
        if !is_trusted(client) {
            break;
        }
        match hop.trim().parse::<IpAddr>() {
            Ok(address) => client = address.to_canonical(),
            Err(_) => break,
        }
    }
    client
}

/// Whether a key limited to `networks` may be used from `address`; no networks is no limit.
#[must_use]
pub fn is_allowed(address: IpAddr, networks: &[IpNet]) -> bool {
    networks.is_empty() || networks.iter().any(|network| network.contains(&address.to_canonical()))
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

        assert_eq!(client(ip("192.0.2.1"), Some("198.51.100.1"), &proxies), ip("192.0.2.1"));
        assert_eq!(client(ip("10.0.0.1"), Some("203.0.113.9, 198.51.100.1"), &proxies), ip("198.51.100.1"));
        assert_eq!(client(ip("10.0.0.1"), Some("198.51.100.1, 10.0.0.2"), &proxies), ip("198.51.100.1"));
        assert_eq!(client(ip("10.0.0.1"), None, &proxies), ip("10.0.0.1"));
        assert_eq!(client(ip("10.0.0.1"), Some("nonsense"), &proxies), ip("10.0.0.1"));
        assert_eq!(client(ip("::ffff:10.0.0.1"), Some("2001:db8::1"), &proxies), ip("2001:db8::1"));
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
            assert_eq!(is_allowed(ip(address), &networks), expected, "{address}");
        }
        assert!(is_allowed(ip("203.0.113.1"), &[]));
    }
}
