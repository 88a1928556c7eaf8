//! Reach: which addresses this server may ask something of, when somebody else chose the name behind them.
//!
//! A provider's documents name more addresses, and DNS may say today what it did not say yesterday. Without this rule a
//! metadata service, a database or a neighbour's console on a private address answers for whoever can write a name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// IANA's special IPv4 networks (RFC 6890), and all that no single host has.
const SPECIAL: [Ipv4Net; 16] = [
    network([0, 0, 0, 0], 8),
    network([10, 0, 0, 0], 8),
    // Shared by a carrier's customers.
    network([100, 64, 0, 0], 10),
    network([127, 0, 0, 0], 8),
    // Link-local, where clouds keep their metadata.
    network([169, 254, 0, 0], 16),
    // Azure's own services answer here, to its machines alone.
    network([168, 63, 129, 16], 32),
    network([172, 16, 0, 0], 12),
    network([192, 0, 0, 0], 24),
    network([192, 168, 0, 0], 16),
    // Relays of 6to4.
    network([192, 88, 99, 0], 24),
    // Benchmarks.
    network([198, 18, 0, 0], 15),
    // Documentation.
    network([192, 0, 2, 0], 24),
    network([198, 51, 100, 0], 24),
    network([203, 0, 113, 0], 24),
    // Multicast, reserved, broadcast.
    network([224, 0, 0, 0], 4),
    network([240, 0, 0, 0], 4),
];

const fn network([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

/// Whether `address` may be asked: it is of the public Internet, or in a network that the operator allows.
///
/// IPv4 in the clothes of IPv6 is judged as what it becomes on the wire.
#[must_use]
pub fn may_ask(address: IpAddr, allowed: &[IpNet]) -> bool {
    let bare = bare(address);
    allowed.iter().any(|network| network.contains(&bare) || network.contains(&address)) || is_public(bare)
}

/// Takes off what wraps an IPv4 address: mapped and compatible forms (RFC 4291 2.5.5), NAT64 (RFC 6052 2.1), 6to4
/// (RFC 3056).
fn bare(address: IpAddr) -> IpAddr {
    let IpAddr::V6(wrapped) = address else { return address };
    let halves = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match wrapped.segments() {
        // `::` and `::1` have this form too, and names of their own.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => address,
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            halves(high, low)
        }
        _ => address,
    }
}

/// Whether IANA's registries of special addresses say nothing of it.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL.iter().any(|network| network.contains(&address))
}

/// Only `2000::/3` is given out; what is special in it is left out again.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // Protocol assignments (Teredo and benchmarks too), documentation.
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x3fff, second, ..] => second >= 0x1000,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::address::network;

    fn may(address: &str) -> bool {
        may_ask(address.parse().unwrap(), &[])
    }

    #[test]
    fn what_is_special_is_out_of_reach() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "100::1",
            "2001:db8::1",
            "2001::1",
            "2001:2::1",
            "2001:1ff::1",
            "3fff:fff::1",
            "5f00::1",
            "64:ff9b:1::1",
            "4000::1",
        ] {
            assert!(!may(address), "{address}");
        }
    }

    #[test]
    fn the_edges_of_special_networks_are_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2606:4700::1",
            "2a00:1450::1",
            "3fff:1000::1",
        ] {
            assert!(may(address), "{address}");
        }
    }

    #[test]
    fn an_ipv4_address_is_judged_in_any_clothes() {
        for (form, private, public) in [
            ("mapped", "::ffff:127.0.0.1", "::ffff:1.1.1.1"),
            ("compatible", "::169.254.169.254", "::1.1.1.1"),
            ("nat64", "64:ff9b::10.0.0.1", "64:ff9b::1.1.1.1"),
            ("6to4", "2002:c0a8:0101::1", "2002:0101:0101::1"),
        ] {
            assert!(!may(private) && may(public), "{form}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_in_reach_and_nothing_beside_it() {
        let allowed = [network("10.1.0.0/16").unwrap(), network("::1").unwrap(), network("fd00::/8").unwrap()];

        for (address, expected) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("64:ff9b::10.1.2.3", true),
            ("10.2.0.1", false),
            ("::1", true),
            ("fd00::1", true),
            ("fc00::1", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(may_ask(address.parse().unwrap(), &allowed), expected, "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_clothes_change_the_judgement(bits: u32) {
            let plain = Ipv4Addr::from(bits);
            let judged = may_ask(plain.into(), &[]);
            let [a, b, c, d] = plain.octets();
            let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));

            prop_assert_eq!(may_ask(plain.to_ipv6_mapped().into(), &[]), judged);
            prop_assert_eq!(may_ask(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low).into(), &[]), judged);
            prop_assert_eq!(may_ask(Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1).into(), &[]), judged);
        }

        #[test]
        fn what_the_library_knows_as_special_is_out_of_reach(bits: u32, wide: u128) {
            let (narrow, wide) = (Ipv4Addr::from(bits), Ipv6Addr::from(wide));
            let is_special = narrow.is_private() || narrow.is_loopback() || narrow.is_link_local()
                || narrow.is_multicast() || narrow.is_broadcast() || narrow.is_documentation() || narrow.is_unspecified();

            prop_assert!(!(is_special && may_ask(narrow.into(), &[])));
            let is_special = wide.is_loopback() || wide.is_multicast() || wide.is_unspecified()
                || wide.is_unique_local() || wide.is_unicast_link_local();
            prop_assert!(!(is_special && may_ask(wide.into(), &[])));
        }
    }
}
