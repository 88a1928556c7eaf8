//! What holds when nobody says otherwise.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{Database, Keys, Log, LogFormat, Metrics, Secret, Server, Settings, SignIn, SigningKeys, Tls, Upstream};
use crate::limit;

impl Default for Settings {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            root_key_file: "keys/root.key".into(),
            root_key: Secret::default(),
            previous_root_key_file: None,
            previous_root_key: Secret::default(),
            database: Database::default(),
            server: Server::default(),
            tls: Tls::default(),
            metrics: Metrics::default(),
            log: Log::default(),
            keys: Keys::default(),
            signing_keys: SigningKeys::default(),
            sign_in: SignIn::default(),
            upstream: Upstream::default(),
            resources: Vec::new(),
            apps: Vec::new(),
            providers: Vec::new(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:hallpass.db".to_owned().into(),
            url_file: None,
            cached_keys: 1_000_000,
            notify: true,
            outage_grace: limit::OUTAGE_GRACE.into(),
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: loopback(8080),
            plain_http: false,
            trusted_proxies: Vec::new(),
            workers: 0,
            max_connections: 25_000,
        }
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self { listen: loopback(9464), enabled: true }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Auto }
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            prefix: "hp".to_owned(),
            expiry: limit::KEY_EXPIRY.into(),
            max_expiry: None,
            rotation_overlap: limit::ROTATION_OVERLAP.into(),
        }
    }
}

impl Default for SigningKeys {
    fn default() -> Self {
        Self { active: limit::KEY_ACTIVE.into() }
    }
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            session_idle: limit::SESSION_IDLE.into(),
            session_lifetime: limit::SESSION_LIFETIME.into(),
            refresh_idle: limit::REFRESH_IDLE.into(),
            refresh_lifetime: limit::REFRESH_LIFETIME.into(),
            refresh_grace: limit::REFRESH_GRACE.into(),
            rate: limit::JOURNEYS_PER_SECOND,
        }
    }
}

const fn loopback(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}
