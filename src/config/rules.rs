//! What settings must be like, one by one and together.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::{ConfigError, Settings};
use crate::limit;

impl Settings {
    /// Checks what the types alone don't say.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !self.issuer.is_empty() {
            check_issuer(&self.issuer).map_err(|message| invalid("issuer", message))?;
        }
        if self.keys.prefix.is_empty() || self.keys.prefix.len() > 16 {
            return Err(invalid("keys.prefix", "it is 1 to 16 letters and digits"));
        }
        if !self.keys.prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(invalid("keys.prefix", "it is 1 to 16 letters and digits"));
        }
        if self.keys.expiry.get().is_zero() {
            return Err(invalid("keys.expiry", "a key must live for a while"));
        }
        if self.keys.max_expiry.is_some_and(|max| max < self.keys.expiry) {
            return Err(invalid("keys.max_expiry", "it is shorter than keys.expiry"));
        }
        if self.signing_keys.active.get() < 3 * limit::KEY_WARM_UP {
            return Err(invalid(
                "signing_keys.active",
                "a key must sign for 3d at least, so that its successor is known in time",
            ));
        }
        if self.server.workers > 512 {
            return Err(invalid("server.workers", "it is 512 at most"));
        }
        if self.tls.certificate_file.is_some() != self.tls.key_file.is_some() {
            return Err(invalid("tls", "certificate_file and key_file go together"));
        }
        for network in &self.server.trusted_proxies {
            if network.parse::<IpNet>().is_err() && network.parse::<IpAddr>().is_err() {
                return Err(invalid(
                    "server.trusted_proxies",
                    &format!("`{network}` is no network such as 10.0.0.0/8"),
                ));
            }
        }
        Ok(())
    }
}

/// `https` anywhere, `http` on a loopback address only; no query, fragment, user or final slash (RFC 8414 section 2).
pub fn check_issuer(issuer: &str) -> Result<(), &'static str> {
    let url = Url::parse(issuer).map_err(|_| "it is no URL")?;
    let is_loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => return Err("it has no host"),
    };
    match url.scheme() {
        "https" => {}
        "http" if is_loopback => {}
        "http" => return Err("plain http is for loopback addresses; verifiers refuse it elsewhere"),
        _ => return Err("it must begin with https://"),
    }
    if issuer.contains(['?', '#']) {
        return Err("it can't have a query or a fragment");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it can't have a user or a password");
    }
    if issuer.ends_with('/') {
        return Err("leave out the final slash");
    }
    if url.as_str().trim_end_matches('/') != issuer {
        return Err("write it in its normal form: lower case, no default port, nothing to decode");
    }
    Ok(())
}

fn invalid(name: &str, message: &str) -> ConfigError {
    ConfigError::Invalid { place: "configuration".to_owned(), name: name.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::check_issuer;

    #[test]
    fn an_issuer_is_https_or_on_this_machine_and_plain() {
        for good in [
            "https://id.example",
            "https://id.example/tenant",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert_eq!(check_issuer(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "id.example",
            "http://id.example",
            "ftp://id.example",
            "https://id.example/",
            "https://id.example?x",
            "https://id.example#f",
            "https://u@id.example",
            "https://ID.example",
            "https://id.example:443",
        ] {
            assert!(check_issuer(bad).is_err(), "{bad}");
        }
    }
}
