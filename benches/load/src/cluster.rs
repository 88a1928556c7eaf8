//! A private PostgreSQL: a cluster in a folder of its own, started for one part and ended with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getuid, kill_process};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use tempfile::TempDir;

use crate::Outcome;
use crate::child::{self, free_address};

/// Ticks of a process's CPU in a second, as Linux has them everywhere.
const TICKS: f64 = 100.0;
/// Who waits longer for a cluster waits in vain.
const LONGEST: Duration = Duration::from_secs(20);

/// A cluster that runs; it ends when this is dropped.
pub(crate) struct Cluster {
    postgres: Child,
    port: u16,
    /// Not below the target folder, which the account `postgres` may not be able to enter.
    _folder: TempDir,
}

impl Cluster {
    /// Makes a cluster and starts it as it is by default; `None`, and loudly, when this machine has no PostgreSQL.
    pub(crate) async fn start() -> Outcome<Option<Self>> {
        let Some(programs) = programs() else {
            eprintln!("load: NO POSTGRESQL ON THIS MACHINE: several nodes are not measured, and the table has gaps");
            return Ok(None);
        };
        child::give_way();
        let folder = tempfile::Builder::new().prefix("hallpass-load-").tempdir()?;
        let is_root = getuid().is_root();
        if is_root && !Command::new("chown").arg("postgres").arg(folder.path()).status()?.success() {
            return Err("the folder can't be given to the account postgres".into());
        }
        // initdb and postgres refuse root.
        let program = |name: &str| {
            let path = programs.join(name);
            let mut command = if is_root { Command::new("setpriv") } else { Command::new(&path) };
            if is_root {
                command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(path);
            }
            command.current_dir(folder.path()).env("LC_ALL", "C.UTF-8").stdin(Stdio::null()).stdout(Stdio::null());
            command.stderr(Stdio::null());
            command
        };
        let data = folder.path().join("data");
        let mut initdb = program("initdb");
        initdb.arg("-D").arg(&data).args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"]);
        if !initdb.status()?.success() {
            return Err("initdb failed".into());
        }
        let port = free_address()?.port();
        let mut postgres = program("postgres");
        postgres.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-p", &port.to_string()]);
        let postgres = postgres.args(["-c", "listen_addresses=127.0.0.1"]).spawn()?;
        let cluster = Self { postgres, port, _folder: folder };
        let began = Instant::now();
        while let Err(error) = cluster.execute("SELECT 1").await {
            if began.elapsed() > LONGEST {
                return Err(error);
            }
            actix_web::rt::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Some(cluster))
    }

    /// A new database; gives its URL.
    pub(crate) async fn database(&self, name: &str) -> Outcome<String> {
        self.execute(&format!("CREATE DATABASE {name}")).await?;
        Ok(self.url(name))
    }

    /// The seconds of CPU that all its processes used so far.
    pub(crate) fn cpu(&self) -> Outcome<f64> {
        let own = self.postgres.id();
        let mut ticks = 0.0;
        for entry in fs::read_dir("/proc")? {
            let Ok(text) = fs::read_to_string(entry?.path().join("stat")) else { continue };
            // Behind the name, which may hold anything: state, parent, …
            let Some((begin, rest)) = text.rsplit_once(") ") else { continue };
            let fields: Vec<f64> = rest.split(' ').map(|field| field.parse().unwrap_or_default()).collect();
            let is_first = begin.split(' ').next() == Some(&own.to_string());
            if is_first || fields.get(1) == Some(&f64::from(own)) {
                // utime stime, and of the first those of children that ended.
                ticks += fields[11..if is_first { 15 } else { 13 }].iter().sum::<f64>();
            }
        }
        Ok(ticks / TICKS)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    async fn execute(&self, statement: &str) -> Outcome<()> {
        let mut options = ConnectOptions::new(self.url("postgres"));
        options.max_connections(1).connect_timeout(Duration::from_secs(2)).sqlx_logging(false);
        let connection = Database::connect(options).await?;
        connection.execute_unprepared(statement).await?;
        connection.close().await?;
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Everyone is cut off, and it ends in order: its shared memory goes with it.
        if let Some(pid) = i32::try_from(self.postgres.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::INT);
        }
        let _ = self.postgres.wait();
    }
}

/// Where the newest PostgreSQL of this machine has its programs.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, path)| path);
    let in_path = || std::env::split_paths(&std::env::var_os("PATH")?).find(|path| path.join("initdb").is_file());
    newest.filter(|path: &PathBuf| Path::is_file(&path.join("initdb"))).or_else(in_path)
}
