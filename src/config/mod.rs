//! What the operator said: `hallpass.toml`, then the environment, then flags.
//!
//! In:    a file, `HALLPASS_…` variables, `--set name=value`.
//! Out:   `Settings`, each field of which was named rightly and makes sense.
//! Never: prints a secret, guesses at a name it does not know.

mod declared;
mod defaults;
mod layers;
mod rules;
mod secret;
mod source;
mod span;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Deserialize, Serialize};

pub use declared::{DeclaredApp, DeclaredProvider, DeclaredResource};
pub use layers::{ConfigError, nearest};
pub use rules::check_issuer;
pub use secret::Secret;
pub use source::{FileChoice, Sources};
pub use span::{NotASpan, Span};

/// Everything that can be set. The names are those of the file; the variable of `server.listen` is
/// `HALLPASS_SERVER_LISTEN`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What stands in every token and begins every address: `https`, or `http` on a loopback address; no query, no
    /// final slash. `serve` needs it.
    pub issuer: String,
    /// The root key, in a file that only its owner can read.
    pub root_key_file: PathBuf,
    /// The root key itself, 64 hexadecimal digits or base64. From the environment only; it overrides the file, unless
    /// the file is named by a later layer.
    pub root_key: Secret,
    /// The root key that is being replaced; unless set, `<root_key_file>.previous` if it is there.
    pub previous_root_key_file: Option<PathBuf>,
    /// The same, beside `HALLPASS_ROOT_KEY`.
    pub previous_root_key: Secret,
    /// The database.
    pub database: Database,
    /// Where and how requests arrive.
    pub server: Server,
    /// Certificates, when no proxy has them.
    pub tls: Tls,
    /// The second listener.
    pub metrics: Metrics,
    /// What is written about what happens.
    pub log: Log,
    /// What holds for every API key.
    pub keys: Keys,
    /// What holds for signing keys.
    pub signing_keys: SigningKeys,
    /// How long people stay signed in.
    pub sign_in: SignIn,
    /// How we speak to the providers that people sign in at.
    pub upstream: Upstream,
    /// Resources that shall be there.
    pub resources: Vec<DeclaredResource>,
    /// Apps that shall be there.
    pub apps: Vec<DeclaredApp>,
    /// Providers that shall be there.
    pub providers: Vec<DeclaredProvider>,
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:<path>` or `postgres://user:password@host/name`.
    pub url: Secret,
    /// A file that holds the URL. Of the two, the one that was said last counts.
    pub url_file: Option<PathBuf>,
    /// How many API keys are kept in memory at most.
    pub cached_keys: u64,
    /// Whether PostgreSQL is asked to say when something changed. `false` behind a pooler that does not pass that on
    /// (pgbouncer in transaction mode): nodes still agree within a second.
    pub notify: bool,
    /// How long keys in memory go on minting while the database is away, `1s` to `5m`. A key that is revoked on another
    /// node meanwhile lives on here for so long.
    pub outage_grace: Span,
}

/// Where and how requests arrive.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port; port 0 is any.
    pub listen: SocketAddr,
    /// Says that plain HTTP on a public address is meant: something in front speaks TLS.
    pub plain_http: bool,
    /// Networks of proxies whose `X-Forwarded-For` and `X-Request-Id` are believed.
    pub trusted_proxies: Vec<String>,
    /// Threads that serve, 512 at most; 0 is one for each core.
    pub workers: usize,
    /// Connections that may be open at once, for each worker; fewer where the process may not have so many descriptors,
    /// of which 160 are kept for itself, and 4 for each worker.
    pub max_connections: usize,
}

/// Certificates, when no proxy has them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The certificate chain, PEM; read again within 10 s when it changes.
    pub certificate_file: Option<PathBuf>,
    /// Its private key, PEM.
    pub key_file: Option<PathBuf>,
}

/// The second listener.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Metrics {
    /// Address and port of `/metrics`.
    pub listen: SocketAddr,
    /// Whether it is there.
    pub enabled: bool,
}

/// What is written about what happens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter: `info,hallpass::store=debug`.
    pub level: String,
    /// `text`, `json`, or `auto`: text on a terminal, JSON otherwise.
    pub format: LogFormat,
}

/// How a line of log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    #[default]
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What holds for every API key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// What API keys begin with: 1 to 16 letters and digits. Keys with another prefix are refused.
    pub prefix: String,
    /// How long a key lives when nobody says otherwise.
    pub expiry: Span,
    /// The longest a key may live; unset, "never" may be asked for.
    pub max_expiry: Option<Span>,
    /// How long a rotated key goes on beside its successor.
    pub rotation_overlap: Span,
}

/// What holds for signing keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SigningKeys {
    /// How long a signing key signs; `3d` at least.
    pub active: Span,
}

/// How long people stay signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignIn {
    /// How long a session lives that nobody uses.
    pub session_idle: Span,
    /// How long a session lives.
    pub session_lifetime: Span,
    /// How long refresh tokens live that nobody uses.
    pub refresh_idle: Span,
    /// How long refresh tokens live, one after the other.
    pub refresh_lifetime: Span,
    /// How long a spent refresh token still gets its successor: an answer was lost. 0s is not at all.
    pub refresh_grace: Span,
    /// How often in a second strangers at one address, or one person who is signed in, may begin to sign in: an app's
    /// request is one time, the way to a provider another; 0 is as often as they like. Behind a proxy,
    /// `server.trusted_proxies` must be right.
    pub rate: u32,
}

/// How we speak to the providers that people sign in at.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Upstream {
    /// Networks with inner addresses that providers may have all the same, such as `10.20.0.0/16`.
    pub allowed_networks: Vec<String>,
    /// Certificates (PEM) that are trusted beside the web's authorities when providers are asked.
    pub ca_file: Option<PathBuf>,
}

impl Settings {
    /// The defaults, with the database and the root key in `folder`.
    #[must_use]
    pub fn in_folder(folder: impl AsRef<Path>) -> Self {
        // What a URL would read in another way.
        const RESERVED: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');
        let path = folder.as_ref().join("hallpass.db");
        let url = format!("sqlite:{}", utf8_percent_encode(&path.to_string_lossy(), RESERVED));
        let database = Database { url: url.into(), ..Database::default() };
        Self { root_key_file: folder.as_ref().join("keys/root.key"), database, ..Self::default() }
    }
}
