//! A house to measure: a database with an app, a resource and keys, and the server on it.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use entity::api_key;
use hallpass::app;
use hallpass::clock::Clock;
use hallpass::config::Settings;
use hallpass::credential::{ApiKey, Environment, Pepper, Purpose};
use hallpass::flow::{AppWish, Flows, KeyWish, ResourceWish, Vault};
use hallpass::policy::lifetime::Expiry;
use sea_orm::{ConnectOptions, Database, EntityTrait, IntoActiveModel, TransactionTrait};
use tempfile::TempDir;

use crate::Outcome;
use crate::child::{Server, free_address};
use crate::client::{self, Key, Request};

/// The app that asks.
pub(crate) const CLIENT_ID: &str = "load";
/// What its tokens are for.
pub(crate) const RESOURCE: &str = "https://orders.example";
/// What they may do.
pub(crate) const SCOPE: &str = "orders:read orders:write";

/// Rows in one statement: SQLite takes 32 766 values at most.
const BATCH: usize = 1000;

/// A database with keys in it.
pub(crate) struct House {
    folder: TempDir,
    /// Its keys.
    pub(crate) keys: Rc<[Key]>,
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
        let folder = tempfile::Builder::new().prefix("load-").tempdir_in(target()?)?;
        let settings = settings(folder.path());
        let vault = Vault::new(&settings);
        vault.make()?;
        let flows = app::open(&settings, Clock::System).await?;
        flows.tend_ring().await?;
        let words = |text: &str| Some(text.split(' ').map(str::to_owned).collect::<Vec<_>>());
        let resource = ResourceWish { scopes: words(SCOPE), ..ResourceWish::default() };
        flows.create_resource(RESOURCE, &resource).await?;
        let app = AppWish { scopes: words(SCOPE), resources: words(RESOURCE), ..AppWish::default() };
        flows.create_app(CLIENT_ID, &app).await?;
        let keys = fill(&flows, &vault, settings.database.url.reveal(), count).await?;
        flows.store().close().await;
        Ok(Self { folder, keys: keys.into() })
    }

    /// The flows on its database, as an operator's command has them.
    pub(crate) async fn open(&self) -> Outcome<Flows> {
        Ok(app::open(&settings(self.folder.path()), Clock::System).await?)
    }

    /// Starts the server on one core with one worker; all else is as it is by default.
    pub(crate) fn serve(&self, hallpass: &Path) -> Outcome<Running> {
        let (mut command, address, metrics) = self.command(hallpass)?;
        command.args(["--set", "server.workers=1"]);
        match Server::start(&mut command, address) {
            Ok(server) => Ok(Running { server, metrics: Metrics(metrics) }),
            Err(error) => {
                let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                Err(format!("{error}: {}", log.lines().last().unwrap_or_default()).into())
            }
        }
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
        command.stderr(File::create(self.folder.path().join("log"))?);
        Ok((command, address, metrics))
    }

    /// A request for a token of the server at `address`, with any of the keys.
    pub(crate) fn request(&self, address: SocketAddr) -> Request {
        Request::token(address, "/oauth/token", CLIENT_ID, SCOPE, Rc::clone(&self.keys))
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

fn settings(folder: &Path) -> Settings {
    Settings { issuer: "http://127.0.0.1:1".to_owned(), ..Settings::in_folder(folder) }
}

/// Makes the first key as anyone does, and the rest like it, many in one statement.
async fn fill(flows: &Flows, vault: &Vault, url: &str, count: usize) -> Outcome<Vec<Key>> {
    let wish = KeyWish {
        client_id: CLIENT_ID.to_owned(),
        owner_id: None,
        name: "load".to_owned(),
        note: None,
        environment: Environment::Live,
        scopes: SCOPE.split(' ').map(str::to_owned).collect(),
        resources: None,
        networks: vec![],
        rate_limit: None,
        expiry: Expiry::Default,
    };
    let first = flows.create_key(&wish).await?;
    let peppers = flows.store().list_peppers().await?;
    let sealed = peppers.iter().find(|sealed| sealed.id == first.row.pepper_id).ok_or("no pepper")?;
    let bytes = vault.unseal(Purpose::Pepper, &sealed.id.to_string(), &sealed.sealed)??;
    let pepper = Pepper::new(sealed.id, &bytes);
    let text = |key: &ApiKey| -> Outcome<Key> { Ok(key.reveal(flows.prefix()).as_bytes().try_into()?) };
    let mut keys = vec![text(&first.key)?];
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let database = Database::connect(options).await?;
    while keys.len() < count {
        let txn = database.begin().await?;
        for _ in 0..50 {
            let minted: Vec<ApiKey> =
                (keys.len()..count).take(BATCH).map(|_| ApiKey::mint(Environment::Live)).collect();
            if minted.is_empty() {
                break;
            }
            let rows = minted.iter().map(|key| {
                let (id, secret_hash) = (key.id().to_string(), pepper.hash(key).to_vec());
                api_key::Model { id, secret_hash, ..first.row.clone() }.into_active_model()
            });
            api_key::Entity::insert_many(rows).exec_without_returning(&txn).await?;
            for key in &minted {
                keys.push(text(key)?);
            }
        }
        txn.commit().await?;
    }
    database.close().await?;
    Ok(keys)
}
