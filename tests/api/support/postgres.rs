//! PostgreSQL: the cluster whose URL is given, else a private one that all tests of a run share.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tokio::sync::OnceCell;
use url::Url;

/// The superuser URL of a cluster that somebody else looks after.
const GIVEN: &str = "HALLPASS_TEST_POSTGRES_URL";
/// Starts a cluster and ends it when the file `alive` has not been touched for a minute.
const WATCH: &str = include_str!("postgres.sh");

/// A database that nobody else knows; dropped with the value.
#[derive(Debug)]
pub(crate) struct Fresh {
    name: String,
    url: String,
    cluster: String,
}

impl Fresh {
    pub(crate) async fn create() -> Self {
        static CLUSTER: OnceCell<String> = OnceCell::const_new();
        let cluster = CLUSTER.get_or_init(cluster).await.clone();
        let name = format!("hallpass_test_{:016x}", rand());
        execute(&cluster, &format!("CREATE DATABASE {name}")).await;
        let mut url = Url::parse(&cluster).expect("a URL");
        url.set_path(&name);
        Self { name, url: url.into(), cluster }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Cuts everyone off, as if the server were gone.
    pub(crate) async fn shut(&self) {
        let name = &self.name;
        execute(&self.cluster, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await;
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        execute(&self.cluster, &end).await;
    }

    /// Lets everyone in again.
    pub(crate) async fn reopen(&self) {
        execute(&self.cluster, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name)).await;
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let (cluster, name) = (self.cluster.clone(), self.name.clone());
        // A runtime of its own: a drop can't wait on the test's.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(execute(&cluster, &format!("DROP DATABASE {name} WITH (FORCE)")));
        });
        let _ = dropped.join();
    }
}

pub(super) async fn execute(url: &str, statement: &str) {
    let connection = connect(url).await.expect("the cluster answers");
    connection.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    let _ = connection.close().await;
}

pub(super) async fn connect(url: &str) -> Result<DatabaseConnection, sea_orm::DbErr> {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).connect_timeout(Duration::from_secs(10)).sqlx_logging(false);
    Database::connect(options).await
}

async fn cluster() -> String {
    if let Ok(given) = std::env::var(GIVEN) {
        return given;
    }
    let lock = File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres.lock")).expect("a lock file");
    lock.lock().expect("the lock");
    let folder = folder();
    let url = format!("postgres://postgres@localhost/postgres?host={}", folder.display());
    keep_alive(&folder.join("alive"));
    if connect(&url).await.is_err() {
        start(&folder);
        keep_alive(&folder.join("alive"));
        for _ in 0..600 {
            if connect(&url).await.is_ok() {
                return url;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut log = String::new();
        let _ = File::open(folder.join("log")).and_then(|mut file| file.read_to_string(&mut log));
        panic!("no PostgreSQL cluster in {}: {log}", folder.display());
    }
    url
}

/// Outside the target folder, which another account may not be able to enter; one for each target folder.
fn folder() -> PathBuf {
    let name = crc32fast::hash(env!("CARGO_TARGET_TMPDIR").as_bytes());
    std::env::temp_dir().join(format!("hallpass-postgres-{name:08x}"))
}

#[expect(clippy::zombie_processes, reason = "it goes on for the next run, and ends by itself")]
fn start(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a folder for the cluster");
    touch(&folder.join("alive"));
    let script = Command::new("setsid")
        .args(["sh", "-c", WATCH, "hallpass-postgres"])
        .arg(folder)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    script.expect("setsid and sh, to start a private PostgreSQL cluster");
}

/// Touches the file every few seconds for as long as this process lives.
fn keep_alive(path: &Path) {
    static STARTED: OnceLock<()> = OnceLock::new();
    touch(path);
    let path = path.to_owned();
    STARTED.get_or_init(|| {
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(Duration::from_secs(5));
                touch(&path);
            }
        });
    });
}

#[expect(clippy::disallowed_methods, reason = "the watcher beside the cluster goes by the machine's clock")]
fn touch(path: &Path) {
    if path.parent().is_some_and(Path::exists)
        && let Ok(file) = File::options().create(true).append(true).open(path)
    {
        let _ = file.set_modified(SystemTime::now());
    }
}

fn rand() -> u64 {
    use ring::rand::{SecureRandom, SystemRandom};
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).expect("random bytes");
    u64::from_be_bytes(bytes)
}
