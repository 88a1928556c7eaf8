//! A house to measure: a database with an app, a resource and keys, and the server on it.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use hallpass::app;
use hallpass::clock::Clock;
use hallpass::config::Settings;
use hallpass::flow::{AppWish, Flows, ResourceWish, Vault};
use tempfile::TempDir;

use crate::child::{SERVERS, Server, free_address};
use crate::client::{self, Key, Request};
use crate::{Outcome, fill};

/// The app that asks.
pub(crate) const CLIENT_ID: &str = "load";
/// What its tokens are for.
pub(crate) const RESOURCE: &str = "https://orders.example";
/// What they may do.
pub(crate) const SCOPE: &str = "orders:read orders:write";

/// A database with keys in it.
pub(crate) struct House {
    folder: TempDir,
    /// Where its database is, unless that is a file in the folder.
    url: Option<String>,
    /// Its keys, or those of many that are shown.
    pub(crate) keys: Arc<[Key]>,
}

/// A server on a house.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) metrics: Metrics,
}

/// Where a server's numbers are.
#[derive(Clone, Copy)]
pub(crate) struct Metrics(SocketAddr);

/// Builds the server as it is released, and says where it is.
pub(crate) fn build() -> Outcome<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args([
        "build",
        "--package",
        "hallpass",
        "--package",
        "load",
        "--bin",
        "hallpass",
    ]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    // What cargo says of this program to it would be news to build scripts that look, and all of it be built again.
    for (name, _) in std::env::vars_os() {
        if ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|own| name.as_encoded_bytes().starts_with(own.as_bytes())) {
            command.env_remove(name);
        }
    }
    if !command.status()?.success() {
        return Err("the server can't be built".into());
    }
    Ok(target()?.join("hallpass"))
}

/// The folder this program was built into.
pub(crate) fn target() -> Outcome<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.parent().ok_or("this program lies nowhere")?.to_owned())
}

impl House {
    /// A new database with `count` keys.
    pub(crate) async fn prepare(count: usize) -> Outcome<Self> {
        Self::prepare_at(None, count).await
    }

    /// The same in the empty database at `url`.
    pub(crate) async fn prepare_at(url: Option<String>, count: usize) -> Outcome<Self> {
        let (mut house, flows, vault) = Self::build(url).await?;
        house.keys = fill::all(&flows, &vault, house.settings().database.url.reveal(), count).await?.into();
        flows.store().close().await;
        Ok(house)
    }

    /// A new database with `rows` keys, `shown` of which, from all over it, are known to us.
    pub(crate) async fn prepare_sparse(rows: usize, shown: usize) -> Outcome<Self> {
        let (mut house, flows, vault) = Self::build(None).await?;
        let minted = fill::one(&flows, &vault).await?;
        flows.store().close().await;
        let url = house.settings().database.url.reveal().to_owned();
        house.keys = fill::sparsely(minted, &url, rows, shown).await?.into();
        Ok(house)
    }

    async fn build(url: Option<String>) -> Outcome<(Self, Flows, Vault)> {
        let folder = tempfile::Builder::new().prefix("load-").tempdir_in(target()?)?;
        let house = Self { folder, url, keys: Arc::new([]) };
        let settings = house.settings();
        let vault = Vault::new(&settings);
        vault.make()?;
        let flows = app::open(&settings, Clock::System).await?;
        flows.tend_ring().await?;
        let words = |text: &str| Some(text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let resource = ResourceWish { scopes: words(SCOPE), ..ResourceWish::default() };
        flows.create_resource(RESOURCE, &resource).await?;
        let app = AppWish { scopes: words(SCOPE), resources: words(RESOURCE), ..AppWish::default() };
        flows.create_app(CLIENT_ID, &app).await?;
        Ok((house, flows, vault))
    }

    fn settings(&self) -> Settings {
        let mut settings =
            Settings { issuer: "http://127.0.0.1:1".to_owned(), ..Settings::in_folder(self.folder.path()) };
        if let Some(url) = &self.url {
            settings.database.url = url.clone().into();
        }
        settings
    }

    /// The flows on its database, as an operator's command has them.
    pub(crate) async fn open(&self) -> Outcome<Flows> {
        Ok(app::open(&self.settings(), Clock::System).await?)
    }

    /// Starts the server on one core with one worker; all else is as it is by default.
    pub(crate) fn serve(&self, hallpass: &Path) -> Outcome<Running> {
        self.serve_on(SERVERS, hallpass, &[])
    }

    /// The same on any core, and with these settings besides.
    pub(crate) fn serve_on(&self, core: usize, hallpass: &Path, settings: &[&str]) -> Outcome<Running> {
        let (mut command, address, metrics) = self.command(hallpass)?;
        for setting in [&["server.workers=1"][..], settings].concat() {
            command.args(["--set", setting]);
        }
        match Server::start_on(core, &mut command, address) {
            Ok(server) => Ok(Running { server, metrics: Metrics(metrics) }),
            Err(error) => {
                let log = std::fs::read_to_string(self.log(address)).unwrap_or_default();
                Err(format!("{error}: {}", log.lines().last().unwrap_or_default()).into())
            }
        }
    }

    /// Whether the server knows a setting.
    pub(crate) fn knows(&self, hallpass: &Path, setting: &str) -> Outcome<bool> {
        let mut command = Command::new(hallpass);
        command.args(["config", "dump", "--set", setting, "--data"]).arg(self.folder.path());
        Ok(command.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success())
    }

    /// Starts the server with all its defaults, on all cores, and waits for nothing.
    pub(crate) fn serve_anywhere(&self, hallpass: &Path) -> Outcome<Server> {
        let (mut command, address, _) = self.command(hallpass)?;
        Server::start_anywhere(&mut command, address)
    }

    fn command(&self, hallpass: &Path) -> Outcome<(Command, SocketAddr, SocketAddr)> {
        let (address, metrics) = (free_address()?, free_address()?);
        let mut command = Command::new(hallpass);
        command.arg("serve").arg("--data").arg(self.folder.path());
        if let Some(url) = &self.url {
            command.env("HALLPASS_DATABASE_URL", url);
        }
        for (name, value) in [
            ("issuer", format!("http://{address}")),
            ("server.listen", address.to_string()),
            ("metrics.listen", metrics.to_string()),
            // One person signs in a thousand times a second.
            ("sign_in.rate", "0".to_owned()),
        ] {
            command.arg("--set").arg(format!("{name}={value}"));
        }
        // Logs are written, as they are by default: to a file, so that nobody has to read them meanwhile.
        command.stderr(File::create(self.log(address))?);
        Ok((command, address, metrics))
    }

    fn log(&self, address: SocketAddr) -> PathBuf {
        self.folder.path().join(format!("log-{}", address.port()))
    }

    /// A request for a token of the server at `address`, with any of the keys.
    pub(crate) fn request(&self, address: SocketAddr) -> Request {
        Request::token(address, "/oauth/token", CLIENT_ID, SCOPE, Arc::clone(&self.keys))
    }

    /// A file with all keys, one a line.
    pub(crate) fn keys_file(&self) -> Outcome<PathBuf> {
        let path = self.folder.path().join("keys.txt");
        std::fs::write(&path, self.keys.join(&b'\n'))?;
        Ok(path)
    }
}

impl Metrics {
    /// How often requests have touched the database: all calls but those of the jobs.
    pub(crate) fn store_calls(&self) -> Outcome<f64> {
        self.calls(&["find_key", "find_app"])
    }

    /// How often people's requests have: the verbs of the exchange, and those of sessions, grants, codes and families.
    pub(crate) fn sign_in_calls(&self) -> Outcome<f64> {
        self.calls(&["find_", "is_", "allow", "open_", "spend_", "mark_session_", "take_", "revoke_"])
    }

    /// The calls of the verbs that begin like one of these.
    fn calls(&self, verbs: &[&str]) -> Outcome<f64> {
        let (_, text) = client::get(self.0, "/metrics")?;
        let calls = text.lines().filter_map(|line| line.strip_prefix("hallpass_store_calls_total{verb=\""));
        let of_requests = calls.filter(|call| verbs.iter().any(|verb| call.starts_with(verb)));
        Ok(of_requests.filter_map(|call| call.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }
}
