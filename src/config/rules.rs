//! What settings must be like, one by one and together.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

use super::{ConfigError, Settings, SignIn};
use crate::limit;

impl Settings {
    /// Checks what the types alone don't say.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !self.issuer.is_empty() {
            check_issuer(&self.issuer).map_err(|message| invalid("issuer", message))?;
        }
        let grace = self.database.outage_grace.get();
        if grace < limit::FOLLOW_STALE || grace > limit::OUTAGE_GRACE_MAX {
            let words = "it is 1s at least and 5m at most: for so long a key lives on that was revoked on another node";
            return Err(invalid("database.outage_grace", words));
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
        check_networks("server.trusted_proxies", &self.server.trusted_proxies)?;
        check_networks("upstream.allowed_networks", &self.upstream.allowed_networks)?;
        self.sign_in.check()
    }
}

impl SignIn {
    fn check(&self) -> Result<(), ConfigError> {
        if self.session_idle.get() < limit::SESSION_IDLE_MIN {
            let words = "it is 2m at least: that a session is used is written down once a minute";
            return Err(invalid("sign_in.session_idle", words));
        }
        if self.session_lifetime < self.session_idle {
            return Err(invalid("sign_in.session_lifetime", "it is shorter than sign_in.session_idle"));
        }
        if self.refresh_idle.get().is_zero() {
            return Err(invalid("sign_in.refresh_idle", "a refresh token must live for a while"));
        }
        if self.refresh_lifetime < self.refresh_idle {
            return Err(invalid("sign_in.refresh_lifetime", "it is shorter than sign_in.refresh_idle"));
        }
        if self.refresh_grace.get() > limit::REFRESH_GRACE_MAX {
            let words = "it is 5m at most: for so long nobody notices that a refresh token was stolen";
            return Err(invalid("sign_in.refresh_grace", words));
        }
        Ok(())
    }
}

fn check_networks(name: &str, networks: &[String]) -> Result<(), ConfigError> {
    let is_network = |text: &&String| text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok();
    match networks.iter().find(|text| !is_network(text)) {
        None => Ok(()),
        Some(text) => Err(invalid(name, &format!("`{text}` is no network such as 10.0.0.0/8"))),
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
    use super::{Settings, check_issuer};

    /// What is wrong with the defaults once `change` was made.
    fn complaint(change: impl FnOnce(&mut Settings)) -> String {
        let mut settings = Settings::default();
        change(&mut settings);
        settings.check().map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn how_long_people_stay_signed_in_makes_sense() {
        type Change = fn(&mut Settings);
        let span = |text: &str| text.parse().unwrap();

        let changes: [(&str, &str, Change); 5] = [
            ("session_idle", "2m at least", |settings| settings.sign_in.session_idle = "1m".parse().unwrap()),
            ("session_lifetime", "shorter", |settings| settings.sign_in.session_lifetime = "1d".parse().unwrap()),
            ("refresh_idle", "for a while", |settings| settings.sign_in.refresh_idle = "0s".parse().unwrap()),
            ("refresh_lifetime", "shorter", |settings| settings.sign_in.refresh_lifetime = "13d".parse().unwrap()),
            ("refresh_grace", "5m at most", |settings| settings.sign_in.refresh_grace = "301s".parse().unwrap()),
        ];

        for (name, words, change) in changes {
            let complaint = complaint(change);
            assert!(complaint.contains(&format!("`sign_in.{name}`")) && complaint.contains(words), "{complaint}");
        }
        let edges = complaint(|settings| {
            let own = &mut settings.sign_in;
            (own.session_idle, own.session_lifetime) = (span("2m"), span("2m"));
            (own.refresh_idle, own.refresh_lifetime, own.refresh_grace) = (span("1s"), span("1s"), span("5m"));
        });
        assert_eq!(edges, "");
        assert_eq!(complaint(|settings| settings.sign_in.refresh_grace = span("0s")), "");
    }

    #[test]
    fn an_outage_is_bridged_for_minutes_at_most() {
        let grace = |text: &str| complaint(|settings| settings.database.outage_grace = text.parse().unwrap());

        for good in ["1s", "30s", "5m"] {
            assert_eq!(grace(good), "", "{good}");
        }
        for bad in ["0s", "301s", "1d"] {
            assert!(grace(bad).contains("`database.outage_grace`"), "{bad}");
        }
    }

    #[test]
    fn a_network_is_one_or_an_address() {
        let networks = |text: &str| complaint(|settings| settings.upstream.allowed_networks = vec![text.to_owned()]);

        for good in ["10.0.0.0/8", "::1/128", "192.0.2.1"] {
            assert_eq!(networks(good), "", "{good}");
        }
        for bad in ["10.0.0.0/33", "intranet", ""] {
            assert!(networks(bad).contains("`upstream.allowed_networks`"), "{bad}");
        }
    }

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
