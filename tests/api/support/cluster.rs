//! A PostgreSQL cluster of a test's own: one that may be killed.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::postgres::{connect, execute};
use super::signal;

/// Runs the rest of its arguments until its input ends: with the test, however that ends.
const WHILE_OPEN: &str = r#""$@" & server=$!; cat >/dev/null; kill -QUIT $server; wait $server"#;
/// How long it may take to start, after a crash too.
const PATIENCE: Duration = Duration::from_secs(30);

/// A cluster with a role and a database `hallpass`, reached by a socket in its folder; gone with the value.
pub(crate) struct Cluster {
    folder: TempDir,
    settings: Vec<String>,
    running: Option<Child>,
}

impl Cluster {
    /// A running one, with further settings such as `max_connections=20`.
    pub(crate) async fn start(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o711)).expect("a folder to pass");
        let home = folder.path().join("home");
        std::fs::create_dir(&home).expect("a folder");
        if rustix::process::geteuid().is_root() {
            let status = Command::new("chown").arg("postgres").arg(&home).status();
            assert!(status.is_ok_and(|status| status.success()), "there is no account `postgres`");
        }
        let settings = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let mut cluster = Self { folder, settings, running: None };
        let mut init = cluster.command("initdb");
        init.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "-D"]).arg(cluster.data());
        let output = tokio::task::spawn_blocking(move || init.output()).await.expect("initdb runs");
        let output = output.expect("initdb, of PostgreSQL");
        assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        cluster.restart().await;
        for statement in ["CREATE ROLE hallpass LOGIN", "CREATE DATABASE hallpass OWNER hallpass"] {
            cluster.execute(statement).await;
        }
        cluster
    }

    /// Where the socket is.
    pub(crate) fn socket(&self) -> PathBuf {
        self.home().join(".s.PGSQL.5432")
    }

    /// The URL of the database, for its owner.
    pub(crate) fn url(&self) -> String {
        format!("postgres://hallpass@localhost/hallpass?host={}", self.home().display())
    }

    /// The same over TCP: by a proxy in front.
    pub(crate) fn url_at(port: u16) -> String {
        format!("postgres://hallpass@127.0.0.1:{port}/hallpass")
    }

    /// Does something as the superuser.
    pub(crate) async fn execute(&self, statement: &str) {
        execute(&self.maintenance_url(), statement).await;
    }

    /// SIGKILL to the postmaster: nothing is said to anybody, and nothing written any more.
    pub(crate) fn kill(&mut self) {
        signal(self.postmaster(), "KILL");
        self.wait_for_the_end();
    }

    /// What operators call an immediate stop: everyone is cut off, and the next start recovers as from a crash.
    pub(crate) fn stop(&mut self) {
        signal(self.postmaster(), "QUIT");
        self.wait_for_the_end();
    }

    /// Starts it again, and again for as long as what was killed still lingers. Returns when it answers.
    pub(crate) async fn restart(&mut self) {
        let began = Instant::now();
        let mut next_start = began;
        loop {
            if Instant::now() >= next_start && !self.is_running() {
                self.running = Some(self.spawn());
                next_start = Instant::now() + Duration::from_millis(200);
            }
            if connect(&self.maintenance_url()).await.is_ok() {
                return;
            }
            let log = || std::fs::read_to_string(self.home().join("log")).unwrap_or_default();
            assert!(began.elapsed() < PATIENCE, "the cluster does not start: {}", log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn spawn(&self) -> Child {
        let mut server = self.command("postgres");
        server.arg("-D").arg(self.data()).arg("-k").arg(self.home());
        // The processes die here, not the machine: what they wrote is there without fsync.
        for setting in ["listen_addresses=", "fsync=off", "shared_buffers=16MB"] {
            server.args(["-c", setting]);
        }
        for setting in &self.settings {
            server.args(["-c", setting]);
        }
        let log = std::fs::File::options().create(true).append(true).open(self.home().join("log")).expect("a log");
        let mut shell = Command::new("sh");
        shell.args(["-c", WHILE_OPEN, "cluster"]).arg(server.get_program()).args(server.get_args());
        let shell = shell.env("LC_ALL", "C.UTF-8").current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null());
        shell.stderr(log).spawn().expect("sh, to start a PostgreSQL cluster")
    }

    fn is_running(&self) -> bool {
        self.postmaster_file().is_some_and(|id| Path::new("/proc").join(id.to_string()).exists())
    }

    fn postmaster_file(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.data().join("postmaster.pid")).ok()?;
        text.lines().next()?.parse().ok()
    }

    fn postmaster(&self) -> u32 {
        self.postmaster_file().expect("a running cluster")
    }

    fn wait_for_the_end(&mut self) {
        if let Some(mut shell) = self.running.take() {
            drop(shell.stdin.take());
            let _ = shell.wait();
        }
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn data(&self) -> PathBuf {
        self.home().join("data")
    }

    fn maintenance_url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.home().display())
    }

    /// A program of PostgreSQL; they refuse to be run by root.
    fn command(&self, name: &str) -> Command {
        let program = binaries().join(name);
        let mut command = if rustix::process::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.env("LC_ALL", "C.UTF-8").current_dir(self.home());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.wait_for_the_end();
    }
}

/// Where the newest PostgreSQL of this machine has its programs.
fn binaries() -> PathBuf {
    let version = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = installed.filter(|path| path.join("bin/postgres").exists()).max_by_key(version);
    if let Some(newest) = newest {
        return newest.join("bin");
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).find(|folder| folder.join("postgres").exists());
    found.expect("PostgreSQL is installed")
}
